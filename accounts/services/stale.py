"""Accounts whose data changed are marked by rows; a message to the workers is only a nudge."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from time import monotonic

from django.db import connection, transaction

from accounts.services.messenger import Messenger
from accounts.tenancy import current_workspace_id, tenant_rows

GATHER_SECONDS = 1.0

MARK = "SELECT accounts_mark_stale(%(workspace)s, %(accounts)s, %(days)s::date[], %(moment)s)"

_nudged: dict[int, float] = {}
_messenger = Messenger(GATHER_SECONDS)


@dataclass(frozen=True)
class Nudge:
    """Asks for an evaluation a moment from now; until then every other nudge is covered by it."""

    workspace_id: int

    def __call__(self) -> None:
        now = monotonic()
        if now < _nudged.get(self.workspace_id, 0.0):
            return
        _nudged[self.workspace_id] = now + GATHER_SECONDS
        _messenger.send(self.workspace_id)


def mark_stale(*, account_ids: Iterable[int], from_day: date, moment: datetime) -> None:
    mark_stale_from(from_days=dict.fromkeys(account_ids, from_day), moment=moment)


def mark_stale_from(*, from_days: Mapping[int, date], moment: datetime) -> None:
    """Mark accounts by the earliest day that the change touches; days marked before only widen."""
    if not from_days:
        return
    tenant_rows(MARK, moment=moment, accounts=list(from_days), days=list(from_days.values()))
    nudge()


def nudge() -> None:
    """Once the marks are committed, however often it is asked in the transaction."""
    asked = Nudge(current_workspace_id())
    if all(waiting[1] != asked for waiting in connection.run_on_commit):
        transaction.on_commit(asked)
