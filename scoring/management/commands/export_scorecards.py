from typing import Any

import msgspec
import yaml

from accounts.commands import WorkspaceCommand
from accounts.models import Workspace
from scoring.engine.document import export
from scoring.engine.schemes import SHIPPED
from scoring.models import Scorecard, ScorecardVersion
from scoring.versions import compiled


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
    found = compiled(version)
    if found.card.scheme is None or found.card.scheme in SHIPPED:
        return export(found.card)
    return export(msgspec.structs.replace(found.card, scheme=None, bands=found.bands))
