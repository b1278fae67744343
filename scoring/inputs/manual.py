"""The latest measurement of each manual metric, as of each day."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from accounts.models import Workspace
from accounts.tenancy import current_workspace_id
from scoring.engine.card import Metric, Milestone
from scoring.engine.status import Status
from scoring.engine.values import encode

# The latest before the first day is over, and everything after it: a window function would read all.
LATEST = """
SELECT * FROM (
    SELECT DISTINCT ON (account_id, metric)
        account_id, metric, measured_at, value, not_applicable, id
    FROM scoring_measurement
    WHERE workspace_id = %(workspace)s AND account_id = ANY(%(accounts)s)
      AND metric = ANY(%(metrics)s) AND measured_at < %(first_over)s
      AND (scorecard_id IS NULL OR scorecard_id = %(scorecard)s)
    ORDER BY account_id, metric, measured_at DESC, id DESC
) before
UNION ALL
SELECT account_id, metric, measured_at, value, not_applicable, id
FROM scoring_measurement
WHERE workspace_id = %(workspace)s AND account_id = ANY(%(accounts)s)
  AND metric = ANY(%(metrics)s)
  AND measured_at >= %(first_over)s AND measured_at < %(last_over)s
  AND (scorecard_id IS NULL OR scorecard_id = %(scorecard)s)
ORDER BY measured_at, id
"""


NEVER = -1


@dataclass(frozen=True)
class Manual:
    """Arrays shaped (days, accounts, metrics of the card); only manual metrics' columns are filled."""

    values: NDArray[np.int64]
    status: NDArray[np.uint8]
    measured: NDArray[np.int32]


def load_manual(
    into: Manual,
    *,
    workspace: Workspace,
    scorecard_id: int,
    account_ids: list[int],
    metrics: dict[int, Metric],
    first: date,
    last: date,
) -> None:
    """Fill the columns of `metrics` (column → metric); a milestone that nobody set is not done."""
    if not metrics:
        return
    milestones = [j for j, metric in metrics.items() if isinstance(metric.source, Milestone)]
    into.status[:, :, milestones] = Status.OK
    columns = {metric.key: column for column, metric in metrics.items()}
    rows = {account_id: n for n, account_id in enumerate(account_ids)}
    parameters = {
        "workspace": current_workspace_id(),
        "accounts": account_ids,
        "metrics": list(columns),
        "scorecard": scorecard_id,
        "first_over": midnight_after(first, workspace),
        "last_over": midnight_after(last, workspace),
    }
    for account_id, key, measured_at, raw, not_applicable in _rows(parameters):
        day = workspace.day_of(measured_at)
        j, n = columns[key], rows[account_id]
        start = max(0, (day - first).days)
        value, status = _encode(metrics[j], raw, not_applicable)
        into.values[start:, n, j] = value
        into.status[start:, n, j] = status
        into.measured[start:, n, j] = day.toordinal()


def midnight_after(day: date, workspace: Workspace) -> datetime:
    """The first moment after the day in the workspace's time zone."""
    local = datetime.combine(day + timedelta(days=1), time.min, tzinfo=workspace.zone)
    return local.astimezone(UTC)


def _rows(parameters: dict[str, Any]) -> Iterator[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(LATEST, parameters)
        for account_id, key, measured_at, raw, not_applicable, _id in cursor.fetchall():
            yield account_id, key, measured_at, json.loads(raw or "null"), not_applicable


def _encode(metric: Metric, raw: Any, not_applicable: bool) -> tuple[int, Status]:
    if not_applicable:
        return 0, Status.NOT_APPLICABLE
    try:
        return encode(metric, raw), Status.OK
    except ValueError:  # a level that this version does not have
        return 0, Status.ERROR
