"""The attributes that a workspace's accounts have, and their values."""

from typing import NamedTuple

from accounts.tenancy import tenant_rows
from scoring.kept import kept

KEPT_SECONDS = 300
MOST_NAMES, MOST_VALUES = 200, 50
NAMES = f"""
SELECT named.key FROM accounts_account a
CROSS JOIN LATERAL jsonb_object_keys(a.attributes) AS named (key)
WHERE a.workspace_id = %(workspace)s GROUP BY 1 ORDER BY lower(named.key), 1 LIMIT {MOST_NAMES}
"""
VALUES = f"""
SELECT a.attributes ->> %(name)s::text AS value, count(*),
    bool_and(jsonb_typeof(a.attributes -> %(name)s::text) = 'number')
FROM accounts_account a
WHERE a.workspace_id = %(workspace)s AND a.attributes ->> %(name)s::text IS NOT NULL
GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT {MOST_VALUES + 1}
"""


class Values(NamedTuple):
    """The most frequent with their numbers of accounts; `more` where there are others."""

    counted: list[tuple[str, int]]
    numeric: bool
    more: bool


def attribute_names() -> list[str]:
    found = kept("attributes:names", lambda: tenant_rows(NAMES), seconds=KEPT_SECONDS)
    return [name for (name,) in found]


def attribute_values(name: str) -> Values:
    def read() -> list[tuple[str, int, bool]]:
        return tenant_rows(VALUES, name=name)

    found = kept(f"attributes:values:{name}", read, seconds=KEPT_SECONDS)
    counted = [(value, count) for value, count, _number in found[:MOST_VALUES]]
    numeric = bool(found) and all(number for _value, _count, number in found)
    return Values(counted, numeric, len(found) > MOST_VALUES)
