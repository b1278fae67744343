"""The few users and features of an account that count most, in one statement."""

from dataclasses import dataclass
from datetime import date, timedelta

import msgspec

from accounts.tenancy import tenant_rows
from usage.leaderboards import FOUND, KINDS, Kind, spans

AT_ACCOUNT = f"""
WITH found AS ({FOUND}), listed AS (
    SELECT key, name, active_days, active_days_before, last_seen_on, new
    FROM found WHERE {{kind}} ORDER BY {{order}} DESC, key LIMIT %(limit)s
), used AS (
    SELECT used.id,
        coalesce(sum(used.uses) FILTER (WHERE d.day >= %(first)s), 0)::bigint AS uses,
        coalesce(sum(used.uses) FILTER (WHERE d.day < %(first)s), 0)::bigint AS uses_before
    FROM usage_accountday AS d, unnest(d.feature_ids, d.feature_counts) AS used(id, uses)
    WHERE d.workspace_id = %(workspace)s AND d.account_id = %(account)s
    AND d.day BETWEEN %(before)s AND %(last)s
    GROUP BY used.id
), people AS (
    SELECT used.id, count(DISTINCT m.end_user_id) AS users
    FROM usage_usermonth AS m
    JOIN unnest(%(months)s::date[], %(masks)s::int[]) AS span(month, mask) USING (month),
    unnest(m.feature_ids, m.feature_days) AS used(id, days)
    WHERE m.workspace_id = %(workspace)s AND m.account_id = %(account)s
    AND used.days & span.mask <> 0
    GROUP BY used.id
)
SELECT
    (SELECT json_build_object(
        'top', count(*) FILTER (WHERE {KINDS["top"]}), 'new', count(*) FILTER (WHERE {KINDS["new"]}),
        'lost', count(*) FILTER (WHERE {KINDS["lost"]})
    ) FROM found),
    (SELECT coalesce(json_agg(listed), '[]') FROM listed),
    (SELECT coalesce(json_agg(each ORDER BY uses DESC, uses_before DESC, key), '[]') FROM (
        SELECT f.key, f.name, uses, uses_before, coalesce(users, 0) AS users
        FROM used JOIN usage_feature AS f ON f.workspace_id = %(workspace)s AND f.id = used.id
        LEFT JOIN people ON people.id = used.id
    ) AS each)
"""


@dataclass(frozen=True, slots=True)
class UserSeen:
    """`active_days_before`: in as many days just before; `new`: first seen within these days."""

    key: str
    name: str
    active_days: int
    active_days_before: int
    last_seen_on: date
    new: bool


@dataclass(frozen=True, slots=True)
class FeatureSeen:
    """`uses_before`: in as many days just before; without `uses` it was used only then."""

    key: str
    name: str
    uses: int
    uses_before: int
    users: int


@dataclass(frozen=True, slots=True)
class AtAccount:
    """`counts` of all users by kind; `users` the first of the kind, `features` all, most used first."""

    counts: dict[Kind, int]
    users: list[UserSeen]
    features: list[FeatureSeen]


def users_and_features(
    *, account_id: int, days: int, as_of: date, kind: Kind, limit: int
) -> AtAccount:
    """Over the `days` that end with the day."""
    first = as_of - timedelta(days=days - 1)
    before = first - timedelta(days=days)
    order = "active_days_before" if kind == "lost" else "active_days"
    ((counts, users, features),) = tenant_rows(
        AT_ACCOUNT.format(kind=KINDS[kind], order=order),
        account=account_id,
        first=first,
        last=as_of,
        before=before,
        **spans(before, first, as_of),
        limit=limit,
    )
    return AtAccount(
        counts,
        msgspec.convert(users, list[UserSeen]),
        msgspec.convert(features, list[FeatureSeen]),
    )
