"""What was recorded of some accounts' activity, as arrays. Days are ordinals."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any, Literal

import numpy as np

from accounts.tenancy import current_workspace_id
from usage import packed, windows
from usage.windows import Bools, Ints

DAY_NUMBER = "({} - DATE '0001-01-01' + 1)"
BUCKET = "width_bucket({}, %(points)s::int[]) - 1"
OWN = "workspace_id = %(workspace)s AND account_id = ANY(%(accounts)s::bigint[])"
MASKS = {"active": "active_days", "login": "login_days"}
LAST_DAYS = {"active": "last_seen_on", "login": "last_login_on"}

Kind = Literal["active", "login"]
MANY = 200
"""Accounts, from which on pages are read in their order."""
LATER = -1
"""The bucket of users who were active after the last day."""


@dataclass(frozen=True)
class UserDays:
    """Days on which users were active, ordered by user and day; `columns` are the accounts."""

    columns: Ints
    users: Ints
    days: Ints


class Activity:
    """Reads each part once, when it is first asked for: few queries for any number of accounts."""

    def __init__(
        self,
        account_ids: Sequence[int],
        days: Ints,
        *,
        spans: set[int],
        features: set[str],
        tracked: list[str],
        columns: set[str] | None,
    ) -> None:
        self.account_ids = np.asarray(account_ids, np.int64)
        self.days = days
        self.spans = sorted(spans | {1})
        self.features = sorted(features.union(tracked))
        self.tracked = tracked
        self.summed = columns is not None
        self.columns = sorted(columns or ())
        self.points = windows.points_of(days, self.spans)
        self.order = np.argsort(self.account_ids)
        self.users: dict[Kind, UserDays] = {}
        self.counted: dict[Kind, dict[int, Ints]] = {}

    @property
    def accounts(self) -> int:
        return len(self.account_ids)

    def read(self, select: str, names: str, **parameters: Any) -> list[Ints]:
        """The named columns; the first one, account ids, as places in `account_ids`."""
        shared = {
            "workspace": current_workspace_id(),
            "accounts": packed.literal(self.account_ids),
            "points": packed.literal(self.points),
            "first": date.fromordinal(int(self.points[0])),
            "last": date.fromordinal(int(self.days[-1])),
        }
        ids, *values = packed.columns(
            select, shared | parameters, names, by_page=self.accounts >= MANY
        )
        places = self.order[np.searchsorted(self.account_ids, ids, sorter=self.order)]
        return [places, *values]

    @cached_property
    def known(self) -> Bools:
        """Whether the account's first event was on the day or before, [d, n]."""
        since = np.full(self.accounts, np.iinfo(np.int64).max)
        active = self.active_in_window()
        since[active] = self.days[0]
        if not active.all():
            columns, first = self.first_days(self.account_ids[~active])
            since[columns] = first
        return self.days[:, None] >= since[None, :]

    def active_in_window(self) -> Bools:
        """Accounts that were surely known on a single day, where sums are read anyway."""
        if len(self.days) > 1 or not self.summed:
            return np.zeros(self.accounts, np.bool_)
        active: Bools = self.sums["active_days"][-1] > 0
        return active

    def first_days(self, account_ids: Ints) -> list[Ints]:
        return self.read(
            f"""SELECT account_id, {DAY_NUMBER.format("day")} AS first
            FROM unnest(%(accounts)s::bigint[]) AS asked(account_id), LATERAL (
                SELECT min(day) AS day FROM usage_accountday
                WHERE workspace_id = %(workspace)s AND account_id = asked.account_id
            ) AS earliest WHERE day <= %(last)s""",
            "account_id first",
            accounts=packed.literal(account_ids),
        )

    @cached_property
    def sums(self) -> dict[str, Ints]:
        """Running sums at the points by the asked columns of AccountDay, and `active_days`."""
        names = " ".join([*self.columns, "active_days"])
        summed = "".join(f"sum({name}) AS {name}, " for name in self.columns)
        bucket = BUCKET.format(DAY_NUMBER.format("day"))
        columns, buckets, *values = self.read(
            f"""SELECT account_id, {bucket} AS bucket, {summed}count(*) AS active_days
            FROM usage_accountday WHERE {OWN} AND day >= %(first)s AND day <= %(last)s
            GROUP BY account_id, bucket""",
            f"account_id bucket {names}",
        )
        shape = (len(self.points) - 1, self.accounts)
        return {
            name: windows.running(windows.placed(shape, buckets, columns, numbers))
            for name, numbers in zip(names.split(), values, strict=True)
        }

    @cached_property
    def feature_sums(self) -> dict[str, Ints]:
        """Running sums of uses at the points by the key of each asked feature."""
        bucket = BUCKET.format(DAY_NUMBER.format("day"))
        columns, buckets, numbers, uses = self.read(
            f"""SELECT account_id, {bucket} AS bucket, position, sum(uses) AS uses
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
        )
        shape = (len(self.points) - 1, self.accounts)
        found = {}
        for position, key in enumerate(self.features, start=1):
            rows = numbers == position
            dense = windows.placed(shape, buckets[rows], columns[rows], uses[rows])
            found[key] = windows.running(dense)
        return found

    def distinct(self, kind: Kind, span: int) -> Ints:
        """Distinct users [d, n] over the window of `span` days that ends with each day."""
        if len(self.days) == 1:
            if kind not in self.counted:
                self.counted[kind] = self.counted_on_last_day(kind)
            return self.counted[kind][span]
        days = self.user_days(kind)
        return windows.distinct(
            days.columns, days.users, days.days, days=self.days, accounts=self.accounts, window=span
        )

    def counted_on_last_day(self, kind: Kind) -> dict[int, Ints]:
        """For a single day the last active day of each user is enough, and for most it is stored;
        only those who were active after the day are looked up in their months."""
        column = LAST_DAYS[kind]
        columns, buckets, users = self.read(
            f"""SELECT account_id, CASE WHEN {column} > %(last)s THEN {LATER}
                ELSE {BUCKET.format(DAY_NUMBER.format(column))} END AS bucket, count(*) AS users
            FROM usage_enduser
            WHERE {OWN} AND {column} >= %(first)s AND first_seen_on <= %(last)s
            GROUP BY 1, 2""",
            "account_id bucket users",
        )
        shape = len(self.points) - 1, self.accounts
        later = buckets == LATER
        dense = windows.placed(shape, buckets[~later], columns[~later], users[~later])
        if later.any():
            dense += windows.placed(shape, *self.counted_by_month(kind, np.unique(columns[later])))
        before = windows.running(dense)
        return {
            span: windows.window_sums(before, self.points, self.days, span) for span in self.spans
        }

    def counted_by_month(self, kind: Kind, places: Ints) -> tuple[Ints, Ints, Ints]:
        """Buckets, accounts and users, of those who were active after the last day as well."""
        mask = f"(m.{MASKS[kind]} & CASE WHEN m.month = %(month)s THEN %(upto)s ELSE -1 END)"
        highest = f"m.month + 32 - position(B'1' IN {mask}::bit(32))"
        last = date.fromordinal(int(self.days[-1]))
        columns, buckets, users = self.read(
            f"""SELECT account_id, {BUCKET.format(DAY_NUMBER.format("day"))} AS bucket,
                count(*) AS users
            FROM (
                SELECT m.account_id, max({highest}) AS day
                FROM usage_enduser AS u JOIN usage_usermonth AS m
                ON m.workspace_id = u.workspace_id AND m.account_id = u.account_id
                AND m.end_user_id = u.id
                WHERE u.workspace_id = %(workspace)s
                AND u.account_id = ANY(%(accounts)s::bigint[])
                AND u.{LAST_DAYS[kind]} > %(last)s AND u.first_seen_on <= %(last)s
                AND m.month >= date_trunc('month', %(first)s::date) AND m.month <= %(last)s
                AND {mask} <> 0
                GROUP BY m.account_id, m.end_user_id
            ) AS latest WHERE day >= %(first)s
            GROUP BY account_id, bucket""",
            "account_id bucket users",
            accounts=packed.literal(self.account_ids[places]),
            month=last.replace(day=1),
            upto=(1 << last.day) - 1,
        )
        return buckets, columns, users

    def user_days(self, kind: Kind) -> UserDays:
        if kind not in self.users:
            columns, users, months, masks = self.read(
                f"""SELECT account_id, end_user_id, {DAY_NUMBER.format("month")} AS first,
                    {MASKS[kind]} AS mask
                FROM usage_usermonth WHERE {OWN} AND {MASKS[kind]} <> 0
                AND month >= date_trunc('month', %(first)s::date) AND month <= %(last)s""",
                "account_id end_user_id first mask",
            )
            order = np.lexsort((months, users))
            rows, offsets = windows.bits(masks[order])
            rows = order[rows]
            self.users[kind] = UserDays(columns[rows], users[rows], months[rows] + offsets)
        return self.users[kind]

    @cached_property
    def user_day_sums(self) -> Ints:
        """Running sums at the points of the daily distinct users."""
        active = self.user_days("active")
        buckets = np.searchsorted(self.points, active.days, side="right") - 1
        inside = (buckets >= 0) & (buckets < len(self.points) - 1)
        places, columns = buckets[inside], active.columns[inside]
        shape = (len(self.points) - 1, self.accounts)
        counts = np.bincount(places * shape[1] + columns, minlength=shape[0] * shape[1])
        return windows.running(counts.reshape(shape))

    @cached_property
    def last_login(self) -> Ints:
        """The last day with a log-in up to each day [d, n]; NEVER where there was none."""
        columns, days = self.read(
            f"""SELECT account_id, {DAY_NUMBER.format("day")} AS day
            FROM unnest(%(accounts)s::bigint[]) AS asked(account_id), LATERAL (
                SELECT max(day) AS day FROM usage_accountday
                WHERE workspace_id = %(workspace)s AND account_id = asked.account_id
                AND day <= %(as_of)s AND logins > 0
            ) AS latest WHERE day IS NOT NULL""",
            "account_id day",
            as_of=date.fromordinal(int(self.days[0])),
        )
        initial = np.full(self.accounts, windows.NEVER, np.int64)
        initial[columns] = days
        marked = np.zeros((len(self.days), self.accounts), np.bool_)
        if len(self.days) > 1:
            marked = windows.window_sums(self.sums["logins"], self.points, self.days, 1) > 0
        return windows.latest(initial, marked, self.days)

    @cached_property
    def seats(self) -> Ints:
        """The seats in force on each day [d, n]; −1 where none are known."""
        columns, days, seats = self.read(
            f"""SELECT account_id, {DAY_NUMBER.format("from_day")} AS day, seats
            FROM accounts_seatchange WHERE {OWN} AND from_day <= %(last)s
            ORDER BY from_day""",
            "account_id day seats",
        )
        return windows.as_of(columns, days, seats, self.days, self.accounts)
