"""Counts of days, by account: sums over windows, the first day, the last log-in, the seats."""

from collections.abc import Collection
from datetime import date
from functools import cached_property

import numpy as np

from usage import packed, windows
from usage.asked import BUCKET, DAY_NUMBER, OWN, Asked
from usage.windows import Bools, Ints

DAY = DAY_NUMBER.format("day")


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
        columns, buckets, *values = self.asked.read(
            f"""SELECT account_id, {BUCKET.format(DAY)} AS bucket, {summed}count(*) AS active_days
            FROM usage_accountday WHERE {OWN} AND day >= %(first)s AND day <= %(last)s
            GROUP BY account_id, bucket""",
            f"account_id bucket {names}",
            points=packed.literal(points),
            first=date.fromordinal(int(points[0])),
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
        columns, buckets, numbers, uses = self.asked.read(
            f"""SELECT account_id, {BUCKET.format(DAY)} AS bucket, position, sum(uses) AS uses
            FROM usage_accountday, unnest(feature_ids, feature_counts) AS used(feature_id, uses)
            JOIN (
                SELECT id, position FROM usage_feature
                JOIN unnest(%(features)s::text[]) WITH ORDINALITY AS asked(key, position)
                USING (key) WHERE workspace_id = %(workspace)s
            ) AS wanted ON id = feature_id
            WHERE {OWN} AND day >= %(first)s AND day <= %(last)s
            GROUP BY account_id, bucket, position""",
            "account_id bucket position uses",
            features=self.features,
            points=packed.literal(points),
            first=date.fromordinal(int(points[0])),
        )
        shape = len(points) - 1, self.asked.accounts
        found = {}
        for position, key in enumerate(self.features, start=1):
            rows = numbers == position
            dense = windows.placed(shape, buckets[rows], columns[rows], uses[rows])
            found[key] = windows.running(dense)
        return found

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
