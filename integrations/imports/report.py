"""The rows that were not stored, as a CSV file that can be mended and imported again."""

import csv
from collections.abc import Iterator
from typing import Any

from accounts.models import Workspace
from accounts.spreadsheets import REPORT, report_cells, safe_cell
from accounts.tenancy import scope
from integrations.models import Import, ImportReject

BATCH = 1000


class Echo:
    """A file that hands back what is written to it."""

    def write(self, text: str) -> str:
        return text


def report_lines(found: Import, workspace: Workspace) -> Iterator[str]:
    # The delimiter tells how numbers are written: "1.000" would be read as another number.
    writer: Any = csv.writer(Echo(), delimiter=";" if found.decimal_comma else ",")
    # Without its mark Excel takes UTF-8 for another encoding.
    yield "\ufeff" + writer.writerow([*REPORT, *(safe_cell(name) for name in found.header)])
    for reject in rejects_of(found, workspace):
        yield writer.writerow(report_cells(reject.line, *flaws_of(reject), reject.cells))


def rejects_of(found: Import, workspace: Workspace) -> Iterator[ImportReject]:
    """An answer is sent after the request's scope has closed, so each batch opens its own."""
    last = 0
    while True:
        with scope(workspace.pk):
            rejects = ImportReject.objects.filter(import_id=found.pk, line__gt=last)
            batch = list(rejects.order_by("line")[:BATCH])
        if not batch:
            return
        yield from batch
        last = batch[-1].line


def flaws_of(reject: ImportReject) -> tuple[str, str]:
    """The columns and the messages of a row."""
    columns = dict.fromkeys(column for column, _message in reject.flaws if column)
    return ", ".join(columns), "; ".join(message for _column, message in reject.flaws)
