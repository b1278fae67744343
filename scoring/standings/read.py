"""The standings of all accounts on some days, as they are at this moment: what was packed, and over it
what was evaluated since."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date

import numpy as np

from accounts.models import Account
from accounts.tenancy import tenant_rows
from scoring.engine.fixed import Int64
from scoring.standings.evaluated import DAY, joined, read_evaluated, since
from scoring.standings.packed import DayStandings, unpack

# Before the parts are read, so that what is packed meanwhile is at most read twice.
CHANGES = """
SELECT first_day, last_day, account_ids FROM scoring_standingschange
WHERE workspace_id = %(workspace)s AND scorecard_id = %(scorecard)s
  AND last_day >= %(first)s AND first_day <= %(last)s
"""
PARTS = """
SELECT day, metric, packed FROM scoring_standingspart
WHERE workspace_id = %(workspace)s AND scorecard_id = %(scorecard)s
  AND day = ANY(%(days)s) AND metric = ANY(%(metrics)s)
"""
WHOLE = ""
"""The part with the bands and scores."""

Parts = dict[tuple[date, str], memoryview]


@dataclass(frozen=True)
class Change:
    first: date
    last: date
    ids: Int64

    def touches(self, day: date, today: date) -> bool:
        return self.first <= day and self.last >= since(day, today)


def change_of(first: date, last: date, account_ids: memoryview) -> Change:
    return Change(first, last, np.frombuffer(account_ids, "<i8").astype(np.int64))


def read_changes(scorecard_id: int, first: date, last: date) -> list[Change]:
    found = tenant_rows(CHANGES, scorecard=scorecard_id, first=first, last=last)
    return [change_of(*row) for row in found]


def changed_on(changes: Iterable[Change], day: date, today: date) -> Int64:
    """Accounts that were evaluated since the day was packed."""
    return joined([change.ids for change in changes if change.touches(day, today)])


def read_parts(
    scorecard_id: int, days: Collection[date], metrics: Collection[str] = (WHOLE,)
) -> Parts:
    found = tenant_rows(PARTS, scorecard=scorecard_id, days=list(days), metrics=list(metrics))
    return {(day, metric): packed for day, metric, packed in found}


def read_days(
    scorecard_id: int, days: Collection[date], *, today: date
) -> dict[date, DayStandings | None]:
    """None of a day that was not packed."""
    changes = read_changes(scorecard_id, min(days) - DAY, max(days))
    wanted = {*days, today - DAY} if today in days else set(days)
    parts = read_parts(scorecard_id, wanted)
    found = {day: base_of(parts, day, today) for day in days}
    changed = {
        day: changed_on(changes, day, today) for day, base in found.items() if base is not None
    }
    new = read_evaluated(scorecard_id, changed, today=today)
    return {
        day: None
        if base is None
        else base.replaced(changed[day], new.get(day, DayStandings.empty()))
        for day, base in found.items()
    }


def base_of(parts: Parts, day: date, today: date) -> DayStandings | None:
    """Of today also what was packed of yesterday: what came since is told beside it."""
    for packed_on in (day, since(day, today)):
        if (packed_on, WHOLE) in parts:
            return unpack(parts[packed_on, WHOLE], packed_on).since(since(day, today))
    return None


def account_ids() -> Int64:
    """Of all accounts, ascending."""
    found = Account.objects.order_by("pk").values_list("pk", flat=True)
    return np.fromiter(found.iterator(chunk_size=50_000), np.int64)
