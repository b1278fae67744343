"""Accounts that events name before anybody told us about them."""

import json
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db import connection

from accounts.models import Workspace

CREATE = """
INSERT INTO accounts_account (
    workspace_id, key, name, stage, status, currency, created_on, attributes, company, added_at
)
SELECT %(workspace)s, key, key, '', 'active', %(currency)s, created_on, '{}', '{}', %(moment)s
FROM json_to_recordset(%(accounts)s) AS named(key text, created_on date)
ORDER BY key COLLATE "C"
ON CONFLICT (workspace_id, key) DO NOTHING
RETURNING id
"""

BEGIN_HISTORY = """
INSERT INTO accounts_accountstate (
    workspace_id, account_id, from_day, stage, status, contract_value_cents, created_on, renewal_on,
    attributes
)
SELECT workspace_id, id, created_on, stage, status, contract_value_cents, created_on, renewal_on,
    attributes
FROM accounts_account WHERE workspace_id = %(workspace)s AND id = ANY(%(created)s)
ORDER BY id
ON CONFLICT DO NOTHING
"""

FIND = """
SELECT key, id FROM accounts_account
WHERE workspace_id = %(workspace)s AND key = ANY(%(keys)s::text[])
"""


def account_ids(*, workspace: Workspace, keys: list[str]) -> dict[str, int]:
    """The ids of those accounts that exist."""
    with connection.cursor() as cursor:
        cursor.execute(FIND, {"workspace": workspace.pk, "keys": keys})
        return dict(cursor.fetchall())


def ensure_accounts(
    *, workspace: Workspace, created_on: Mapping[str, date], moment: datetime
) -> dict[str, int]:
    """The ids by key; accounts that are not there yet begin on the day given, named by their key.

    The keys are taken in one order, so that two batches that name the same new accounts wait for
    each other instead of locking each other out.
    """
    rows = [{"key": key, "created_on": str(day)} for key, day in created_on.items()]
    shared: dict[str, Any] = {
        "workspace": workspace.pk,
        "currency": workspace.currency,
        "moment": moment,
    }
    with connection.cursor() as cursor:
        cursor.execute(CREATE, shared | {"accounts": json.dumps(rows)})
        created = [row[0] for row in cursor.fetchall()]
        if created:
            cursor.execute(BEGIN_HISTORY, shared | {"created": created})
    return account_ids(workspace=workspace, keys=list(created_on))
