import csv
import gzip
import shlex
import sys
import time
import zlib
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone
from django.utils.translation import gettext as _
from tqdm import tqdm

from accounts.commands import DATA, USAGE, Error, find_workspace
from accounts.models import Workspace
from accounts.rejects import RejectFile, beside
from accounts.tenancy import scope
from usage.csv_events import (
    Line,
    Measured,
    Unreadable,
    batches,
    open_bytes,
    read_events_file,
    text_of,
)
from usage.events import Source
from usage.services.ingest import Ingested, ingest_events

BATCH = 5000
SHOWN = 20
INTERRUPTED = 130
"""What a shell says of a program that Ctrl-C ended."""


@dataclass
class Counts:
    """What became of the lines; `line` is the last one whose batch is stored."""

    accepted: int = 0
    duplicates: int = 0
    rejected: int = 0
    line: int = 0

    def add(self, done: Ingested, line: int) -> None:
        self.accepted += done.accepted
        self.duplicates += done.duplicates
        self.rejected += len(done.rejected)
        self.line = line

    @property
    def total(self) -> int:
        return self.accepted + self.duplicates + self.rejected

    def summary(self, seconds: float) -> str:
        return _(
            "%(accepted)s accepted, %(duplicates)s duplicates, %(rejected)s rejected"
            " in %(seconds).1f s (%(rate)s events/s)"
        ) % {
            "accepted": self.accepted,
            "duplicates": self.duplicates,
            "rejected": self.rejected,
            "seconds": seconds,
            "rate": f"{round(self.total / max(seconds, 0.001)):,}",
        }


class Command(BaseCommand):
    help = (
        "Import usage events from a CSV file: event_id, occurred_at, account, user, event, feature,"
        " duration_seconds, and count and properties if you like. Gzip is recognized. Run it again"
        " after an interruption: events that are stored count once. Lines that are rejected are"
        " written to a file beside the input, which can be mended and imported like any other."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("workspace", help="the workspace's address (slug)")
        parser.add_argument("file", help="a .csv or .csv.gz file; - is standard input")
        parser.add_argument(
            "--rejects", metavar="FILE", help="write the rejected lines there (FILE.rejected.csv)"
        )
        parser.add_argument(
            "--from-line", type=int, default=0, metavar="N", help="pass over the lines before it"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        workspace = find_workspace(options["workspace"])
        counts, started = Counts(), time.monotonic()
        place = options["rejects"] or beside(options["file"])
        with ExitStack() as stack:
            source = stack.enter_context(opened(options["file"]))
            rejects = stack.enter_context(RejectFile(place, more=bool(options["from_line"])))
            try:
                for batch in read(source, options, counts, rejects):
                    self.store(workspace, batch, counts, rejects)
            except KeyboardInterrupt:
                self.stdout.write(counts.summary(time.monotonic() - started))
                self.stderr.write(how_to_go_on(options, counts))
                sys.exit(INTERRUPTED)
        self.stdout.write(counts.summary(time.monotonic() - started))
        if counts.rejected:
            self.stderr.write(rejects.told())
            sys.exit(DATA)

    def store(
        self, workspace: Workspace, batch: list[Line], counts: Counts, rejects: RejectFile
    ) -> None:
        """One batch is one transaction, and so are the marks of the accounts that it touches."""
        with scope(workspace.pk):
            done = ingest_events(
                workspace=workspace,
                events=[event for _number, event, _cells in batch],
                moment=timezone.now(),
                source=Source(name="import"),
            )
        for shown, bad in enumerate(done.rejected, start=counts.rejected):
            line, _event, cells = batch[bad.index]
            if shown < SHOWN:
                self.stderr.write(
                    _("line %(line)s: %(message)s") % {"line": line, "message": bad.message}
                )
            column, _colon, _rest = bad.message.rpartition(": ")
            rejects.write(line, column.partition(": ")[0], bad.message, cells)
        counts.add(done, batch[-1][0])


def how_to_go_on(options: dict[str, Any], counts: Counts) -> str:
    again = f"manage.py import_events {shlex.quote(options['workspace'])} {shlex.quote(options['file'])}"
    if options["file"] == "-" or not counts.line:
        return _("Stopped. Send the same lines again: events that are stored count once.")
    return _(
        "Stopped after line %(line)s; the lines up to it are done. Go on with:\n  %(command)s"
    ) % {"line": counts.line, "command": f"{again} --from-line {counts.line + 1}"}


def read(
    source: Measured, options: dict[str, Any], counts: Counts, rejects: RejectFile
) -> Iterator[list[Line]]:
    """Batches of lines, with progress and rate on a terminal."""
    name = options["file"]
    size = Path(name).stat().st_size if name != "-" else None
    bar = tqdm(total=size, unit="B", unit_scale=True, disable=not sys.stderr.isatty())
    started = time.monotonic()
    with bar:
        try:
            file = read_events_file(text_of(source), from_line=options["from_line"])
            rejects.header = file.names
            for batch in batches(file.lines, BATCH):
                yield batch
                rate = round(counts.total / max(time.monotonic() - started, 0.001))
                bar.set_postfix_str(_("%(rate)s events/s") % {"rate": f"{rate:,}"}, refresh=False)
                bar.update(source.position - bar.n)
        except Unreadable as error:
            raise Error(f"{name}: {error}", returncode=USAGE) from error
        except (csv.Error, EOFError, gzip.BadGzipFile, zlib.error) as error:
            raise Error(f"{name}: {error}", returncode=DATA) from error


@contextmanager
def opened(name: str) -> Iterator[Measured]:
    try:
        stream = open_bytes(name)
    except OSError as error:
        raise Error(f"{name}: {error.strerror}", returncode=USAGE) from error
    with stream:
        yield Measured(stream)
