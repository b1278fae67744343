"""Who uses the product at an account, over the N days that end with a day."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Literal

from accounts.tenancy import tenant_rows

Kind = Literal["top", "new", "lost"]
Order = Literal["active_days", "logins", "minutes", "features"]
Place = tuple[int, str]
"""Where a page of a leaderboard ended: the number that it is ordered by, and the key."""

BEGINNING: Place = (2**62, "")


@dataclass(frozen=True)
class UserUse:
    """`new`: first seen within these days; `active_days_before`: in as many days just before.

    Log-ins and minutes are kept by month: of a month that lies only partly within the days they
    count as the share of its days with a log-in. `features` are the different ones that were used.
    """

    key: str
    active_days: int
    login_days: int
    first_seen_on: date
    last_seen_on: date
    new: bool
    name: str
    active_days_before: int
    logins: int
    minutes: int
    features: int


NOW = "(m.active_days & span.mask)"
EITHER = "(m.active_days & (span.mask | span.before))"
LOGIN_DAYS = "bit_count((m.login_days & span.mask)::bit(32))"
SHARE = f"{LOGIN_DAYS}::numeric / greatest(bit_count(m.login_days::bit(32)), 1)"

USED = """(
    SELECT count(DISTINCT used.feature_id) FROM usage_usermonth AS m
    JOIN unnest(%(months)s::date[], %(masks)s::int[]) AS span(month, mask) USING (month),
    unnest(m.feature_ids, m.feature_days) AS used(feature_id, days)
    WHERE m.workspace_id = %(workspace)s AND m.account_id = %(account)s
    AND m.end_user_id = found.id AND used.days & span.mask <> 0
)"""

BY_FEATURES = """LEFT JOIN (
    SELECT m.end_user_id, count(DISTINCT used.feature_id) AS features FROM usage_usermonth AS m
    JOIN unnest(%(months)s::date[], %(masks)s::int[]) AS span(month, mask) USING (month),
    unnest(m.feature_ids, m.feature_days) AS used(feature_id, days)
    WHERE m.workspace_id = %(workspace)s AND m.account_id = %(account)s
    AND used.days & span.mask <> 0 GROUP BY m.end_user_id
) AS used ON used.end_user_id = found.id"""

FOUND = f"""
    SELECT u.id, u.key, u.name,
        sum(bit_count({NOW}::bit(32)))::bigint AS active_days,
        sum({LOGIN_DAYS})::bigint AS login_days,
        u.first_seen_on,
        max(m.month + 32 - position(B'1' IN {EITHER}::bit(32))) AS last_seen_on,
        u.first_seen_on >= %(first)s AS new,
        sum(bit_count((m.active_days & span.before)::bit(32)))::bigint AS active_days_before,
        round(sum(m.logins * {SHARE}))::bigint AS logins,
        round(sum(m.session_seconds * {SHARE}) / 60)::bigint AS minutes
    FROM usage_usermonth AS m
    JOIN unnest(%(months)s::date[], %(masks)s::int[], %(befores)s::int[])
        AS span(month, mask, before) USING (month)
    JOIN usage_enduser AS u ON u.workspace_id = m.workspace_id AND u.id = m.end_user_id
    WHERE m.workspace_id = %(workspace)s AND m.account_id = %(account)s AND {EITHER} <> 0
    GROUP BY u.id
"""
USERS = f"""
WITH found AS ({FOUND}), listed AS (
    SELECT found.* {{features_of}} FROM found {{joined}} WHERE {{kind}}
)
SELECT key, active_days, login_days, first_seen_on, last_seen_on, new, name, active_days_before,
    logins, minutes, {{features}} AS features
FROM listed AS found WHERE (-{{order}}, key) > (-%(number)s, %(key)s)
ORDER BY -{{order}}, key LIMIT %(limit)s
"""

KINDS = {
    "top": "active_days > 0",
    "new": "active_days > 0 AND new",
    "lost": "active_days = 0",
}


def column_of(kind: Kind, order: Order) -> str:
    """What the users are ordered by: those who are gone, by how active they were."""
    return "active_days_before" if kind == "lost" else order


def user_leaderboard(
    *,
    account_id: int,
    days: int,
    as_of: date,
    limit: int = 100,
    kind: Kind = "top",
    order: Order = "active_days",
    after: Place = BEGINNING,
) -> list[UserUse]:
    """Those with most first; equal ones by their key.

    `new` were first seen within these days, `lost` were active in as many days just before and not
    in these.
    """
    first = as_of - timedelta(days=days - 1)
    before = first - timedelta(days=days)
    column = column_of(kind, order)
    by_features = column == "features"
    sql = USERS.format(
        features_of=", coalesce(used.features, 0) AS features" if by_features else "",
        joined=BY_FEATURES if by_features else "",
        kind=KINDS[kind],
        order=column,
        features="features" if by_features else USED,
    )
    rows = tenant_rows(
        sql,
        account=account_id,
        first=first,
        **spans(before, first, as_of),
        number=after[0],
        key=after[1],
        limit=limit,
    )
    return [UserUse(*row) for row in rows]


def spans(before: date, first: date, last: date) -> dict[str, list[Any]]:
    """Each month with the bits of the days from `first` on, and of those before."""
    inside = dict(month_masks(first, last))
    earlier = dict(month_masks(before, first - timedelta(days=1)))
    months = sorted({*inside, *earlier})
    return {
        "months": months,
        "masks": [inside.get(month, 0) for month in months],
        "befores": [earlier.get(month, 0) for month in months],
    }


def month_masks(first: date, last: date) -> Iterator[tuple[date, int]]:
    """Every month between the days, with the bits of its days that lie between them."""
    month = first.replace(day=1)
    while month <= last:
        following = (month + timedelta(days=31)).replace(day=1)
        end = min(last, following - timedelta(days=1)).day
        begin = max(first, month).day
        yield month, (1 << end) - (1 << (begin - 1))
        month = following
