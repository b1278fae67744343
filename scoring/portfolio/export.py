"""The portfolio as a file of any length: read, and sent or written, a batch at a time."""

import csv
import tempfile
from collections.abc import Iterator
from datetime import date
from typing import IO, Any

from django.utils import translation
from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

from accounts.models import Workspace
from accounts.spreadsheets import safe_cell
from accounts.tenancy import scope
from scoring.portfolio.pages import BATCH, batch
from scoring.portfolio.rows import FIELDS, cells, rows
from scoring.portfolio.wanted import Wanted

Batch = list[list[Any]]


class Echo:
    """A file that hands back what is written to it."""

    def write(self, text: str) -> str:
        return text


def csv_lines(wanted: Wanted, *, workspace: Workspace, today: date, language: str) -> Iterator[str]:
    writer: Any = csv.writer(Echo())
    yield writer.writerow(FIELDS)
    for told in _batches(wanted, workspace, today, language):
        yield "".join(writer.writerow(row) for row in told)


def workbook(wanted: Wanted, *, workspace: Workspace, today: date, language: str) -> IO[bytes]:
    """The same rows as an XLSX file; what no workbook may hold is left out of a text."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("accounts")
    sheet.append(FIELDS)
    for told in _batches(wanted, workspace, today, language):
        for row in told:
            sheet.append([_legal(value) for value in row])
    file = tempfile.TemporaryFile()  # noqa: SIM115  closed by the response that sends it
    book.save(file)
    file.seek(0)
    return file


def _legal(value: Any) -> Any:
    return ILLEGAL_CHARACTERS_RE.sub("", value) if isinstance(value, str) else value


def _batches(wanted: Wanted, workspace: Workspace, today: date, language: str) -> Iterator[Batch]:
    """A file is sent after the request's scope has closed, so each batch opens its own."""
    after = None
    while True:
        with scope(workspace.pk), translation.override(language):
            lines = batch(wanted, after=after)
            told = rows(lines, workspace=workspace, user_id=None, today=today)
            found = [[safe_cell(value) for value in cells(row).values()] for row in told]
        yield found
        if len(lines) < BATCH:
            return
        after = lines[-1].cursor
