"""Tables as files: CSV that is sent while it is made, or a workbook with a sheet for each."""

import csv
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import IO, Any

from django.http import FileResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from openpyxl import Workbook

from accounts.spreadsheets import safe_cell, workbook_cell
from scoring.engine.fixed import SCALE

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FORMS = ("csv", "xlsx")

Rows = list[list[Any]]


@dataclass(frozen=True)
class Table:
    """`batches` makes the rows, as many at a time as are held at once."""

    name: str
    head: Sequence[str]
    batches: Callable[[], Iterable[Rows]]

    @staticmethod
    def of(name: str, rows: Iterable[Mapping[str, Any]], head: Sequence[str] = ()) -> "Table":
        told = list(rows)
        names = list(head or dict.fromkeys(name for row in told for name in row))
        return Table(name, names, lambda: [[[row.get(name) for name in names] for row in told]])


class Echo:
    """A file that hands back what is written to it."""

    def write(self, text: str) -> str:
        return text


def number(fixed: int | None) -> Decimal | None:
    """Ten-thousandths as a number that a spreadsheet counts with."""
    return None if fixed is None else Decimal(fixed) / SCALE


def answer(form: str, name: str, tables: Sequence[Table]) -> HttpResponseBase:
    """A workbook has all of the tables, CSV the first."""
    if form == "xlsx":
        file = workbook(tables)
        return FileResponse(file, as_attachment=True, filename=f"{name}.xlsx", content_type=XLSX)
    return StreamingHttpResponse(
        csv_lines(tables[0]),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}.csv"'},
    )


def csv_lines(table: Table) -> Iterator[str]:
    writer: Any = csv.writer(Echo())
    yield writer.writerow([safe_cell(name) for name in table.head])
    for batch in table.batches():
        yield "".join(writer.writerow([safe_cell(value) for value in row]) for row in batch)


def workbook(tables: Sequence[Table]) -> IO[bytes]:
    """What no workbook may hold is left out of a text."""
    book = Workbook(write_only=True)
    for table in tables:
        sheet = book.create_sheet(table.name)
        sheet.append([workbook_cell(name) for name in table.head])
        for batch in table.batches():
            for row in batch:
                sheet.append([workbook_cell(value) for value in row])
    file = tempfile.TemporaryFile()  # noqa: SIM115  closed by the response that sends it
    book.save(file)
    file.seek(0)
    return file
