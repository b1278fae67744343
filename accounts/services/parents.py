"""Accounts below accounts: parents are told by key, also of the same batch, and never in a circle."""

from collections.abc import Mapping

from django.utils.translation import gettext as _

from accounts.errors import InvalidInput, Problem
from accounts.inputs import AccountRow
from accounts.models import Account
from accounts.tenancy import tenant_rows

# UNION drops what was seen, so that it ends even on a circle.
ANCESTORS = """
WITH RECURSIVE above AS (
    SELECT id, key, parent_id FROM accounts_account
    WHERE workspace_id = %(workspace)s AND key = ANY(%(keys)s::text[])
    UNION
    SELECT account.id, account.key, account.parent_id FROM accounts_account account
    JOIN above ON account.id = above.parent_id
    WHERE account.workspace_id = %(workspace)s
)
SELECT above.key, parent.key FROM above LEFT JOIN above parent ON parent.id = above.parent_id
"""

SET = """
UPDATE accounts_account SET parent_id = told.parent_id
FROM unnest(%(ids)s::bigint[], %(parents)s::bigint[]) AS told(id, parent_id)
WHERE accounts_account.workspace_id = %(workspace)s AND accounts_account.id = told.id
  AND accounts_account.parent_id IS DISTINCT FROM told.parent_id
RETURNING accounts_account.id
"""


def check_parents(rows: list[AccountRow]) -> dict[str, str | None]:
    """The told parents by key; InvalidInput where one is unknown or its own ancestor."""
    told = {
        row.key: row.parent for row in rows if row.parent is None or isinstance(row.parent, str)
    }
    if not any(told.values()):
        return told
    above = _above(sorted({parent for parent in told.values() if parent}))
    batch = {row.key for row in rows}
    chain: dict[str, str | None] = {**above, **told}
    problems = []
    for index, row in enumerate(rows):
        parent = told.get(row.key)
        if not parent:
            continue
        if parent not in batch and parent not in above:
            message = _("There is no account with the key “%(key)s”.") % {"key": parent}
            problems.append(Problem(f"accounts[{index}].parent", message))
        elif _circles(row.key, chain):
            message = _("“%(key)s” would be above itself.") % {"key": row.key}
            problems.append(Problem(f"accounts[{index}].parent", message))
    if problems:
        raise InvalidInput(problems)
    return told


def _above(keys: list[str]) -> dict[str, str | None]:
    return dict(tenant_rows(ANCESTORS, keys=keys))


def _circles(key: str, chain: Mapping[str, str | None]) -> bool:
    seen: set[str] = set()
    above = chain.get(key)
    while above is not None and above not in seen:
        if above == key:
            return True
        seen.add(above)
        above = chain.get(above)
    return False


def set_parents(told: Mapping[str, str | None], ids: Mapping[str, int]) -> set[int]:
    """Store the checked parents; the ids of the accounts that changed."""
    if not told:
        return set()
    missing = [parent for parent in told.values() if parent and parent not in ids]
    known = {**ids, **dict(Account.objects.filter(key__in=missing).values_list("key", "id"))}
    changed = tenant_rows(
        SET,
        ids=[known[key] for key in told],
        parents=[known[parent] if parent else None for parent in told.values()],
    )
    return {row[0] for row in changed}
