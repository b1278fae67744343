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
    """The answer is sent after the request's scope has closed, so each batch opens its own."""
    writer: Any = csv.writer(Echo())
    # Without its mark Excel takes UTF-8 for another encoding.
    yield "\ufeff" + writer.writerow([*REPORT, *(safe_cell(name) for name in found.header)])
    last = 0
    while True:
        with scope(workspace.pk):
            rejects = ImportReject.objects.filter(import_id=found.pk, line__gt=last)
            batch = list(rejects.order_by("line")[:BATCH])
        if not batch:
            return
        yield "".join(writer.writerow(_cells(reject)) for reject in batch)
        last = batch[-1].line


def _cells(reject: ImportReject) -> list[Any]:
    columns = ", ".join(dict.fromkeys(column for column, _message in reject.flaws if column))
    messages = "; ".join(message for _column, message in reject.flaws)
    return report_cells(reject.line, columns, messages, reject.cells)
