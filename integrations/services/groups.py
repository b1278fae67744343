"""Accounts as `group` messages tell of them: the newest word on each field holds."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import msgspec
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.errors import InvalidInput
from accounts.inputs import AccountRow
from accounts.models import Account, Workspace
from accounts.models.workspace import UnknownAccounts
from accounts.services.account_changes import COLUMNS, Surroundings, differ, outcome
from accounts.services.accounts import lock_accounts, write_accounts
from accounts.tenancy import tenant_rows
from integrations.clients.groups import FIELD, row_of, told_of
from integrations.clients.messages import Message
from integrations.clients.people import Told, micros, newest
from integrations.clients.posthog import ACCOUNT_TYPES
from integrations.services.known import loads

TOLD = """
SELECT a.key, k.told FROM integrations_knownaccount k
JOIN accounts_account a ON a.workspace_id = k.workspace_id AND a.id = k.account_id
WHERE k.workspace_id = %(workspace)s AND a.key = ANY(%(keys)s::text[])
ORDER BY k.account_id FOR UPDATE OF k
"""
TELL = """
INSERT INTO integrations_knownaccount (workspace_id, account_id, told)
SELECT %(workspace)s, a.id, told.moments
FROM json_to_recordset(%(rows)s) AS told(key text, moments jsonb)
JOIN accounts_account a ON a.workspace_id = %(workspace)s AND a.key = told.key
ORDER BY a.id
ON CONFLICT (workspace_id, account_id) DO UPDATE SET told = excluded.told
"""
NAME, CREATED, SEATS = f"{FIELD}name", f"{FIELD}created_on", f"{FIELD}seats"


@dataclass
class Groups:
    """`touched` are the accounts to mark for evaluation, `refused` reasons by account key."""

    touched: set[int] = field(default_factory=set)
    refused: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Word:
    at: datetime
    told: Mapping[str, Any]


def tell_accounts(
    *, workspace: Workspace, messages: Sequence[Message], as_of: date, moment: datetime
) -> Groups:
    """Create and change the accounts; only what says something new takes the accounts' lock."""
    done = Groups()
    words: dict[str, list[Word]] = {}
    known = _known({message.account for message in messages})
    for message in sorted(messages, key=lambda m: m.at):
        if reason := _refusal(message, workspace, known):
            done.refused[message.account] = reason
        else:
            told = told_of(message.traits, workspace)
            words.setdefault(message.account, []).append(Word(message.at, told))
    if not words:
        return done
    quiet = all(_holds(known.get(key), word) for key, own in words.items() for word in own)
    if not quiet:
        lock_accounts()
        known = _known(words)
    values, moments = _newest(words)
    if not quiet:
        rows = [_row(key, values[key], key in known, words[key][0], workspace) for key in words]
        _write(rows, done, as_of=as_of, moment=moment)
    tell = [{"key": key, "moments": moments[key]} for key in words if moments[key]]
    tenant_rows(TELL, rows=msgspec.json.encode(tell).decode())
    return done


def _known(keys: Iterable[str]) -> dict[str, Account]:
    return {account.key: account for account in Account.objects.filter(key__in=list(keys))}


def _refusal(message: Message, workspace: Workspace, known: Mapping[str, Account]) -> str:
    if message.account in known:
        return ""
    if workspace.unknown_accounts == UnknownAccounts.REJECT:
        return _("account: there is no account with this key")
    if message.must_exist:
        return _("$group_type: an account is a group of one of the types %(types)s") % {
            "types": ", ".join(ACCOUNT_TYPES)
        }
    return ""


def _holds(account: Account | None, word: Word) -> bool:
    """Whether the word says what is stored anyway."""
    if account is None or SEATS in word.told:
        return False
    before = {name: getattr(account, name) for name in COLUMNS}
    after = outcome(row_of(account.key, word.told), before, Surroundings(account.currency, {}))
    return not after.problems and not differ(before, after.columns, COLUMNS)


def _newest(words: Mapping[str, list[Word]]) -> tuple[dict[str, dict[str, Any]], dict[str, Told]]:
    """What of the words holds, and the moments of all that was ever told, by account."""
    told = {key: loads(moments) for key, moments in tenant_rows(TOLD, keys=sorted(words))}
    values: dict[str, dict[str, Any]] = {}
    moments: dict[str, Told] = {}
    for key, own in words.items():
        values[key], moments[key] = {}, told.get(key, {})
        for word in own:
            values[key], moments[key] = newest(
                values[key], moments[key], word.told, micros(word.at)
            )
    return values, moments


def _row(
    key: str, told: Mapping[str, Any], exists: bool, first: Word, workspace: Workspace
) -> AccountRow:
    """An account that is new begins on the day when it was first told of."""
    fresh = {} if exists else {NAME: key, CREATED: workspace.day_of(first.at)}
    return row_of(key, {**fresh, **told})


def _write(rows: list[AccountRow], done: Groups, *, as_of: date, moment: datetime) -> None:
    """One that cannot be stored is refused for itself."""
    while rows:
        try:
            with transaction.atomic():
                _upserted, touched = write_accounts(rows=rows, as_of=as_of, moment=moment)
        except InvalidInput as error:
            bad = {_index(problem.path): problem.message for problem in error.problems}
            done.refused.update({rows[index].key: message for index, message in bad.items()})
            rows = [row for index, row in enumerate(rows) if index not in bad]
        else:
            done.touched |= touched
            return


def _index(path: str) -> int:
    """`accounts[3].name` → 3."""
    return int(path.partition("[")[2].partition("]")[0])
