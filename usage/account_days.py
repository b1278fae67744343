"""Counts of days, by account: sums over windows, the first day, the last log-in, the seats."""

from collections.abc import Collection, Iterator
from datetime import date
from functools import cached_property
from typing import Any

import numpy as np

from usage import packed, windows
from usage.asked import BUCKET, DAY_NUMBER, OWN, Asked, feature_ids
from usage.windows import Bools, Ints

DAY = DAY_NUMBER.format("day")

FEW = 16
"""Features, up to which each is looked up in the arrays of a day."""
Counted = tuple[str, Ints, Ints, Ints]
"""The key of a feature, and bucket, account and uses."""


class AccountDays:
    """Reads each part once, when it is first asked for: few queries for any number of accounts.

    `columns` of AccountDay are summed over `spans` of days, the uses of `features` over theirs.
    """

    def __init__(
        self,
        asked: Asked,
        *,
        columns: Collection[str],
        spans: Collection[int],
        features: Collection[str],
        feature_spans: Collection[int],
    ) -> None:
        self.asked = asked
        self.columns = sorted(columns)
        self.spans = spans
        self.features = sorted(features)
        self.feature_spans = feature_spans

    def summed(self, column: str, span: int) -> Ints:
        """Over the window of `span` days that ends with each day [d, n]."""
        points = self.asked.points(self.spans)
        return windows.window_sums(self._sums[column], points, self.asked.days, span)

    def uses(self, feature: str, span: int) -> Ints:
        points = self.asked.points(self.feature_spans)
        return windows.window_sums(self._feature_sums[feature], points, self.asked.days, span)

    @cached_property
    def known(self) -> Bools:
        """Whether the account's first event was on the day or before, [d, n]."""
        since = np.full(self.asked.accounts, np.iinfo(np.int64).max)
        active = self._surely_known()
        since[active] = self.asked.days[0]
        if not active.all():
            columns, first = self._first_days(self.asked.account_ids[~active])
            since[columns] = first
        return self.asked.days[:, None] >= since[None, :]

    def _surely_known(self) -> Bools:
        """Accounts with events in the window of a single day, where sums are read anyway."""
        if len(self.asked.days) > 1 or not self.spans:
            return np.zeros(self.asked.accounts, np.bool_)
        active: Bools = self._sums["active_days"][-1] > 0
        return active

    def _first_days(self, account_ids: Ints) -> list[Ints]:
        return self.asked.read(
            f"""SELECT account_id, {DAY} AS first
            FROM unnest(%(accounts)s::bigint[]) AS asked(account_id), LATERAL (
                SELECT min(day) AS day FROM usage_accountday
                WHERE workspace_id = %(workspace)s AND account_id = asked.account_id
            ) AS earliest WHERE day <= %(last)s""",
            "account_id first",
            single=True,
            accounts=packed.literal(account_ids),
        )

    @cached_property
    def _sums(self) -> dict[str, Ints]:
        """Running sums at the points by the asked columns of AccountDay, and `active_days`."""
        points = self.asked.points(self.spans)
        names = " ".join([*self.columns, "active_days"])
        summed = "".join(f"sum({name}) AS {name}, " for name in self.columns)
        columns, buckets, *values = self._by_bucket(
            f"{summed}count(*) AS active_days", "usage_accountday", names, points
        )
        shape = len(points) - 1, self.asked.accounts
        return {
            name: windows.running(windows.placed(shape, buckets, columns, numbers))
            for name, numbers in zip(names.split(), values, strict=True)
        }

    @cached_property
    def _feature_sums(self) -> dict[str, Ints]:
        """Running sums of uses at the points by the key of each asked feature."""
        points = self.asked.points(self.feature_spans)
        shape = len(points) - 1, self.asked.accounts
        ids = feature_ids(self.features)
        found = dict.fromkeys(self.features, windows.running(np.zeros(shape, np.int64)))
        read = self._columns_of if len(ids) <= FEW else self._rows_of
        for key, buckets, columns, uses in read(ids, points):
            found[key] = windows.running(windows.placed(shape, buckets, columns, uses))
        return found

    def _columns_of(self, ids: dict[str, int], points: Ints) -> Iterator[Counted]:
        """A column for each feature: to look a few up costs less than to take all apart."""
        names = [f"uses_{number}" for number in range(len(ids))]
        sums = "".join(
            f"coalesce(sum(feature_counts[array_position(feature_ids, {int(pk)}::bigint)]), 0)"
            f" AS {name}, "
            for name, pk in zip(names, ids.values(), strict=True)
        )
        columns, buckets, _days, *uses = self._by_bucket(
            f"{sums}count(*) AS days", "usage_accountday", " ".join(["days", *names]), points
        )
        for key, of_key in zip(ids, uses, strict=True):
            yield key, buckets, columns, of_key

    def _rows_of(self, ids: dict[str, int], points: Ints) -> Iterator[Counted]:
        columns, buckets, features, uses = self._by_bucket(
            "feature_id, sum(uses) AS uses",
            "usage_accountday, unnest(feature_ids, feature_counts) AS used(feature_id, uses)",
            "feature_id uses",
            points,
            "AND feature_id = ANY(%(features)s::bigint[])",
            features=packed.literal(ids.values()),
        )
        for key, pk in ids.items():
            rows = features == pk
            yield key, buckets[rows], columns[rows], uses[rows]

    def _by_bucket(
        self, values: str, table: str, names: str, points: Ints, where: str = "", **given: Any
    ) -> list[Ints]:
        grouped = ", feature_id" if where else ""
        return self.asked.read(
            f"""SELECT account_id, {BUCKET.format(DAY)} AS bucket, {values} FROM {table}
            WHERE {OWN} AND day >= %(first)s AND day <= %(last)s {where}
            GROUP BY account_id, bucket{grouped}""",
            f"account_id bucket {names}",
            points=packed.literal(points),
            first=date.fromordinal(int(points[0])),
            **given,
        )

    @cached_property
    def last_login(self) -> Ints:
        """The last day with a log-in up to each day [d, n]; NEVER where there was none."""
        first = date.fromordinal(int(self.asked.days[0]))
        columns, days = self.asked.read(
            f"""SELECT account_id, {DAY} AS day
            FROM unnest(%(accounts)s::bigint[]) AS asked(account_id), LATERAL (
                SELECT max(day) AS day FROM usage_accountday
                WHERE workspace_id = %(workspace)s AND account_id = asked.account_id
                AND day <= %(first)s AND logins > 0
            ) AS latest WHERE day IS NOT NULL""",
            "account_id day",
            single=True,
            first=first,
        )
        initial = np.full(self.asked.accounts, windows.NEVER, np.int64)
        initial[columns] = days
        columns, days = self._later_logins(first)
        return windows.latest(initial, columns, days, self.asked.days)

    def _later_logins(self, first: date) -> list[Ints]:
        """The last one between two of the days."""
        if len(self.asked.days) == 1:
            return [np.zeros(0, np.int64)] * 2
        return self.asked.read(
            f"""SELECT account_id, max({DAY}) AS day FROM usage_accountday
            WHERE {OWN} AND day > %(first)s AND day <= %(last)s AND logins > 0
            GROUP BY account_id, width_bucket({DAY} - 1, %(days)s::int[])""",
            "account_id day",
            first=first,
            days=packed.literal(self.asked.days),
        )

    @cached_property
    def seats(self) -> Ints:
        """The seats in force on each day [d, n]; −1 where none are known."""
        columns, days, seats = self.asked.read(
            f"""SELECT account_id, {DAY_NUMBER.format("from_day")} AS day, seats
            FROM accounts_seatchange WHERE {OWN} AND from_day <= %(last)s
            ORDER BY from_day""",
            "account_id day seats",
        )
        return windows.as_of(columns, days, seats, self.asked.days, self.asked.accounts)
