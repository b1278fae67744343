"""Who was active on which days: distinct users, how often they come, who uses features."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any, Literal

import numpy as np

from usage import packed, windows
from usage.asked import BUCKET, DAY_NUMBER, OWN, Asked
from usage.windows import Ints

MASKS = {"active": "active_days", "login": "login_days"}
LAST_DAYS = {"active": "last_seen_on", "login": "last_login_on"}

Kind = Literal["active", "login"]
Part = Literal["active", "login", "days", "features"]
"""Distinct users of each kind; active users by day; users of features."""

LATER = -1
"""The bucket of users who were active after the last day."""

MONTH = DAY_NUMBER.format("month")
MONTHS = "month >= date_trunc('month', %(first)s::date) AND month <= %(last)s"


@dataclass(frozen=True)
class UserDays:
    """Days on which users were active, ordered by user and day; `columns` are the accounts."""

    columns: Ints
    users: Ints
    days: Ints


class People:
    """Reads each part once, when it is first asked for: few queries for any number of accounts.

    `spans` are the windows that each part is asked for, `features` the named ones; `all_features`
    where a request names none.
    """

    def __init__(
        self,
        asked: Asked,
        *,
        spans: Mapping[Part, Collection[int]],
        features: Collection[str],
        all_features: bool,
    ) -> None:
        self.asked = asked
        self.spans = spans
        self.features = sorted(features)
        self.all_features = all_features
        self._counted: dict[Kind, dict[int, Ints]] = {}
        self._days: dict[Kind, UserDays] = {}
        self._used: dict[tuple[str, ...], UserDays] = {}

    def distinct(self, kind: Kind, span: int) -> Ints:
        """Distinct users [d, n] over the window of `span` days that ends with each day."""
        if len(self.asked.days) > 1:
            return self._within(self._user_days(kind), span)
        if kind not in self._counted:
            self._counted[kind] = self._counted_on_last_day(kind)
        return self._counted[kind][span]

    def frequent(self, least: int, span: int, lasting: int) -> Ints:
        """Users [d, n] with at least so many active days, the last one within `lasting` days."""
        return self._within(self._user_days("active"), span, least, lasting)

    def users_of(self, features: tuple[str, ...], span: int) -> Ints:
        """Distinct users [d, n] of any of the features; none named = all."""
        named = tuple(sorted(set(features)))
        if named not in self._used:
            self._used[named] = self._users_of(named)
        return self._within(self._used[named], span)

    def daily(self, span: int) -> Ints:
        """Sums [d, n] of the daily distinct users."""
        points = self.asked.points(self.spans["days"])
        return windows.window_sums(self._daily, points, self.asked.days, span)

    def _within(
        self, days: UserDays, span: int, least: int = 1, lasting: int | None = None
    ) -> Ints:
        return windows.distinct(
            days.columns,
            days.users,
            days.days,
            days=self.asked.days,
            accounts=self.asked.accounts,
            window=span,
            least=least,
            lasting=lasting,
        )

    def _counted_on_last_day(self, kind: Kind) -> dict[int, Ints]:
        """For a single day the last active day of each user is enough, and for most it is stored;
        only those who were active after the day are looked up in their months."""
        column, points = LAST_DAYS[kind], self.asked.points(self.spans[kind])
        given = {
            "points": packed.literal(points),
            "first": date.fromordinal(int(points[0])),
        }
        columns, buckets, users = self.asked.read(
            f"""SELECT account_id, CASE WHEN {column} > %(last)s THEN {LATER}
                ELSE {BUCKET.format(DAY_NUMBER.format(column))} END AS bucket, count(*) AS users
            FROM usage_enduser
            WHERE {OWN} AND {column} >= %(first)s AND first_seen_on <= %(last)s
            GROUP BY 1, 2""",
            "account_id bucket users",
            **given,
        )
        shape = len(points) - 1, self.asked.accounts
        later = buckets == LATER
        dense = windows.placed(shape, buckets[~later], columns[~later], users[~later])
        if later.any():
            places = self.asked.account_ids[np.unique(columns[later])]
            dense += windows.placed(shape, *self._counted_by_month(kind, places, given))
        before = windows.running(dense)
        return {
            span: windows.window_sums(before, points, self.asked.days, span)
            for span in self.spans[kind]
        }

    def _counted_by_month(
        self, kind: Kind, account_ids: Ints, given: dict[str, Any]
    ) -> tuple[Ints, Ints, Ints]:
        """Buckets, accounts and users, of those who were active after the last day as well."""
        mask = f"(m.{MASKS[kind]} & CASE WHEN m.month = %(month)s THEN %(upto)s ELSE -1 END)"
        highest = f"m.month + 32 - position(B'1' IN {mask}::bit(32))"
        last = self.asked.last
        columns, buckets, users = self.asked.read(
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
            **given,
            accounts=packed.literal(account_ids),
            month=last.replace(day=1),
            upto=(1 << last.day) - 1,
        )
        return buckets, columns, users

    def _user_days(self, kind: Kind) -> UserDays:
        if kind not in self._days:
            found = self.asked.read(
                f"""SELECT account_id, end_user_id, {MONTH} AS first, {MASKS[kind]} AS mask
                FROM usage_usermonth WHERE {OWN} AND {MASKS[kind]} <> 0 AND {MONTHS}""",
                "account_id end_user_id first mask",
                first=self.asked.first(self._reach(kind)),
            )
            self._days[kind] = UserDays(*windows.merged(*found))
        return self._days[kind]

    def _reach(self, kind: Kind) -> int:
        """The longest window that days of users are read for: on a single day few are."""
        parts: list[Part] = [kind] if len(self.asked.days) > 1 else []
        parts += ["days"] if kind == "active" else []
        return max(span for part in parts for span in self.spans[part])

    @cached_property
    def _daily(self) -> Ints:
        """Running sums at the points of the daily distinct users."""
        points, active = self.asked.points(self.spans["days"]), self._user_days("active")
        buckets = np.searchsorted(points, active.days, side="right") - 1
        inside = (buckets >= 0) & (buckets < len(points) - 1)
        places, columns = buckets[inside], active.columns[inside]
        shape = (len(points) - 1, self.asked.accounts)
        counts = np.bincount(places * shape[1] + columns, minlength=shape[0] * shape[1])
        return windows.running(counts.reshape(shape))

    def _users_of(self, named: tuple[str, ...]) -> UserDays:
        positions, rows = self._feature_months
        if named:
            places = [place for place, key in enumerate(self.features, 1) if key in named]
            chosen = np.isin(positions, places)
            rows = [column[chosen] for column in rows]
        return UserDays(*windows.merged(*rows))

    @cached_property
    def _feature_months(self) -> tuple[Ints, list[Ints]]:
        """The position of the feature, and account, user, month and mask."""
        joined = "LEFT JOIN" if self.all_features else "JOIN"
        columns, positions, *rest = self.asked.read(
            f"""SELECT account_id, coalesce(position, 0) AS position, end_user_id,
                {MONTH} AS first, mask
            FROM usage_usermonth, unnest(feature_ids, feature_days) AS used(feature_id, mask)
            {joined} (
                SELECT id, position FROM usage_feature
                JOIN unnest(%(features)s::text[]) WITH ORDINALITY AS asked(key, position)
                USING (key) WHERE workspace_id = %(workspace)s
            ) AS wanted ON id = feature_id
            WHERE {OWN} AND {MONTHS}""",
            "account_id position end_user_id first mask",
            features=self.features,
            first=self.asked.first(max(self.spans["features"])),
        )
        return positions, [columns, *rest]
