import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import IO, Any

from django.core.management.base import CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _
from tqdm import tqdm

from accounts.commands import USAGE, Error, WorkspaceCommand
from accounts.models import Workspace
from accounts.rejects import RejectFile, beside
from accounts.tenancy import scope
from integrations.imports.report import flaws_of, rejects_of
from integrations.models import Import, ImportState
from integrations.services.imports.beginning import Sent, begin_import
from integrations.services.imports.deciding import stop_import
from integrations.services.imports.working import work_step

INTERRUPTED = 130
SHOWN = 20
ANOTHER_HAS_IT = 0.1
"""Seconds until it is looked at again, where a worker of the running product has taken a step."""


class Command(WorkspaceCommand):
    help = (
        "Import accounts from a CSV (also gzipped) or XLSX file: created or updated by their key."
        " Run it again after an interruption: what is stored is unchanged then. Rows that are"
        " rejected are written to a file beside the input, which can be mended and imported."
    )
    one_transaction = False

    def add_options(self, parser: CommandParser) -> None:
        parser.add_argument("file", metavar="FILE", help="“-” reads standard input.")
        parser.add_argument("--dry-run", action="store_true", help="Report and store nothing.")
        parser.add_argument("--rejects", metavar="FILE", help="(FILE.rejected.csv)")

    def work(self, workspace: Workspace, **options: Any) -> bool:
        begun = self.begin(workspace, options["file"], dry_run=options["dry_run"])
        try:
            found = worked(workspace, begun)
        except KeyboardInterrupt:
            self.stop(workspace, begun)
        if found.state == ImportState.FAILED:
            raise Error(found.error)
        self.report(workspace, found, options["rejects"] or beside(options["file"]))
        if found.dry_run:
            with scope(workspace.pk):
                Import.objects.filter(pk=found.pk).delete()
        return not found.rejected

    def begin(self, workspace: Workspace, name: str, *, dry_run: bool) -> Import:
        with ExitStack() as stack, scope(workspace.pk):
            file = sys.stdin.buffer if name == "-" else stack.enter_context(opened(name))
            return begin_import(
                sent=Sent(file, Path(name).name, "accounts", columns={}, limited=False),
                by=None,
                who=_("Command line"),
                moment=timezone.now(),
                state=ImportState.CHECKING if dry_run else ImportState.QUEUED,
                dry_run=dry_run,
            )

    def stop(self, workspace: Workspace, begun: Import) -> None:
        with scope(workspace.pk):
            stop_import(found=begun, error=_("It was interrupted."), moment=timezone.now())
            found = Import.objects.get(pk=begun.pk)
        self.stdout.write(summary(found))
        self.stderr.write(
            _("Stopped after %(done)s of %(total)s rows. Run the same again to go on.")
            % {"done": found.done, "total": found.total}
        )
        sys.exit(INTERRUPTED)

    def report(self, workspace: Workspace, found: Import, place: str) -> None:
        with RejectFile("" if found.dry_run else place) as rejects:
            rejects.header = found.header
            for shown, reject in enumerate(rejects_of(found, workspace)):
                column, message = flaws_of(reject)
                if shown < SHOWN:
                    where = f"{reject.line}, {column}" if column else f"{reject.line}"
                    self.stderr.write(
                        _("line %(where)s: %(message)s") % {"where": where, "message": message}
                    )
                rejects.write(reject.line, column, message, reject.cells)
        self.stdout.write(summary(found))
        if found.rejected and not found.dry_run:
            self.stderr.write(rejects.told())


def opened(name: str) -> IO[bytes]:
    try:
        return Path(name).open("rb")
    except OSError as error:
        message = _("%(file)s cannot be read: %(reason)s")
        values = {"file": name, "reason": error.strerror}
        raise Error(message % values, returncode=USAGE) from error


def worked(workspace: Workspace, begun: Import) -> Import:
    """The import when it is over, whoever did its steps."""
    with tqdm(unit=" rows", disable=None, file=sys.stderr) as bar:
        for found in progress(workspace, begun):
            bar.total = found.total or None
            bar.update(found.done - bar.n)
    return found


def progress(workspace: Workspace, begun: Import) -> Iterator[Import]:
    while True:
        stepped = work_step(workspace=workspace, import_id=begun.pk, clock=timezone.now)
        with scope(workspace.pk):
            found = Import.objects.get(pk=begun.pk)
        yield found
        if not found.at_work:
            return
        if not stepped:
            time.sleep(ANOTHER_HAS_IT)


def summary(found: Import) -> str:
    told = _(
        "%(created)s created, %(updated)s updated, %(unchanged)s unchanged, %(bad)s not stored"
    ) % {
        "created": found.created,
        "updated": found.updated,
        "unchanged": found.unchanged,
        "bad": found.rejected,
    }
    return f"{told} ({_('dry run: nothing stored')})" if found.dry_run else told
