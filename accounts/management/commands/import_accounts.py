import sys
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _
from tqdm import tqdm

from accounts.commands import USAGE, Error, WorkspaceCommand
from accounts.models import Workspace
from accounts.services.imports import Imported, import_accounts
from accounts.tables import read_table


class Command(WorkspaceCommand):
    help = "Import accounts from a CSV file: created or updated by their key."

    def add_options(self, parser: CommandParser) -> None:
        parser.add_argument("file", metavar="FILE", help="“-” reads standard input.")
        parser.add_argument("--dry-run", action="store_true", help="Report and store nothing.")

    def work(self, workspace: Workspace, **options: Any) -> bool:
        table = read_table(self.content(options["file"]))
        moment = timezone.now()
        with tqdm(unit=" lines", disable=None, file=sys.stderr) as bar:
            imported = import_accounts(
                table=table,
                as_of=workspace.day_of(moment),
                by=None,
                moment=moment,
                dry_run=options["dry_run"],
                progress=bar.update,
            )
        self.report(imported, dry_run=options["dry_run"])
        return not imported.problems

    def content(self, file: str) -> bytes:
        try:
            return sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
        except OSError as error:
            message = _("%(file)s cannot be read: %(reason)s")
            raise Error(
                message % {"file": file, "reason": error.strerror}, returncode=USAGE
            ) from error

    def report(self, imported: Imported, *, dry_run: bool) -> None:
        for problem in imported.problems:
            self.stderr.write(str(problem))
        summary = _(
            "%(created)s created, %(updated)s updated, %(unchanged)s unchanged, %(bad)s not stored"
        ) % {
            "created": imported.created,
            "updated": imported.updated,
            "unchanged": imported.unchanged,
            "bad": imported.bad_lines,
        }
        self.stdout.write(f"{summary} ({_('dry run: nothing stored')})" if dry_run else summary)
