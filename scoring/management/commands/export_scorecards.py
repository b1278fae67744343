from typing import Any

import yaml

from accounts.commands import WorkspaceCommand
from accounts.models import Workspace
from scoring.models import Scorecard


class Command(WorkspaceCommand):
    help = "Write the published scorecards as YAML to standard output; apply reads it again."

    def work(self, workspace: Workspace, **options: Any) -> None:
        published = Scorecard.objects.filter(current_version__isnull=False)
        documents = [
            card.current_version.document
            for card in published.select_related("current_version").order_by("rank", "key")
        ]
        yaml.safe_dump_all(documents, self.stdout, sort_keys=False, allow_unicode=True)
