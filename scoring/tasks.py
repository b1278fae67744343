"""Entry points of the workers. Every task may be lost, doubled or late: the rows know what is left."""

from celery import shared_task
from django.utils import timezone

from accounts.models import Workspace
from scoring.services.runs import last_nights, start_night, work_run, workspaces_with_work
from scoring.services.stale import evaluate_stale as evaluate_stale_accounts


@shared_task(name="scoring.start_nights")
def start_nights() -> None:
    """Start each workspace's night once its own local hour has come."""
    moment = timezone.now()
    nights = last_nights()
    for workspace in Workspace.objects.all():
        today, last_night = workspace.day_of(moment), nights.get(workspace.pk)
        due = moment.astimezone(workspace.zone).hour >= workspace.night_hour
        if due and (last_night is None or last_night < today):
            run = start_night(workspace=workspace, today=today, last_night=last_night)
            if run is not None:
                evaluate_run.delay(workspace.pk, run.pk)


@shared_task(name="scoring.nudge")
def nudge() -> None:
    """Say again what is undone; beat calls it every few seconds."""
    for workspace_id, run_ids in workspaces_with_work().items():
        evaluate_stale.delay(workspace_id)
        for run_id in run_ids:
            evaluate_run.delay(workspace_id, run_id)


@shared_task(name="scoring.evaluate_run")
def evaluate_run(workspace_id: int, run_id: int) -> None:
    workspace = Workspace.objects.get(pk=workspace_id)
    for _ in work_run(workspace=workspace, run_id=run_id):
        pass


@shared_task(name="scoring.evaluate_stale")
def evaluate_stale(workspace_id: int) -> None:
    workspace = Workspace.objects.get(pk=workspace_id)
    evaluate_stale_accounts(workspace=workspace, moment=timezone.now())
