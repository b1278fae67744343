"""What the explorer shows as files."""

from collections.abc import Iterator
from typing import Any

from accounts.spreadsheets import csv_text
from accounts.tenancy import scope
from scoring.engine.fixed import to_decimal_string
from scoring.explorer.page import Course
from scoring.explorer.ranking import Ranked, Ranking
from scoring.portfolio.pages import BATCH

COLUMNS = ("account", "name", "value", "before", "change")


def course_text(course: Course) -> str:
    """A row for each point of the chart."""
    around = course.around
    rows: list[dict[str, Any]] = []
    for at, day in enumerate(course.days):
        row: dict[str, Any] = {"day": day, "value": _decimal(course.line[at])}
        if around is not None:
            for name in ("low", "median", "high"):
                row[f"accounts_{name}"] = _decimal(getattr(around, name)[at])
        rows.append(row)
    return csv_text(rows)


def accounts_lines(ranked: Ranking, workspace_id: int) -> Iterator[str]:
    """The answer is sent after the request's scope has closed, so each batch opens its own."""
    head = csv_text([], COLUMNS)
    yield head
    batches = ranked.batches(BATCH)
    while True:
        with scope(workspace_id):
            rows = next(batches, None)
        if rows is None:
            return
        yield csv_text((_cells(row) for row in rows), COLUMNS).removeprefix(head)


def _cells(row: Ranked) -> dict[str, Any]:
    values = (row.key, row.name, _decimal(row.value), _decimal(row.before), _decimal(row.change))
    return dict(zip(COLUMNS, values, strict=True))


def _decimal(value: int | None) -> str | None:
    return None if value is None else to_decimal_string(value)
