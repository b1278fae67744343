"""Which features are used, by an account or by many together, over the N days that end with a day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from accounts.tenancy import tenant_rows
from usage import packed
from usage.leaderboards import BEGINNING, Place, month_masks


@dataclass(frozen=True)
class FeatureUse:
    """`uses_before`: in as many days just before these."""

    key: str
    name: str
    uses: int
    active_days: int
    last_used_on: date
    uses_before: int
    users: int
    accounts: int


@dataclass(frozen=True)
class Active:
    """Who used the product at all within the days."""

    accounts: int
    users: int


OF_DAYS = """FROM usage_accountday AS d, unnest(d.feature_ids, d.feature_counts) AS used(id, uses)
    WHERE d.workspace_id = %(workspace)s AND d.account_id = ANY(%(accounts)s::bigint[])
    AND d.day <= %(last)s"""
OF_MONTHS = """FROM usage_usermonth AS m
    JOIN unnest(%(months)s::date[], %(masks)s::int[]) AS span(month, mask) USING (month)"""

FEATURES = f"""
WITH counted AS (
    SELECT used.id,
        (sum(used.uses) FILTER (WHERE d.day >= %(first)s))::bigint AS uses,
        count(DISTINCT d.day) FILTER (WHERE d.day >= %(first)s) AS active_days,
        max(d.day) AS last_used_on,
        coalesce(sum(used.uses) FILTER (WHERE d.day < %(first)s), 0)::bigint AS uses_before,
        count(DISTINCT d.account_id) FILTER (WHERE d.day >= %(first)s) AS accounts
    {OF_DAYS} AND d.day >= %(before)s
    GROUP BY used.id
), listed AS (
    SELECT f.id, f.key, f.name, uses, active_days, last_used_on, uses_before, accounts
    FROM counted JOIN usage_feature AS f ON f.workspace_id = %(workspace)s AND f.id = counted.id
    WHERE uses IS NOT NULL AND (-uses, f.key) > (-%(number)s, %(key)s)
    ORDER BY -uses, f.key LIMIT %(limit)s
), people AS (
    SELECT used.id, count(DISTINCT m.end_user_id) AS users
    {OF_MONTHS}, unnest(m.feature_ids, m.feature_days) AS used(id, days)
    WHERE m.workspace_id = %(workspace)s AND m.account_id = ANY(%(accounts)s::bigint[])
    AND used.days & span.mask <> 0 AND used.id IN (SELECT id FROM listed)
    GROUP BY used.id
)
SELECT key, name, uses, active_days, last_used_on, uses_before, coalesce(users, 0), accounts
FROM listed LEFT JOIN people USING (id) ORDER BY -uses, key
"""

USES = """
SELECT f.key, sum(used.uses)::bigint, count(DISTINCT d.account_id)
FROM usage_accountday AS d, unnest(d.feature_ids, d.feature_counts) AS used(id, uses)
JOIN usage_feature AS f ON f.workspace_id = %(workspace)s AND f.id = used.id AND f.key = ANY(%(keys)s)
WHERE d.workspace_id = %(workspace)s AND d.account_id = ANY(%(accounts)s::bigint[])
AND d.day >= %(first)s AND d.day <= %(last)s
GROUP BY f.key
"""

ACTIVE = f"""
SELECT count(DISTINCT m.account_id), count(DISTINCT m.end_user_id) {OF_MONTHS}
WHERE m.workspace_id = %(workspace)s AND m.account_id = ANY(%(accounts)s::bigint[])
AND m.active_days & span.mask <> 0
"""


def feature_leaderboard(
    *,
    account_ids: Sequence[int],
    days: int,
    as_of: date,
    limit: int = 100,
    after: Place = BEGINNING,
) -> list[FeatureUse]:
    """The features with most uses first; equal ones by their key."""
    rows = tenant_rows(
        FEATURES,
        **_within(account_ids, days, as_of),
        number=after[0],
        key=after[1],
        limit=limit,
    )
    return [FeatureUse(*row) for row in rows]


def uses_of(
    *, account_ids: Sequence[int], days: int, as_of: date, keys: Sequence[str]
) -> dict[str, tuple[int, int]]:
    """The uses of each of these features, and how many of the accounts use it."""
    within = _within(account_ids, days, as_of)
    rows = tenant_rows(USES, **within, keys=list(keys)) if keys else []
    return {key: (uses, accounts) for key, uses, accounts in rows}


def active(*, account_ids: Sequence[int], days: int, as_of: date) -> Active:
    ((accounts, users),) = tenant_rows(ACTIVE, **_within(account_ids, days, as_of))
    return Active(accounts, users)


def _within(account_ids: Sequence[int], days: int, as_of: date) -> dict[str, Any]:
    first = as_of - timedelta(days=days - 1)
    spans = list(month_masks(first, as_of))
    return {
        "accounts": packed.literal(account_ids),
        "first": first,
        "last": as_of,
        "before": first - timedelta(days=days),
        "months": [month for month, _mask in spans],
        "masks": [mask for _month, mask in spans],
    }
