from collections import Counter
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone

from accounts.commands import DATA, USAGE, Error, WorkspaceCommand
from accounts.errors import InvalidInput
from accounts.models import Workspace
from scoring.documents import Parsed, read_documents
from scoring.services.importing import How, Refused, import_documents, preview_import

Given = list[tuple[str, Parsed]]


class Command(WorkspaceCommand):
    help = "Apply scorecards, schemes, segments and rules from YAML or JSON files: all of them, or none."

    def add_options(self, parser: CommandParser) -> None:
        parser.add_argument("files", nargs="+", metavar="FILE")
        parser.add_argument(
            "--dry-run", action="store_true", help="Only tell what would be created or changed."
        )
        parser.add_argument("--note", default="", help="What changed, and why: for the versions.")

    def work(self, workspace: Workspace, **options: Any) -> None:
        given = [(file, parsed) for file in options["files"] for parsed in read(file)]
        moment = timezone.now()
        today, note = workspace.day_of(moment), options["note"]
        how = How(publish=True, by=None, today=today, moment=moment, note=note)
        bring_in = preview_import if options["dry_run"] else import_documents
        try:
            done = bring_in(documents=[parsed.document for _file, parsed in given], how=how)
        except Refused as error:
            raise Error(
                "\n".join([*told(given, error), "Nothing was applied."]), returncode=DATA
            ) from error
        if options["verbosity"] > 1 or options["dry_run"]:
            for one in done:
                self.stdout.write(f"{one.kind} {one.key}: {one.action}")
        counts = Counter(one.action for one in done)
        parts = [f"{counts[action]} {action}" for action in ("created", "changed", "unchanged")]
        self.stdout.write(", ".join(parts) + (" (dry run)" if options["dry_run"] else ""))


def told(given: Given, error: Refused) -> list[str]:
    """As compilers do it, so that editors find the place."""
    return [
        f"{given[place][0]}:{given[place][1].line(p.path)}: {p.path}: {p.message}"
        for place, problems in error.found.items()
        for p in problems
    ]


def read(file: str) -> list[Parsed]:
    """The documents of a file: one, a list of them, or several that “---” divides."""
    try:
        return read_documents(Path(file).read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise Error(f"{file}: {error.strerror}", returncode=USAGE) from error
    except UnicodeDecodeError as error:
        raise Error(f"{file}: this is not text in UTF-8", returncode=DATA) from error
    except InvalidInput as error:
        raise Error(f"{file}: {error.problems[0].message}", returncode=DATA) from error
