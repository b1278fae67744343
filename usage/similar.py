"""What accounts do with each feature on average, of those that use the product at all."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from accounts.tenancy import tenant_rows
from usage import packed
from usage.leaderboards import month_masks

MEANS = """
WITH uses AS (
    SELECT used.id, sum(used.uses)::bigint AS uses
    FROM usage_accountday AS d, unnest(d.feature_ids, d.feature_counts) AS used(id, uses)
    WHERE d.workspace_id = %(workspace)s AND d.account_id = ANY(%(accounts)s::bigint[])
    AND d.day BETWEEN %(first)s AND %(last)s
    GROUP BY used.id
), months AS MATERIALIZED (
    SELECT m.account_id, m.end_user_id, m.feature_ids, m.feature_days, span.mask
    FROM usage_usermonth AS m
    JOIN unnest(%(months)s::date[], %(masks)s::int[]) AS span(month, mask) USING (month)
    WHERE m.workspace_id = %(workspace)s AND m.account_id = ANY(%(accounts)s::bigint[])
    AND m.active_days & span.mask <> 0
), users AS (
    SELECT used.id, count(DISTINCT (m.account_id, m.end_user_id)) AS users,
        count(DISTINCT m.account_id) AS accounts
    FROM months AS m, unnest(m.feature_ids, m.feature_days) AS used(id, days)
    WHERE used.days & m.mask <> 0
    GROUP BY used.id
)
SELECT f.key, f.name, coalesce(uses, 0), coalesce(users, 0), coalesce(accounts, 0),
    (SELECT count(DISTINCT account_id) FROM months)
FROM (uses FULL JOIN users USING (id)) AS used
JOIN usage_feature AS f ON f.workspace_id = %(workspace)s AND f.id = used.id
"""


@dataclass(frozen=True, slots=True)
class Mean:
    """Sums over the `active` accounts that used the product; `accounts` of them used the feature."""

    name: str
    uses: int
    users: int
    accounts: int
    active: int


def feature_means(*, account_ids: Sequence[int], days: int, as_of: date) -> dict[str, Mean]:
    """By the key of every feature that one of the accounts used in the days that end with the day."""
    first = as_of - timedelta(days=days - 1)
    spans = list(month_masks(first, as_of))
    rows = tenant_rows(
        MEANS,
        accounts=packed.literal(account_ids),
        first=first,
        last=as_of,
        months=[month for month, _mask in spans],
        masks=[mask for _month, mask in spans],
    )
    return {key: Mean(*told) for key, *told in rows}
