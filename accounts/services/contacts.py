from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec import UNSET

from accounts.inputs import AccountRow, ContactRow
from accounts.tenancy import tenant_rows

# A detail that was not told (null here) stays as it is; an emptied one is ''.
WRITE = """
INSERT INTO accounts_contact (workspace_id, account_id, email, name, title, phone, role)
SELECT %(workspace)s, account_id, email, name,
    coalesce(title, ''), coalesce(phone, ''), coalesce(role, '')
FROM json_to_recordset(%(rows)s) AS told(
    account_id bigint, email text, name text, title text, phone text, role text
)
ORDER BY account_id, email
ON CONFLICT (workspace_id, account_id, email) DO NOTHING
RETURNING account_id
"""
CHANGE = """
UPDATE accounts_contact AS contact SET
    name = told.name, title = coalesce(told.title, contact.title),
    phone = coalesce(told.phone, contact.phone), role = coalesce(told.role, contact.role)
FROM json_to_recordset(%(rows)s) AS told(
    account_id bigint, email text, name text, title text, phone text, role text
)
WHERE contact.workspace_id = %(workspace)s
  AND contact.account_id = told.account_id AND contact.email = told.email
  AND (contact.name, contact.title, contact.phone, contact.role) IS DISTINCT FROM (
      told.name, coalesce(told.title, contact.title), coalesce(told.phone, contact.phone),
      coalesce(told.role, contact.role)
  )
RETURNING contact.account_id
"""


def set_contacts(rows: list[AccountRow], ids: Mapping[str, int]) -> set[int]:
    """Add and change contacts by their e-mail; the ids of the accounts that changed."""
    told = [
        _record(contact, ids[row.key])
        for row in rows
        if row.contacts is not UNSET
        for contact in row.contacts
    ]
    if not told:
        return set()
    records = msgspec.json.encode(told).decode()
    # The change comes first: it must not look at what was just added.
    changed = tenant_rows(CHANGE, rows=records) + tenant_rows(WRITE, rows=records)
    return {row[0] for row in changed}


def _record(contact: ContactRow, account_id: int) -> dict[str, Any]:
    details = {
        name: None if value is UNSET else (value or "")
        for name in ("title", "phone", "role")
        for value in [getattr(contact, name)]
    }
    email = contact.email.strip().lower()
    return {"account_id": account_id, "email": email, "name": contact.name, **details}
