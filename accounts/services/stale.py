"""Accounts whose data changed are marked by rows; a message to the workers is only a nudge."""

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from time import monotonic
from typing import Any

from celery import current_app
from django.db import connection, transaction

from accounts.tenancy import current_workspace_id

logger = logging.getLogger(__name__)

EVALUATE = "scoring.evaluate_stale"
GATHER_SECONDS = 1.0

MARK = """
INSERT INTO accounts_staleaccount (workspace_id, account_id, from_day, marked_at)
SELECT %(workspace)s, account_id, from_day, %(moment)s
FROM unnest(%(accounts)s::bigint[], %(days)s::date[]) AS changed(account_id, from_day)
ORDER BY account_id
ON CONFLICT (workspace_id, account_id) DO UPDATE SET from_day = excluded.from_day
WHERE accounts_staleaccount.from_day > excluded.from_day
"""

_nudged: dict[int, float] = {}


@dataclass(frozen=True)
class Nudge:
    """Asks for an evaluation a moment from now; until then every other nudge is covered by it."""

    workspace_id: int

    def __call__(self) -> None:
        now = monotonic()
        if now < _nudged.get(self.workspace_id, 0.0):
            return
        _nudged[self.workspace_id] = now + GATHER_SECONDS
        try:
            current_app.send_task(
                EVALUATE, args=[self.workspace_id], countdown=GATHER_SECONDS, retry=False
            )
        except Exception:
            # What was stored is stored: beat finds the marked accounts without the nudge.
            logger.warning("The broker did not take a nudge", exc_info=True)


def mark_stale(*, account_ids: Iterable[int], from_day: date, moment: datetime) -> None:
    mark_stale_from(from_days=dict.fromkeys(account_ids, from_day), moment=moment)


def mark_stale_from(*, from_days: Mapping[int, date], moment: datetime) -> None:
    """Mark accounts by the earliest day that the change touches; days marked before only widen.

    A mark that is there already is locked all the same: an evaluation that has taken it, and may
    not have seen the change, removes it first, and then it is made anew.
    """
    if not from_days:
        return
    workspace_id = current_workspace_id()
    parameters: dict[str, Any] = {
        "workspace": workspace_id,
        "moment": moment,
        "accounts": list(from_days),
        "days": list(from_days.values()),
    }
    with connection.cursor() as cursor:
        cursor.execute(MARK, parameters)
    nudge = Nudge(workspace_id)
    if all(waiting[1] != nudge for waiting in connection.run_on_commit):
        transaction.on_commit(nudge)
