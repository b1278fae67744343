"""Who the end users are: what was told of them, beside what they did."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from accounts.tenancy import tenant_rows

LONGEST_NAME = 200
LONGEST_EMAIL = 254

# Rows are taken in the order in which a batch of events takes them.
DESCRIBE = """
WITH differing AS (
    SELECT u.id, told.name, told.email, told.traits
    FROM json_to_recordset(%(rows)s) AS told(
        account text, key text, name text, email text, traits jsonb)
    JOIN accounts_account a ON a.workspace_id = %(workspace)s AND a.key = told.account
    JOIN usage_enduser u ON u.workspace_id = %(workspace)s AND u.account_id = a.id
        AND u.key = told.key
    WHERE (u.name, u.email, u.traits) IS DISTINCT FROM (told.name, told.email, told.traits)
    ORDER BY u.account_id, u.key COLLATE "C"
    FOR UPDATE OF u
)
UPDATE usage_enduser u SET name = d.name, email = d.email, traits = d.traits
FROM differing d WHERE u.workspace_id = %(workspace)s AND u.id = d.id
"""


@dataclass(frozen=True)
class Described:
    account: str
    user: str
    traits: Mapping[str, Any]


def describe_end_users(*, described: Sequence[Described]) -> None:
    """Set the traits of those who were seen in the account; name and e-mail are among them."""
    if described:
        tenant_rows(DESCRIBE, rows=msgspec.json.encode([_row(one) for one in described]).decode())


def _row(one: Described) -> dict[str, Any]:
    return {
        "account": one.account,
        "key": one.user,
        "name": name_of(one.traits)[:LONGEST_NAME],
        "email": _text(one.traits, "email")[:LONGEST_EMAIL],
        "traits": one.traits,
    }


def name_of(traits: Mapping[str, Any]) -> str:
    if name := _text(traits, "name"):
        return name
    given = _text(traits, "firstName") or _text(traits, "first_name")
    family = _text(traits, "lastName") or _text(traits, "last_name")
    return f"{given} {family}".strip()


def _text(traits: Mapping[str, Any], name: str) -> str:
    value = traits.get(name)
    return value.strip() if isinstance(value, str) else ""
