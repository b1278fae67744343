from typing import Any

from django.core.management.base import CommandParser

from accounts.commands import USAGE, Error, WorkspaceCommand
from accounts.models import Workspace
from scoring.documents import write_documents
from scoring.exports import published_scorecards, rule_documents, scorecard_documents


class Command(WorkspaceCommand):
    help = "Write the published scorecards as YAML to standard output; apply reads it again."

    def add_options(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--key", action="append", help="Only this one, with what it names; can be repeated."
        )
        parser.add_argument("--rules", action="store_true", help="The rules, too.")

    def work(self, workspace: Workspace, **options: Any) -> None:
        scorecards, keys = published_scorecards(), options["key"]
        unknown = sorted(set(keys or ()) - {scorecard.key for scorecard in scorecards})
        if unknown:
            message = f"There is no published scorecard “{unknown[0]}”."
            raise Error(message, returncode=USAGE)
        documents = scorecard_documents(s for s in scorecards if not keys or s.key in keys)
        if options["rules"]:
            documents += rule_documents()
        # At once: to every piece that is written Django adds the end of a line.
        self.stdout.write(write_documents(documents), ending="")
