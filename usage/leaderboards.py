"""Who uses what at an account, over the N days that end with a day."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db import connection

from accounts.tenancy import current_workspace_id

Place = tuple[int, str]
"""Where a page of a leaderboard ended: the number that it is ordered by, and the key."""


@dataclass(frozen=True)
class UserUse:
    """`new`: first seen within these days."""

    key: str
    active_days: int
    login_days: int
    first_seen_on: date
    last_seen_on: date
    new: bool


@dataclass(frozen=True)
class FeatureUse:
    """`uses_before`: in as many days just before these."""

    key: str
    name: str
    uses: int
    active_days: int
    last_used_on: date
    uses_before: int


USERS = """
SELECT * FROM (
    SELECT u.key,
        sum(bit_count((m.active_days & span.mask)::bit(32)))::bigint AS active_days,
        sum(bit_count((m.login_days & span.mask)::bit(32)))::bigint AS login_days,
        u.first_seen_on,
        max(m.month + 32 - position(B'1' IN (m.active_days & span.mask)::bit(32))) AS last_seen_on,
        u.first_seen_on >= %(first)s AS new
    FROM usage_usermonth AS m
    JOIN unnest(%(months)s::date[], %(masks)s::int[]) AS span(month, mask) USING (month)
    JOIN usage_enduser AS u ON u.workspace_id = m.workspace_id AND u.id = m.end_user_id
    WHERE m.workspace_id = %(workspace)s AND m.account_id = %(account)s
    AND m.active_days & span.mask <> 0
    GROUP BY u.id
) AS found
WHERE (NOT %(only_new)s OR new) AND (-active_days, key) > (-%(number)s, %(key)s)
ORDER BY -active_days, key LIMIT %(limit)s
"""

FEATURES = """
SELECT * FROM (
    SELECT f.key, f.name,
        (sum(used.uses) FILTER (WHERE d.day >= %(first)s))::bigint AS uses,
        count(*) FILTER (WHERE d.day >= %(first)s) AS active_days,
        max(d.day) AS last_used_on,
        coalesce(sum(used.uses) FILTER (WHERE d.day < %(first)s), 0)::bigint AS uses_before
    FROM usage_accountday AS d, unnest(d.feature_ids, d.feature_counts) AS used(feature_id, uses)
    JOIN usage_feature AS f ON f.workspace_id = %(workspace)s AND f.id = used.feature_id
    WHERE d.workspace_id = %(workspace)s AND d.account_id = %(account)s
    AND d.day > %(before)s AND d.day <= %(last)s
    GROUP BY f.id
) AS found
WHERE uses IS NOT NULL AND (-uses, key) > (-%(number)s, %(key)s)
ORDER BY -uses, key LIMIT %(limit)s
"""

BEGINNING: Place = (2**62, "")


def user_leaderboard(
    *,
    account_id: int,
    days: int,
    as_of: date,
    limit: int = 100,
    only_new: bool = False,
    after: Place = BEGINNING,
) -> list[UserUse]:
    """The users with most active days first."""
    first = as_of - timedelta(days=days - 1)
    months = list(month_masks(first, as_of))
    rows = select(
        USERS,
        account=account_id,
        first=first,
        months=[month for month, _mask in months],
        masks=[mask for _month, mask in months],
        only_new=only_new,
        number=after[0],
        key=after[1],
        limit=limit,
    )
    return [UserUse(*row) for row in rows]


def feature_leaderboard(
    *, account_id: int, days: int, as_of: date, limit: int = 100, after: Place = BEGINNING
) -> list[FeatureUse]:
    """The features with most uses first."""
    rows = select(
        FEATURES,
        account=account_id,
        before=as_of - timedelta(days=2 * days),
        first=as_of - timedelta(days=days - 1),
        last=as_of,
        number=after[0],
        key=after[1],
        limit=limit,
    )
    return [FeatureUse(*row) for row in rows]


def month_masks(first: date, last: date) -> Iterator[tuple[date, int]]:
    """Every month between the days, with the bits of its days that lie between them."""
    month = first.replace(day=1)
    while month <= last:
        following = (month + timedelta(days=31)).replace(day=1)
        end = min(last, following - timedelta(days=1)).day
        begin = max(first, month).day
        yield month, (1 << end) - (1 << (begin - 1))
        month = following


def select(statement: str, **parameters: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, {"workspace": current_workspace_id(), **parameters})
        return list(cursor.fetchall())
