from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec import UNSET

from accounts.inputs import AccountRow
from accounts.tenancy import tenant_rows

TOLD = "json_to_recordset(%(rows)s) AS told(account_id bigint, user_id bigint, role text)"
LEAVE = f"""
DELETE FROM accounts_teammember AS member USING {TOLD}
WHERE member.workspace_id = %(workspace)s AND member.account_id = told.account_id
  AND member.user_id = told.user_id AND told.role = ''
RETURNING member.account_id
"""
JOIN = f"""
INSERT INTO accounts_teammember AS member (workspace_id, account_id, user_id, role)
SELECT %(workspace)s, account_id, user_id, role FROM {TOLD} WHERE role <> ''
ORDER BY account_id, user_id
ON CONFLICT (workspace_id, account_id, user_id) DO UPDATE SET role = excluded.role
WHERE member.role <> excluded.role
RETURNING member.account_id
"""


def set_teams(
    rows: list[AccountRow], ids: Mapping[str, int], members: Mapping[str, int]
) -> set[int]:
    """Who works for the accounts, and as what; the ids of the accounts that changed.

    An empty role takes a person off the team; who is not told of stays.
    """
    told: list[dict[str, Any]] = [
        {
            "account_id": ids[row.key],
            "user_id": members[one.user.strip().lower()],
            "role": " ".join((one.role or "").split()),
        }
        for row in rows
        if row.team is not UNSET
        for one in row.team
    ]
    if not told:
        return set()
    records = msgspec.json.encode(told).decode()
    changed = [*tenant_rows(LEAVE, rows=records), *tenant_rows(JOIN, rows=records)]
    return {account_id for (account_id,) in changed}
