"""Events taken back, as if they had never come."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from accounts.services.stale import mark_stale_from
from accounts.tenancy import tenant_rows
from usage.days import DAY, month_of, next_month, start_of
from usage.services.recount import counted_from, recount_months, stopped_workspace
from usage.services.store import texts

KNOWN = """
SELECT event_id, occurred_on FROM usage_eventkey
WHERE workspace_id = %(workspace)s AND event_id = ANY(%(ids)s::text[])
"""

TAKE = """
DELETE FROM usage_usageevent WHERE workspace_id = %(workspace)s
    AND occurred_at >= %(since)s AND occurred_at < %(until)s AND event_id = ANY(%(ids)s::text[])
RETURNING event_id, account_id, occurred_at
"""

FORGET = """
DELETE FROM usage_eventkey
WHERE workspace_id = %(workspace)s AND event_id = ANY(%(ids)s::text[])
"""


@dataclass(frozen=True)
class Withdrawn:
    """`unknown`: never accepted, withdrawn before, older than what is kept, or of another day."""

    withdrawn: int
    unknown: int


def withdraw_events(*, days: Mapping[str, date | None], moment: datetime) -> Withdrawn:
    """The events with these ids; where a day is given, only if they happened on it."""
    workspace = stopped_workspace()
    earliest = counted_from(workspace)
    ids_by_month: dict[date, list[str]] = defaultdict(list)
    for event_id, day in tenant_rows(KNOWN, ids=texts(days)):
        # The day of the key may be of a time zone that the workspace had before.
        told = days[event_id] or day
        if abs(day - told) <= DAY:
            ids_by_month[month_of(day)].append(event_id)
    taken: list[tuple[str, int, date]] = []
    for month, ids in ids_by_month.items():
        since = start_of(max(month - DAY, earliest), workspace.zone)
        until = start_of(next_month(month) + DAY, workspace.zone)
        taken += [
            (event_id, account_id, workspace.day_of(at))
            for event_id, account_id, at in tenant_rows(
                TAKE, ids=texts(ids), since=since, until=until
            )
        ]
    if taken:
        tenant_rows(FORGET, ids=texts(event_id for event_id, _account, _day in taken))
        mark_stale_from(from_days=_recounted(taken), moment=moment)
    return Withdrawn(len(taken), len(days) - len(taken))


def _recounted(taken: list[tuple[str, int, date]]) -> dict[int, date]:
    accounts: dict[date, set[int]] = defaultdict(set)
    for _event_id, account_id, day in taken:
        accounts[month_of(day)].add(account_id)
    return recount_months(accounts)
