"""The rows that were not stored, as a CSV file that can be mended and imported again."""

import csv
from collections.abc import Iterator, Sequence
from typing import Any

from accounts.models import Workspace
from accounts.spreadsheets import safe_cell
from accounts.tenancy import scope
from integrations.imports.cells import Cell
from integrations.imports.mapping import OWN
from integrations.models import Import, ImportReject

BATCH = 1000


class Echo:
    """A file that hands back what is written to it."""

    def write(self, text: str) -> str:
        return text


def report_lines(found: Import, workspace: Workspace) -> Iterator[str]:
    """The answer is sent after the request's scope has closed, so each batch opens its own."""
    writer: Any = csv.writer(Echo())
    # Without its mark Excel takes UTF-8 for another encoding.
    yield "\ufeff" + writer.writerow([*OWN, *(safe_cell(name) for name in found.header)])
    last = 0
    while True:
        with scope(workspace.pk):
            rejects = ImportReject.objects.filter(import_id=found.pk, line__gt=last)
            batch = list(rejects.order_by("line")[:BATCH])
        if not batch:
            return
        yield "".join(writer.writerow(report_cells(r.line, r.flaws, r.cells)) for r in batch)
        last = batch[-1].line


def report_cells(line: int, flaws: Sequence[Sequence[str]], cells: Sequence[Cell]) -> list[object]:
    columns = ", ".join(dict.fromkeys(column for column, _message in flaws if column))
    messages = "; ".join(message for _column, message in flaws)
    return [line, *(safe_cell(cell) for cell in (columns, messages, *cells))]
