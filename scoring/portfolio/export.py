"""The portfolio as a file of any length: read, and sent or written, a batch at a time."""

import csv
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import IO, Any

from django.utils import translation
from openpyxl import Workbook

from accounts.models import Workspace
from accounts.spreadsheets import safe_cell, workbook_cell
from accounts.tenancy import scope
from scoring.portfolio.columns import ListColumn, file_columns
from scoring.portfolio.pages import BATCH, Line, batch, these
from scoring.portfolio.rows import rows
from scoring.portfolio.wanted import Cursor, Wanted

Batch = list[list[Any]]


class Echo:
    """A file that hands back what is written to it."""

    def write(self, text: str) -> str:
        return text


@dataclass(frozen=True)
class Asked:
    """A file is the list of the page, from its first row to its last, or what was selected of it."""

    wanted: Wanted
    columns: Sequence[ListColumn]
    workspace: Workspace
    today: date
    language: str
    ids: Sequence[int] = ()

    @property
    def head(self) -> list[str]:
        return [str(safe_cell(name)) for name in file_columns(self.columns)]

    def batches(self) -> Iterator[Batch]:
        """A file is sent after the request's scope has closed, so each batch opens its own."""
        tellers = list(file_columns(self.columns).values())
        after = None
        while True:
            with scope(self.workspace.pk), translation.override(self.language):
                lines = self._piece(after)
                told = rows(lines, workspace=self.workspace, user_id=None, today=self.today)
                found = [[safe_cell(tell(row)) for tell in tellers] for row in told]
            yield found
            if self.ids or len(lines) < BATCH:
                return
            after = lines[-1].cursor

    def _piece(self, after: Cursor | None) -> list[Line]:
        return these(self.wanted, self.ids) if self.ids else batch(self.wanted, after=after)


def csv_lines(asked: Asked) -> Iterator[str]:
    writer: Any = csv.writer(Echo())
    yield writer.writerow(asked.head)
    for told in asked.batches():
        yield "".join(writer.writerow(row) for row in told)


def workbook(asked: Asked) -> IO[bytes]:
    """The same rows as an XLSX file; what no workbook may hold is left out of a text."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("accounts")
    sheet.append([workbook_cell(name) for name in asked.head])
    for told in asked.batches():
        for row in told:
            sheet.append([workbook_cell(value) for value in row])
    file = tempfile.TemporaryFile()  # noqa: SIM115  closed by the response that sends it
    book.save(file)
    file.seek(0)
    return file
