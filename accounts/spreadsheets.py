"""CSV that a spreadsheet opens without running it."""

import csv
import io
import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

FORMULA = ("=", "+", "-", "@", "\t", "\r")
REPORT = ("import_row", "import_column", "import_message")
"""The first columns of a file of rejected rows: where it was, what is wrong; then the row as it was."""
NUMBER = re.compile(r"[+-]?\d+(\.\d+)?")


def safe_cell(value: Any) -> Any:
    """A text that a spreadsheet would run as a formula begins with an apostrophe instead."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (dict, list)):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, str) and value.startswith(FORMULA) and not NUMBER.fullmatch(value):
        return f"'{value}"
    return value


def workbook_cell(value: Any) -> Any:
    """The same in a workbook, which holds no control characters: what follows them may be a formula."""
    return safe_cell(ILLEGAL_CHARACTERS_RE.sub("", value) if isinstance(value, str) else value)


def original_cell(text: str) -> str:
    """What `safe_cell` made safe."""
    return text[1:] if text[:1] == "'" and text[1:2] in FORMULA else text


def report_cells(line: int, column: str, message: str, cells: Iterable[Any]) -> list[Any]:
    return [line, *(safe_cell(cell) for cell in (column, message, *cells))]


def csv_text(rows: Iterable[Mapping[str, Any]], columns: Iterable[str] | None = None) -> str:
    """The rows under their keys; without `columns` those of the rows, in order of appearance."""
    rows = list(rows)
    names = list(columns or dict.fromkeys(name for row in rows for name in row))
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow([safe_cell(name) for name in names])
    writer.writerows([safe_cell(row.get(name)) for name in names] for row in rows)
    return file.getvalue()
