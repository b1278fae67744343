"""Entry points of the workers. Every task may be lost, doubled or late: the rows know what is left."""

import logging
from typing import Any

from celery import Task, shared_task
from django.utils import timezone

from accounts.models import Workspace
from accounts.tenancy import scope
from usage.services.quarantine import forget_rejected
from usage.services.recounts import due_recounts, start_due_recounts, work_recount
from usage.services.retention import clear_events, drop_months, forget_before

logger = logging.getLogger(__name__)

# What is still undone when a message expires is said again by the next beat.
EXPIRES = 50


@shared_task(name="usage.nudge")
def nudge() -> None:
    """Say again what is to be counted anew; beat calls it every minute."""
    moment = timezone.now()
    start_due_recounts(moment=moment)
    for workspace_id, recount_id in due_recounts(moment=moment):
        _send(recount_workspace, workspace_id, recount_id)


@shared_task(name="usage.recount_workspace")
def recount_workspace(workspace_id: int, recount_id: int) -> None:
    for _ in work_recount(workspace_id=workspace_id, recount_id=recount_id, moment=timezone.now()):
        pass


@shared_task(name="usage.drop_old_events")
def drop_old_events() -> None:
    """Every night: first every workspace says what it keeps, then whole months go, then the rest."""
    moment = timezone.now()
    workspaces = list(Workspace.objects.all())
    for workspace in workspaces:
        forget_before(workspace=workspace, moment=moment)
    drop_months()
    for workspace in workspaces:
        _send(clear_workspace, workspace.pk)


@shared_task(name="usage.clear_workspace")
def clear_workspace(workspace_id: int) -> None:
    """What a workspace does not keep: rows of events, counts of what came in, the quarantine."""
    for _ in clear_events(workspace_id=workspace_id):
        pass
    with scope(workspace_id):
        forget_rejected(moment=timezone.now())


def _send(task: Task[Any, Any], *arguments: int) -> None:
    task.apply_async(arguments, retry=False, expires=EXPIRES)
