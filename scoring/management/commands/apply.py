from pathlib import Path
from typing import Any

import yaml
from django.core.management.base import CommandParser
from django.db import transaction
from django.utils import timezone

from accounts.commands import DATA, USAGE, Error, WorkspaceCommand
from accounts.errors import InvalidInput
from accounts.models import Workspace
from scoring.documents import Loader
from scoring.services.configuration import save_rule
from scoring.services.publishing import apply_scorecard


class Command(WorkspaceCommand):
    help = "Apply scorecards and rules from YAML or JSON files: all of them, or none."

    def add_options(self, parser: CommandParser) -> None:
        parser.add_argument("files", nargs="+", metavar="FILE")

    def work(self, workspace: Workspace, **options: Any) -> None:
        documents = [pair for file in options["files"] for pair in read(file)]
        # Scorecards first: rules may name them.
        documents.sort(key=lambda pair: is_rule(pair[1]))
        problems = []
        for file, document in documents:
            try:
                with transaction.atomic():
                    apply(workspace, document)
            except InvalidInput as error:
                problems += [f"{file}: {p.path}: {p.message}" for p in error.problems]
        if problems:
            raise Error("\n".join([*problems, "Nothing was applied."]), returncode=DATA)
        rules = sum(is_rule(document) for _file, document in documents)
        self.stdout.write(f"{len(documents) - rules} scorecards and {rules} rules applied")


def apply(workspace: Workspace, document: Any) -> None:
    if is_rule(document):
        save_rule(document=document)
        return
    moment = timezone.now()
    apply_scorecard(document=document, by=None, today=workspace.day_of(moment), moment=moment)


def read(file: str) -> list[tuple[str, Any]]:
    """The documents of a file: one, a list of them, or several that “---” divides."""
    try:
        parts = list(yaml.load_all(Path(file).read_text(encoding="utf-8-sig"), Loader))
    except OSError as error:
        raise Error(f"{file}: {error.strerror}", returncode=USAGE) from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise Error(f"{file}: this is no YAML: {error}", returncode=DATA) from error
    documents = [d for part in parts for d in (part if isinstance(part, list) else [part])]
    return [(file, document) for document in documents if document is not None]


def is_rule(document: Any) -> bool:
    return isinstance(document, dict) and "when" in document
