"""Accounts whose data changed are evaluated within seconds: today, and the past days it touches."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from django.db import connection

from accounts.models import Workspace
from accounts.tenancy import current_workspace_id, scope
from scoring.models import Evaluation
from scoring.services.evaluate import evaluate

BATCH = 200
DAY = timedelta(days=1)

# Locked until the evaluation commits: data that comes meanwhile waits and marks the account anew.
CLAIM = """
DELETE FROM accounts_staleaccount WHERE workspace_id = %s AND account_id IN (
    SELECT account_id FROM accounts_staleaccount WHERE workspace_id = %s
    ORDER BY marked_at LIMIT %s FOR UPDATE SKIP LOCKED)
RETURNING account_id, from_day
"""

Interval = tuple[date, date]


def evaluate_stale(*, workspace: Workspace, moment: datetime) -> int:
    """Work off the marks; the number of accounts. A mark and its evaluation are one transaction."""
    total = 0
    while done := _evaluate_batch(workspace, moment):
        total += done
    return total


def _evaluate_batch(workspace: Workspace, moment: datetime) -> int:
    today = workspace.day_of(moment)
    with scope(workspace.pk):
        with connection.cursor() as cursor:
            cursor.execute(CLAIM, [current_workspace_id(), current_workspace_id(), BATCH])
            marks: list[tuple[int, date]] = cursor.fetchall()
        late = [account_id for account_id, day in marks if day < today]
        if late:
            since = min(day for _, day in marks)
            for first, last in _evaluated(late, since, today - DAY):
                evaluate(
                    workspace=workspace, account_ids=late, first=first, last=last, moment=moment
                )
        evaluate(
            workspace=workspace,
            account_ids=sorted(account_id for account_id, _ in marks),
            first=today,
            last=today,
            moment=moment,
        )
    return len(marks)


def _evaluated(account_ids: list[int], first: date, last: date) -> Iterator[Interval]:
    """The past days that have an evaluation, as intervals in order: only these are restated."""
    rows = (
        Evaluation.objects.filter(account_id__in=account_ids)
        .between(first, last)
        .values_list("day", "to_day")
        .distinct()
        .order_by("day", "to_day")
    )
    start: date | None = None
    end = first
    for day, to_day in rows:
        if start is not None and day > end + DAY:
            yield start, end
            start = None
        start = max(day, first) if start is None else start
        end = max(end, min(to_day, last))
    if start is not None:
        yield start, end
