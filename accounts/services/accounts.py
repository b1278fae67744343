"""Accounts, told by key: created, updated or left as they are, a batch at a time."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import msgspec
from django.db import transaction
from django.utils.translation import gettext as _
from msgspec import UNSET

from accounts.errors import InvalidInput, Problem
from accounts.inputs import AccountRow
from accounts.models import Account, Membership, User, Workspace
from accounts.services.account_changes import (
    COLUMNS,
    SCORED,
    Columns,
    Outcome,
    Surroundings,
    differ,
    outcome,
)
from accounts.services.contacts import set_contacts
from accounts.services.parents import check_parents, set_parents
from accounts.services.seats import change_seats
from accounts.services.stale import mark_stale
from accounts.services.tags import set_tags
from accounts.services.teams import set_teams
from accounts.tenancy import current_workspace_id, tenant_rows

# One batch after the other in a workspace: what is unchanged, and who is whose parent, is decided
# on rows that nobody else is changing. The number is this lock's alone.
LOCK = "SELECT pg_advisory_xact_lock(720451, hashint8(%(workspace)s))"

WRITE = """
INSERT INTO accounts_account (
    workspace_id, key, name, stage, status, owner_id, contract_value_cents, currency, created_on,
    renewal_on, attributes, company, added_at
)
SELECT %(workspace)s, key, name, stage, status, owner_id, contract_value_cents, currency,
    created_on, renewal_on, attributes, company, %(moment)s
FROM json_to_recordset(%(rows)s) AS told(
    key text, name text, stage text, status text, owner_id bigint, contract_value_cents bigint,
    currency text, created_on date, renewal_on date, attributes jsonb, company jsonb
)
ORDER BY key COLLATE "C"
ON CONFLICT (workspace_id, key) DO UPDATE SET
    name = excluded.name, stage = excluded.stage, status = excluded.status,
    owner_id = excluded.owner_id, contract_value_cents = excluded.contract_value_cents,
    currency = excluded.currency, created_on = excluded.created_on,
    renewal_on = excluded.renewal_on, attributes = excluded.attributes, company = excluded.company
RETURNING key, id, xmax = 0
"""

REMEMBER = """
INSERT INTO accounts_accountstate (
    workspace_id, account_id, from_day, stage, status, contract_value_cents, created_on, renewal_on,
    attributes
)
SELECT workspace_id, id, %(as_of)s, stage, status, contract_value_cents, created_on, renewal_on,
    attributes
FROM accounts_account WHERE workspace_id = %(workspace)s AND id = ANY(%(ids)s::bigint[])
ORDER BY id
ON CONFLICT (workspace_id, account_id, from_day) DO UPDATE SET
    stage = excluded.stage, status = excluded.status,
    contract_value_cents = excluded.contract_value_cents, created_on = excluded.created_on,
    renewal_on = excluded.renewal_on, attributes = excluded.attributes
"""


@dataclass(frozen=True)
class Upserted:
    created: int
    updated: int
    unchanged: int


@dataclass(frozen=True)
class Stored:
    """An account as it was before the batch."""

    id: int
    columns: Columns


@dataclass
class Written:
    """What the batch did so far, by account id."""

    ids: dict[str, int]
    created: set[int]
    updated: set[int]
    scored: set[int]


def upsert_accounts(
    *, rows: list[AccountRow], as_of: date, by: User | None, moment: datetime
) -> Upserted:
    """Store the rows by key, all or, with InvalidInput (`accounts[3].owner`), none.

    The scored fields hold from `as_of` on: AccountState keeps what they were before.
    """
    with transaction.atomic():
        upserted, touched = write_accounts(rows=rows, as_of=as_of, moment=moment)
        mark_stale(account_ids=sorted(touched), from_day=as_of, moment=moment)
    return upserted


def write_accounts(
    *, rows: list[AccountRow], as_of: date, moment: datetime
) -> tuple[Upserted, set[int]]:
    """As `upsert_accounts`, in the caller's transaction; it is for the caller to mark the accounts
    whose scores it touches."""
    refuse_duplicates(rows)
    workspace = Workspace.objects.get(pk=current_workspace_id())
    lock_accounts()
    before = _stored([row.key for row in rows])
    around = Surroundings(workspace.currency, _members(rows))
    outcomes = _outcomes(rows, before, around)
    parents = check_parents(rows)
    written = _write(rows, before, outcomes, moment)
    written.updated |= set_parents(parents, written.ids)
    written.updated |= set_contacts(rows, written.ids)
    written.updated |= set_teams(rows, written.ids, around.members)
    written.updated |= set_tags(
        {written.ids[row.key]: row.tags for row in rows if row.tags is not UNSET}, moment=moment
    )
    seats = {written.ids[row.key]: row.seats for row in rows if isinstance(row.seats, int)}
    reseated = change_seats(seats=seats, as_of=as_of)
    _remember(written.scored, as_of)
    updated = (written.updated | reseated) - written.created
    unchanged = len(rows) - len(written.created) - len(updated)
    upserted = Upserted(created=len(written.created), updated=len(updated), unchanged=unchanged)
    return upserted, written.scored | reseated


def lock_accounts() -> None:
    """Until the transaction ends nobody else tells of this workspace's accounts."""
    tenant_rows(LOCK)


def refuse_duplicates(rows: list[AccountRow]) -> None:
    places: dict[str, list[int]] = defaultdict(list)
    for index, row in enumerate(rows):
        places[row.key].append(index)
    problems = [
        Problem(
            f"accounts[{index}].key",
            _("“%(key)s” stands in this batch twice: accounts[%(first)s] and accounts[%(again)s].")
            % {"key": key[:100], "first": indexes[0], "again": index},
        )
        for key, indexes in places.items()
        for index in indexes[1:]
    ]
    if problems:
        raise InvalidInput(problems)


def _stored(keys: list[str]) -> dict[str, Stored]:
    found = Account.objects.filter(key__in=keys).order_by("key").select_for_update(no_key=True)
    return {
        values["key"]: Stored(values["id"], {name: values[name] for name in COLUMNS})
        for values in found.values("id", "key", *COLUMNS)
    }


def _outcomes(
    rows: list[AccountRow], before: dict[str, Stored], around: Surroundings
) -> list[Outcome]:
    outcomes = [
        outcome(row, before[row.key].columns if row.key in before else None, around) for row in rows
    ]
    problems = [
        Problem(f"accounts[{index}].{problem.path}", problem.message)
        for index, result in enumerate(outcomes)
        for problem in result.problems
    ]
    if problems:
        raise InvalidInput(problems)
    return outcomes


def _members(rows: list[AccountRow]) -> dict[str, int]:
    owners = {row.owner.strip().lower() for row in rows if isinstance(row.owner, str)}
    teams = {one.user.strip().lower() for row in rows for one in row.team or ()}
    members = Membership.objects.filter(user__email__in=owners | teams)
    return dict(members.values_list("user__email", "user_id"))


def _write(
    rows: list[AccountRow], before: dict[str, Stored], outcomes: list[Outcome], moment: datetime
) -> Written:
    changed: list[dict[str, Any]] = []
    scored: set[str] = set()
    for row, result in zip(rows, outcomes, strict=True):
        old = before[row.key].columns if row.key in before else None
        if differ(old, result.columns, COLUMNS):
            changed.append({"key": row.key, **result.columns})
        if differ(old, result.columns, SCORED):
            scored.add(row.key)
    ids = {key: stored.id for key, stored in before.items()}
    written = Written(ids=ids, created=set(), updated=set(), scored=set())
    for key, account_id, is_new in _upsert(changed, moment):
        written.ids[key] = account_id
        (written.created if is_new else written.updated).add(account_id)
    written.scored = {written.ids[key] for key in scored}
    return written


def _upsert(changed: list[dict[str, Any]], moment: datetime) -> list[tuple[str, int, bool]]:
    if not changed:
        return []
    return tenant_rows(WRITE, moment=moment, rows=msgspec.json.encode(changed).decode())


def _remember(account_ids: set[int], as_of: date) -> None:
    if account_ids:
        tenant_rows(REMEMBER, as_of=as_of, ids=sorted(account_ids))
