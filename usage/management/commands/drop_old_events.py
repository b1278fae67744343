from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from accounts.models import Workspace
from accounts.tenancy import scope
from usage.services.quarantine import forget_rejected
from usage.services.retention import clear_events, drop_months, forget_before


class Command(BaseCommand):
    help = "Drop the raw events that no workspace keeps any longer; what was derived of them stays."

    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        moment = timezone.now()
        workspaces = list(Workspace.objects.order_by("slug"))
        for workspace in workspaces:
            forget_before(workspace=workspace, moment=moment)
        months = drop_months()
        rows = sum(sum(clear_events(workspace_id=workspace.pk)) for workspace in workspaces)
        for workspace in workspaces:
            with scope(workspace.pk):
                forget_rejected(moment=moment)
        self.stdout.write(f"{len(months)} months dropped, {rows} rows of other months deleted.")
