"""Entry points of the workers. Every task may be lost, doubled or late: the rows know what is left."""

from datetime import timedelta
from functools import partial
from time import monotonic

from celery import shared_task
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.models import Workspace
from accounts.tenancy import scope
from integrations.services.imports.deciding import forget_files
from integrations.services.imports.working import imports_at_work, work_import

# What is still undone when a message expires is said again by the next nudge.
EXPIRES = 15
# After so many seconds others have their turn: a long import lets evaluations pass.
TURN = 10.0


@shared_task(name="integrations.nudge_imports")
def nudge_imports() -> None:
    """Say again what is undone; beat calls it every few seconds."""
    for workspace_id, import_id in imports_at_work():
        _send(workspace_id, import_id)


@shared_task(name="integrations.work_import")
def work(workspace_id: int, import_id: int) -> None:
    workspace = Workspace.objects.get(pk=workspace_id)
    until = monotonic() + TURN
    for _ in work_import(workspace=workspace, import_id=import_id, clock=timezone.now):
        if monotonic() > until:
            _send(workspace_id, import_id)
            return


@shared_task(name="integrations.forget_imports")
def forget_imports() -> None:
    """Files that nobody came back to are not kept for ever."""
    before = timezone.now() - timedelta(days=settings.IMPORT_DAYS)
    for workspace in Workspace.objects.all():
        with scope(workspace.pk):
            forget_files(before=before)


def send_work(workspace_id: int, import_id: int) -> None:
    """Once the import is a row: where the broker is away, the beat finds it."""
    transaction.on_commit(partial(_send, workspace_id, import_id), robust=True)


def _send(workspace_id: int, import_id: int) -> None:
    work.apply_async((workspace_id, import_id), retry=False, expires=EXPIRES)
