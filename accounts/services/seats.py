"""License history: the seats that an account has from a day on."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.errors import InvalidInput, Problem
from accounts.inputs import SeatRow
from accounts.models import Account, User
from accounts.services.stale import mark_stale_from
from accounts.tenancy import tenant_rows

SET = """
INSERT INTO accounts_seatchange AS known (workspace_id, account_id, from_day, seats)
SELECT %(workspace)s, account_id, from_day, seats
FROM unnest(%(accounts)s::bigint[], %(days)s::date[], %(seats)s::int[])
    AS told(account_id, from_day, seats)
ORDER BY account_id, from_day
ON CONFLICT (workspace_id, account_id, from_day) DO UPDATE SET seats = excluded.seats
WHERE known.seats <> excluded.seats
RETURNING account_id, from_day, xmax = 0
"""

CURRENT = """
SELECT DISTINCT ON (account_id) account_id, seats FROM accounts_seatchange
WHERE workspace_id = %(workspace)s AND account_id = ANY(%(accounts)s::bigint[])
  AND from_day <= %(as_of)s
ORDER BY account_id, from_day DESC
"""


@dataclass(frozen=True)
class SeatsSet:
    created: int
    updated: int
    unchanged: int


def set_seats(*, rows: list[SeatRow], as_of: date, by: User | None, moment: datetime) -> SeatsSet:
    """Store the history by account and day, all or, with InvalidInput, none."""
    with transaction.atomic():
        ids = _known(rows)
        told = {(ids[row.account], row.from_): row.seats for row in rows}
        written = _store(told)
        from_days: dict[int, date] = {}
        for account_id, day, _is_new in written:
            if day <= as_of:
                from_days[account_id] = min(day, from_days.get(account_id, day))
        mark_stale_from(from_days=from_days, moment=moment)
    created = sum(is_new for _account_id, _day, is_new in written)
    return SeatsSet(created, len(written) - created, len(rows) - len(written))


def change_seats(*, seats: Mapping[int, int], as_of: date) -> set[int]:
    """The seats by account id from `as_of` on, where they are others than before."""
    if not seats:
        return set()
    current = dict(tenant_rows(CURRENT, accounts=list(seats), as_of=as_of))
    changed = {
        (account_id, as_of): number
        for account_id, number in seats.items()
        if current.get(account_id) != number
    }
    return {account_id for account_id, _day, _is_new in _store(changed)}


def _known(rows: list[SeatRow]) -> dict[str, int]:
    keys = {row.account for row in rows}
    ids = dict(Account.objects.filter(key__in=keys).values_list("key", "id"))
    problems: list[Problem] = []
    seen: dict[tuple[str, date], int] = {}
    for index, row in enumerate(rows):
        if row.account not in ids:
            message = _("There is no account with the key “%(key)s”.") % {"key": row.account}
            problems.append(Problem(f"seats[{index}].account", message))
        first = seen.setdefault((row.account, row.from_), index)
        if first != index:
            message = _("The same account and day stand in seats[%(first)s].") % {"first": first}
            problems.append(Problem(f"seats[{index}].from", message))
    if problems:
        raise InvalidInput(problems)
    return ids


def _store(told: Mapping[tuple[int, date], int]) -> list[tuple[int, date, bool]]:
    if not told:
        return []
    return tenant_rows(
        SET,
        accounts=[account_id for account_id, _day in told],
        days=[day for _account_id, day in told],
        seats=list(told.values()),
    )
