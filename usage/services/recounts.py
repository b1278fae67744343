"""All days of a workspace counted anew, a slice at a time: after a change of its time zone, or asked for."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import Max, Min, Sum

from accounts.models import Workspace
from accounts.services.stale import nudge
from accounts.tenancy import current_workspace_id, scope, tenant_rows
from usage.days import DAY, month_of, next_month
from usage.models import AccountDay, Recount
from usage.services.recount import recount_months

EVENTS = 200_000
ACCOUNTS = 5_000
SETTLE = timedelta(seconds=60)
"""Batches that read the time zone before it changed are stored by then."""

# A day of another time zone is at most one day away.
SLICE = """
SELECT account_id, sum(events) FILTER (WHERE day >= %(month)s AND day < %(next)s)
FROM usage_accountday WHERE workspace_id = %(workspace)s AND account_id > %(after)s
    AND day >= %(month)s::date - 1 AND day <= %(next)s
GROUP BY account_id ORDER BY account_id LIMIT %(most)s
"""

MARK = """
SELECT accounts_mark_stale(%(workspace)s, array_agg(account_id), array_agg(%(day)s::date), %(moment)s)
FROM (
    SELECT DISTINCT account_id FROM usage_accountday
    WHERE workspace_id = %(workspace)s AND day >= %(day)s
) AS active
"""


def start_due_recounts(*, moment: datetime) -> None:
    """Where a time zone was changed."""
    for workspace_id in Workspace.objects.exclude(days_zone="").values_list("pk", flat=True):
        with scope(workspace_id):
            start_recount(workspace_id=workspace_id, moment=moment)


def due_recounts(*, moment: datetime) -> list[tuple[int, int]]:
    """Workspaces and their recounts that are not finished."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT workspace_id, recount_id FROM usage_recounts(%s)", [moment - SETTLE])
        return [(workspace_id, recount_id) for workspace_id, recount_id in cursor.fetchall()]


def start_recount(*, workspace_id: int, moment: datetime) -> Recount:
    """The one that is not finished yet, or else a new one, inside the open scope."""
    workspace = Workspace.objects.select_for_update(no_key=True).get(pk=workspace_id)
    begun: Recount | None = Recount.objects.unfinished().filter(zone=workspace.time_zone).first()
    if begun is not None:
        return begun
    bounds = AccountDay.objects.aggregate(first=Min("day"), last=Max("day"), total=Sum("events"))
    today = workspace.day_of(moment)
    recount: Recount = Recount.objects.create(
        zone=workspace.time_zone,
        month=month_of((bounds["first"] or today) - DAY),
        to_day=(bounds["last"] or today) + DAY,
        total=bounds["total"] or 0,
        created_at=moment,
    )
    return recount


def work_recount(*, workspace_id: int, recount_id: int, moment: datetime) -> Iterator[Recount]:
    """Slice after slice, each with its mark in one transaction; ends where another works on it."""
    while True:
        with scope(workspace_id):
            found = Recount.objects.unfinished().filter(pk=recount_id)
            recount = found.select_for_update(skip_locked=True).first()
            if recount is None:
                return
            _work_slice(recount, moment)
        yield recount


def _work_slice(recount: Recount, moment: datetime) -> None:
    account_ids, events = _next_slice(recount)
    if not account_ids:
        recount.month, recount.after_account = next_month(recount.month), 0
        if recount.month > recount.to_day:
            _finish(recount, moment)
    else:
        changed = recount_months({recount.month: account_ids})
        known = [recount.changed_from] if recount.changed_from else []
        recount.changed_from = min([*known, *changed.values()], default=None)
        recount.after_account = account_ids[-1]
        recount.done = min(recount.total, recount.done + events)
    recount.save()


def _next_slice(recount: Recount) -> tuple[list[int], int]:
    rows = tenant_rows(
        SLICE,
        month=recount.month,
        next=next_month(recount.month),
        after=recount.after_account,
        most=ACCOUNTS,
    )
    account_ids, events = [], 0
    for account_id, number in rows:
        account_ids.append(account_id)
        events += int(number or 0)
        if events >= EVENTS:
            break
    return account_ids, events


def _finish(recount: Recount, moment: datetime) -> None:
    """Scores follow at the end: each day is restated once, not once for each month before it."""
    recount.finished_at, recount.done = moment, recount.total
    done = Workspace.objects.filter(pk=current_workspace_id(), time_zone=recount.zone)
    done.update(days_zone="")
    if recount.changed_from is not None:
        tenant_rows(MARK, day=recount.changed_from, moment=moment)
        nudge()
