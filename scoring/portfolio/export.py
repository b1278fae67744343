"""The portfolio as a CSV file of any length: read and sent a batch at a time."""

import csv
from collections.abc import Iterator
from datetime import date
from typing import Any

from django.utils import translation

from accounts.models import Workspace
from accounts.spreadsheets import safe_cell
from accounts.tenancy import scope
from scoring.portfolio.pages import BATCH, batch
from scoring.portfolio.rows import FIELDS, cells, rows
from scoring.portfolio.wanted import Wanted


class Echo:
    """A file that hands back what is written to it."""

    def write(self, text: str) -> str:
        return text


def csv_lines(wanted: Wanted, *, workspace: Workspace, today: date, language: str) -> Iterator[str]:
    """The answer is sent after the request's scope has closed, so each batch opens its own."""
    writer: Any = csv.writer(Echo())
    yield writer.writerow(FIELDS)
    after = None
    while True:
        with scope(workspace.pk), translation.override(language):
            lines = batch(wanted, after=after)
            told = rows(lines, workspace=workspace, user_id=None, today=today)
            text = "".join(
                writer.writerow([safe_cell(value) for value in cells(row).values()]) for row in told
            )
        yield text
        if len(lines) < BATCH:
            return
        after = lines[-1].cursor
