"""Entry points of the workers. Every task may be lost, doubled or late: the rows know what is left."""

import logging
from datetime import date, datetime
from typing import Any

from celery import Task, shared_task
from django.utils import timezone

from accounts.models import Workspace
from accounts.tenancy import scope
from scoring.services.alert_states import wake_snoozed
from scoring.services.runs import last_nights, start_night, work_run, workspaces_with_work
from scoring.services.stale import evaluate_stale as evaluate_stale_accounts

logger = logging.getLogger(__name__)

# What is still undone when a message expires is said again by the next nudge.
EXPIRES = 15


@shared_task(name="scoring.start_nights")
def start_nights() -> None:
    """Start each workspace's night once its own local hour has come; its new day wakes alerts."""
    moment = timezone.now()
    nights = last_nights()
    for workspace in Workspace.objects.all():
        try:
            _begin_day(workspace, nights.get(workspace.pk), moment)
        except Exception:
            logger.exception("The night of workspace %s did not start", workspace.pk)


def _begin_day(workspace: Workspace, last_night: date | None, moment: datetime) -> None:
    today = workspace.day_of(moment)
    with scope(workspace.pk):
        wake_snoozed(today=today, moment=moment)
    due = moment.astimezone(workspace.zone).hour >= workspace.night_hour
    if due and (last_night is None or last_night < today):
        run = start_night(workspace=workspace, today=today, last_night=last_night)
        if run is not None:
            _send(evaluate_run, workspace.pk, run.pk)


@shared_task(name="scoring.nudge")
def nudge() -> None:
    """Say again what is undone; beat calls it every few seconds."""
    for workspace_id, run_ids in workspaces_with_work().items():
        _send(evaluate_stale, workspace_id)
        for run_id in run_ids:
            _send(evaluate_run, workspace_id, run_id)


@shared_task(name="scoring.evaluate_run")
def evaluate_run(workspace_id: int, run_id: int) -> None:
    """Between two slices come those whose data changed: they wait seconds, the run may take hours."""
    workspace = Workspace.objects.get(pk=workspace_id)
    for _ in work_run(workspace=workspace, run_id=run_id, clock=timezone.now):
        for stale_id in workspaces_with_work():
            evaluate_stale(stale_id)


@shared_task(name="scoring.evaluate_stale")
def evaluate_stale(workspace_id: int) -> None:
    workspace = Workspace.objects.get(pk=workspace_id)
    evaluate_stale_accounts(workspace=workspace, moment=timezone.now())


def _send(task: Task[Any, Any], *arguments: int) -> None:
    task.apply_async(arguments, retry=False, expires=EXPIRES)
