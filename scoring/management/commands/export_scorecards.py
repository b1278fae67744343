from typing import Any

import yaml

from accounts.commands import WorkspaceCommand
from accounts.models import Workspace
from scoring.engine.schemes import SHIPPED
from scoring.models import Scorecard, ScorecardVersion
from scoring.versions import document_of


class Command(WorkspaceCommand):
    help = "Write the published scorecards as YAML to standard output; apply reads it again."

    def work(self, workspace: Workspace, **options: Any) -> None:
        published = Scorecard.objects.filter(current_version__isnull=False)
        documents = [
            portable(card.current_version)
            for card in published.select_related("current_version").order_by("rank", "key")
        ]
        # At once: to every piece that is written Django adds the end of a line.
        self.stdout.write(yaml.safe_dump_all(documents, sort_keys=False, allow_unicode=True))


def portable(version: ScorecardVersion) -> dict[str, Any]:
    """The bands of the workspace's own scheme in place of its key, which others do not know."""
    document = document_of(version)
    if document.get("scheme", "ryg") in SHIPPED:
        return document
    return {
        "bands" if name == "scheme" else name: version.bands if name == "scheme" else value
        for name, value in document.items()
    }
