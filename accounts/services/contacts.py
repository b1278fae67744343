from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils.translation import gettext as _
from msgspec import UNSET

from accounts.errors import InvalidInput, Problem
from accounts.inputs import AccountRow, ContactRow, given
from accounts.models import Account
from accounts.tenancy import tenant_rows

TEXTS = ("title", "phone", "role", "influence")
TOLD = """
FROM json_to_recordset(%(rows)s) AS told(
    account_id bigint, email text, name text, title text, phone text, role text,
    influence text, status text, is_key boolean
)
"""
# A detail that was not told (null here) stays as it is; an emptied one is ''.
WRITE = f"""
INSERT INTO accounts_contact (
    workspace_id, account_id, email, name, title, phone, role, influence, status, is_key
)
SELECT %(workspace)s, account_id, email, name, coalesce(title, ''), coalesce(phone, ''),
    coalesce(role, ''), coalesce(influence, ''), coalesce(status, 'active'),
    coalesce(is_key, false)
{TOLD}
ORDER BY account_id, email
ON CONFLICT (workspace_id, account_id, email) DO NOTHING
RETURNING account_id
"""
AFTER = """
    told.name, coalesce(told.title, contact.title), coalesce(told.phone, contact.phone),
    coalesce(told.role, contact.role), coalesce(told.influence, contact.influence),
    coalesce(told.status, contact.status), coalesce(told.is_key, contact.is_key)
"""
CHANGE = f"""
UPDATE accounts_contact AS contact
SET (name, title, phone, role, influence, status, is_key) = ROW ({AFTER})
{TOLD}
WHERE contact.workspace_id = %(workspace)s
  AND contact.account_id = told.account_id AND contact.email = told.email
  AND (
      contact.name, contact.title, contact.phone, contact.role, contact.influence,
      contact.status, contact.is_key
  ) IS DISTINCT FROM ({AFTER})
RETURNING contact.account_id
"""


@dataclass(frozen=True)
class UpsertedContacts:
    created: int
    updated: int
    unchanged: int


def upsert_contacts(*, contacts: Sequence[tuple[str, ContactRow]]) -> UpsertedContacts:
    """Add and change contacts under their accounts' keys, all or, with InvalidInput, none.

    No e-mail address stands under one account twice.
    """
    with transaction.atomic():
        keys = {key for key, _contact in contacts}
        # Accounts are locked in one order, as everywhere.
        found = Account.objects.filter(key__in=keys).order_by("key").select_for_update(no_key=True)
        ids = dict(found.values_list("key", "pk"))
        problems = [
            Problem(f"contacts[{index}].{field}", message)
            for index, (key, contact) in enumerate(contacts)
            for field, message in _problems(key, contact, ids)
        ]
        if problems:
            raise InvalidInput(problems)
        told = [_record(contact, ids[key]) for key, contact in contacts]
        updated, created = _write(told)
    unchanged = len(told) - len(created) - len(updated)
    return UpsertedContacts(len(created), len(updated), unchanged)


def _problems(key: str, contact: ContactRow, ids: Mapping[str, int]) -> list[tuple[str, str]]:
    found = []
    if key not in ids:
        found.append(("account", _("There is no account “%(key)s”.") % {"key": key[:100]}))
    try:
        validate_email(contact.email.strip().lower())
    except ValidationError:
        found.append(("email", _("This is no e-mail address.")))
    return found


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
    return {account_id for account_ids in _write(told) for account_id in account_ids}


def _write(told: list[dict[str, Any]]) -> tuple[list[int], list[int]]:
    """The accounts of the changed contacts, then of the added ones, once for each contact."""
    records = msgspec.json.encode(told).decode()
    # The change comes first: it must not look at what was just added.
    changed = [row[0] for row in tenant_rows(CHANGE, rows=records)]
    return changed, [row[0] for row in tenant_rows(WRITE, rows=records)]


def _record(contact: ContactRow, account_id: int) -> dict[str, Any]:
    told = given(contact)
    emptied = {name: told[name] or "" for name in TEXTS if name in told}
    email = contact.email.strip().lower()
    return {**told, **emptied, "account_id": account_id, "email": email}
