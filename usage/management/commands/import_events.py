import csv
import gzip
import sys
import time
import zlib
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone
from django.utils.translation import gettext as _
from tqdm import tqdm

from accounts.commands import DATA, USAGE, Error, find_workspace
from accounts.models import Workspace
from accounts.services.stale import mark_stale_from
from accounts.tenancy import scope
from usage.csv_events import Line, Measured, Unreadable, batches, open_bytes, read_lines, text_of
from usage.events import Source
from usage.services.ingest import Ingested, ingest_events

BATCH = 5000
SHOWN = 20


class Counts:
    """What became of the lines, and which accounts have to be evaluated again from which day."""

    def __init__(self) -> None:
        self.accepted = self.duplicates = self.rejected = 0
        self.touched: dict[int, date] = {}

    def add(self, done: Ingested) -> None:
        self.accepted += done.accepted
        self.duplicates += done.duplicates
        self.rejected += len(done.rejected)
        for account_id, day in done.touched.items():
            self.touched[account_id] = min(day, self.touched.get(account_id, day))

    def summary(self, seconds: float) -> str:
        total = self.accepted + self.duplicates + self.rejected
        return _(
            "%(accepted)s accepted, %(duplicates)s duplicates, %(rejected)s rejected"
            " in %(seconds).1f s (%(rate)s events/s)"
        ) % {
            "accepted": self.accepted,
            "duplicates": self.duplicates,
            "rejected": self.rejected,
            "seconds": seconds,
            "rate": f"{round(total / max(seconds, 0.001)):,}",
        }


class Command(BaseCommand):
    help = (
        "Import usage events from a CSV file: event_id, occurred_at, account, user, event, feature,"
        " duration_seconds, and count and properties if you like. Gzip is recognized."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("workspace", help="the workspace's address (slug)")
        parser.add_argument("file", help="a .csv or .csv.gz file; - is standard input")
        parser.add_argument("--rejects", metavar="FILE", help="write the rejected lines there")

    def handle(self, *args: Any, **options: Any) -> None:
        workspace = find_workspace(options["workspace"])
        counts, started = Counts(), time.monotonic()
        with ExitStack() as stack:
            source = stack.enter_context(opened(options["file"]))
            rejects = stack.enter_context(reject_writer(options["rejects"]))
            stack.enter_context(marking(workspace, counts))
            for batch in read(source, options["file"]):
                self.store(workspace, batch, counts, rejects)
        self.stdout.write(counts.summary(time.monotonic() - started))
        if counts.rejected:
            sys.exit(DATA)

    def store(self, workspace: Workspace, batch: list[Line], counts: Counts, rejects: Any) -> None:
        """One batch is one transaction."""
        events = [event for _number, event in batch]
        with scope(workspace.pk):
            done = ingest_events(
                workspace=workspace,
                events=events,
                moment=timezone.now(),
                source=Source(name="import"),
                mark=False,
            )
        for shown, bad in enumerate(done.rejected, start=counts.rejected):
            line = batch[bad.index][0]
            if shown < SHOWN:
                self.stderr.write(
                    _("line %(line)s: %(message)s") % {"line": line, "message": bad.message}
                )
            if rejects is not None:
                rejects.writerow([line, bad.event_id or "", bad.message])
        counts.add(done)


def read(source: Measured, name: str) -> Iterator[list[Line]]:
    """Batches of lines, with a progress bar on a terminal."""
    size = Path(name).stat().st_size if name != "-" else None
    bar = tqdm(total=size, unit="B", unit_scale=True, disable=not sys.stderr.isatty())
    with bar:
        try:
            for batch in batches(read_lines(text_of(source)), BATCH):
                yield batch
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


@contextmanager
def reject_writer(name: str | None) -> Iterator[Any]:
    if name is None:
        yield None
        return
    with ExitStack() as stack:
        try:
            file = stack.enter_context(Path(name).open("w", newline="", encoding="utf-8"))
        except OSError as error:
            raise Error(f"{name}: {error.strerror}", returncode=USAGE) from error
        writer = csv.writer(file)
        writer.writerow(["line", "event_id", "message"])
        yield writer


@contextmanager
def marking(workspace: Workspace, counts: Counts) -> Iterator[None]:
    """Marks the touched accounts once, however the import ends: what was committed counts."""
    try:
        yield
    finally:
        with scope(workspace.pk):
            mark_stale_from(from_days=counts.touched, moment=timezone.now())
