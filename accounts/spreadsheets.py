"""CSV that a spreadsheet opens without running it."""

import csv
import io
import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

FORMULA = ("=", "+", "-", "@", "\t", "\r")
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


def csv_text(rows: Iterable[Mapping[str, Any]], columns: Iterable[str] | None = None) -> str:
    """The rows under their keys; without `columns` those of the rows, in order of appearance."""
    rows = list(rows)
    names = list(columns or dict.fromkeys(name for row in rows for name in row))
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow([safe_cell(name) for name in names])
    writer.writerows([safe_cell(row.get(name)) for name in names] for row in rows)
    return file.getvalue()
