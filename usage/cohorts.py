"""Adoption: accounts by the month in which they began, over the months of their life."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from accounts.tenancy import current_workspace_id
from usage import packed, windows
from usage.days import month_of, months_between, next_month
from usage.measures import Measure, measured
from usage.windows import Bools, Ints

MONTHS = 12
SLICE = 2000

# Months are counted from the year 0, so that a month of life is a difference.
MONTH_NUMBER = "(extract(year FROM {0}) * 12 + extract(month FROM {0}) - 1)::bigint"

BEGAN = f"""
SELECT id AS account_id, {MONTH_NUMBER.format("began")} AS month FROM (
    SELECT id, coalesce(created_on, (
        SELECT min(day) FROM usage_accountday
        WHERE workspace_id = %(workspace)s AND account_id = asked.id
    )) AS began
    FROM accounts_account AS asked
    WHERE workspace_id = %(workspace)s AND id = ANY(%(accounts)s::bigint[])
) AS accounts
WHERE began >= %(first)s AND began <= %(last)s
ORDER BY id
"""

ACTIVE = f"""
SELECT account_id, {MONTH_NUMBER.format("month")} AS month, count(*) AS users
FROM usage_usermonth
WHERE workspace_id = %(workspace)s AND account_id = ANY(%(accounts)s::bigint[])
AND month >= %(first)s AND month <= %(last)s
AND active_days & CASE WHEN month = %(current)s THEN %(upto)s ELSE -1 END <> 0
GROUP BY account_id, month
"""


@dataclass(frozen=True, slots=True)
class LifeMonth:
    """A calendar month of the accounts of a cohort; `number` is 0 for the one they began in.

    `active_users` are those of all the accounts, each counted once at an account; per account they
    are not known in the months before anything came of any cohort. `mean` is that of the measure
    at the end of the month over the accounts of which it is known, in ten-thousandths, None where
    there is none. The month that is not `over` ends on the day asked.
    """

    number: int
    active_users: int
    users_per_account: int | None
    mean: int | None
    over: bool


@dataclass(frozen=True, slots=True)
class Cohort:
    """The accounts that began in a month, however they fared; `life` up to the day asked."""

    month: date
    accounts: int
    life: tuple[LifeMonth, ...]


def cohorts(
    *,
    account_ids: Sequence[int],
    as_of: date,
    months: int = MONTHS,
    measure: Measure | None = None,
) -> list[Cohort]:
    """Of the last months, the oldest first: an account begins with `created_on`, else with its
    first event. In bounded memory."""
    calendar = _calendar(as_of, months)
    totals = _Totals(calendar)
    for start in range(0, len(account_ids), SLICE):
        _add(totals, account_ids[start : start + SLICE], as_of, measure)
    return totals.cohorts(as_of)


def _calendar(as_of: date, months: int) -> list[date]:
    """The last months up to that of the day."""
    number = as_of.year * 12 + as_of.month - months
    first = date(max(number // 12, 1), number % 12 + 1, 1)
    return list(months_between(first, as_of))


class _Totals:
    """Sums [cohort, calendar month]: both are places in `calendar`."""

    def __init__(self, calendar: Sequence[date]) -> None:
        self.calendar = calendar
        size = len(calendar)
        self.accounts = np.zeros(size, np.int64)
        self.users = np.zeros((size, size), np.int64)
        self.sums = np.zeros((size, size), np.int64)
        self.known = np.zeros((size, size), np.int64)

    @property
    def first_number(self) -> int:
        return self.calendar[0].year * 12 + self.calendar[0].month - 1

    def add_measured(self, cohort: Ints, values: Ints, known: Bools) -> None:
        """Values [calendar month, account]."""
        for month in range(len(self.calendar)):
            np.add.at(self.sums[:, month], cohort, values[month])
            np.add.at(self.known[:, month], cohort, known[month])

    def cohorts(self, as_of: date) -> list[Cohort]:
        return [
            Cohort(
                month,
                int(self.accounts[place]),
                tuple(
                    self._life(place, later, as_of) for later in range(place, len(self.calendar))
                ),
            )
            for place, month in enumerate(self.calendar)
        ]

    @property
    def first_seen(self) -> int:
        """The place of the first month with users."""
        seen = self.users.any(axis=0)
        return int(seen.argmax()) if seen.any() else len(self.calendar)

    def _life(self, cohort: int, month: int, as_of: date) -> LifeMonth:
        users = int(self.users[cohort, month])
        accounts = int(self.accounts[cohort]) if month >= self.first_seen else 0
        return LifeMonth(
            number=month - cohort,
            active_users=users,
            users_per_account=_ratio(users * windows.SCALE, accounts),
            mean=_ratio(int(self.sums[cohort, month]), int(self.known[cohort, month])),
            over=next_month(self.calendar[month]) <= as_of + timedelta(days=1),
        )


def _ratio(dividend: int, divisor: int) -> int | None:
    """Half up."""
    return (2 * dividend + divisor) // (2 * divisor) if divisor else None


def _add(totals: _Totals, account_ids: Sequence[int], as_of: date, measure: Measure | None) -> None:
    given = {
        "workspace": current_workspace_id(),
        "first": totals.calendar[0],
        "last": as_of,
        "current": month_of(as_of),
        "upto": (1 << as_of.day) - 1,
    }
    began = packed.columns(
        BEGAN, given | {"accounts": packed.literal(account_ids)}, "account_id month"
    )
    accounts, cohort = began[0], began[1] - totals.first_number
    np.add.at(totals.accounts, cohort, 1)
    columns, months, users = packed.columns(
        ACTIVE, given | {"accounts": packed.literal(accounts)}, "account_id month users"
    )
    places = cohort[np.searchsorted(accounts, columns)]
    np.add.at(totals.users, (places, months - totals.first_number), users)
    if measure is not None:
        ends = [min(next_month(month) - timedelta(days=1), as_of) for month in totals.calendar]
        ((values, known),) = measured(account_ids=accounts.tolist(), days=ends, requests=[measure])
        totals.add_measured(cohort, values, known)
