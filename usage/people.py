"""Who was active on which days: distinct users, how often they come, who uses features."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any, Literal

import numpy as np

from usage import packed, windows
from usage.asked import BUCKET, DAY_NUMBER, OWN, Asked, feature_ids
from usage.leaderboards import month_masks
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

    `spans` are the windows that each part is asked for, `features` the asked sets of them.
    """

    def __init__(
        self,
        asked: Asked,
        *,
        spans: Mapping[Part, Collection[int]],
        features: Collection[tuple[str, ...]],
    ) -> None:
        self.asked = asked
        self.spans = spans
        self.features = features
        self._counted: dict[Kind, dict[int, Ints]] = {}
        self._days: dict[Kind, UserDays] = {}

    def distinct(self, kind: Kind, span: int) -> Ints:
        """Distinct users [d, n] over the window of `span` days that ends with each day."""
        if len(self.asked.days) > 1:
            return self._within(self._user_days(kind), span)
        if kind not in self._counted:
            self._counted[kind] = self._counted_on_last_day(kind)
        return self._counted[kind][span]

    def frequent(self, least: int, span: int, lasting: int) -> Ints:
        """Users [d, n] with at least so many active days, the last one within `lasting` days."""
        if len(self.asked.days) > 1 or span > lasting:
            return self._within(self._user_days("active"), span, least, lasting)
        columns, often, users = self._often(span)
        enough = often >= least
        return windows.placed(
            (1, self.asked.accounts), often[enough] * 0, columns[enough], users[enough]
        )

    def users_of(self, features: tuple[str, ...], span: int) -> Ints:
        """Distinct users [d, n] of any of the features; none named = all."""
        return self._within(self._used[features], span)

    def daily(self, span: int) -> Ints:
        """Sums [d, n] of the daily distinct users."""
        if len(self.asked.days) == 1:
            columns, often, users = self._often(span)
            return windows.placed((1, self.asked.accounts), often * 0, columns, often * users)
        points = self.asked.points(self.spans["days"])
        return windows.window_sums(self._daily, points, self.asked.days, span)

    def _often(self, span: int) -> list[Ints]:
        """Of a single day: account, active days in the window, and users with so many of them."""
        columns, spans, days, users = self._counted_days
        own = spans == span
        return [columns[own], days[own], users[own]]

    @cached_property
    def _counted_days(self) -> list[Ints]:
        months = [
            (span, *month)
            for span in sorted(self.spans["days"])
            for month in month_masks(self.asked.first(span), self.asked.last)
        ]
        spans, firsts, masks = map(packed.literal, zip(*months, strict=True))
        return self.asked.read(
            f"""SELECT account_id, span, days, count(*) AS users FROM (
                SELECT account_id, span, sum(bit_count((active_days & mask)::bit(32))) AS days
                FROM usage_usermonth
                JOIN unnest(%(spans)s::int[], %(months)s::date[], %(masks)s::int[])
                    AS wanted(span, month, mask) USING (month)
                WHERE {OWN} AND active_days & mask <> 0
                GROUP BY account_id, end_user_id, span
            ) AS often GROUP BY account_id, span, days""",
            "account_id span days users",
            spans=spans,
            months=firsts,
            masks=masks,
        )

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
        given: dict[str, Any] = {
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
            self._days[kind] = UserDays(*windows.user_days(*found))
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

    @cached_property
    def _used(self) -> dict[tuple[str, ...], UserDays]:
        """Days of the use of each asked set of features: a column of masks for each of them."""
        ids = feature_ids({key for named in self.features for key in named})
        sets = sorted(self.features)
        names = " ".join(f"mask_{number}" for number in range(len(sets)))
        masks = ", ".join(
            f"coalesce({_any_of(named, ids)}, 0) AS {name}"
            for named, name in zip(sets, names.split(), strict=True)
        )
        columns, users, months, *found = self.asked.read(
            f"""SELECT account_id, end_user_id, {MONTH} AS first, {masks}
            FROM usage_usermonth WHERE {OWN} AND {MONTHS} AND feature_ids <> '{{}}'""",
            f"account_id end_user_id first {names}",
            first=self.asked.first(max(self.spans["features"])),
        )
        return {
            named: UserDays(*windows.user_days(columns, users, months, of_set))
            for named, of_set in zip(sets, found, strict=True)
        }


def _any_of(named: tuple[str, ...], ids: Mapping[str, int]) -> str:
    """The days on which one of the features was used; none named = all."""
    wanted = ", ".join(str(int(ids[key])) for key in named if key in ids)
    where = f"WHERE id = ANY(ARRAY[{wanted}]::bigint[])" if named else ""
    return f"(SELECT bit_or(mask) FROM unnest(feature_ids, feature_days) AS used(id, mask) {where})"
