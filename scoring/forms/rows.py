"""Rows of a table inside a form: as many as there are, and some empty ones to fill."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

SPARE = 2
LARGEST = 15
Number = int | float


@dataclass
class Cell:
    name: str
    id: str
    value: str
    error: str = ""
    note: str = ""


@dataclass
class Row:
    number: int
    cells: dict[str, Cell] = field(default_factory=dict)

    @property
    def filled(self) -> bool:
        return any(cell.value.strip() for cell in self.cells.values())

    def __getitem__(self, column: str) -> Cell:
        return self.cells[column]


@dataclass
class Rows:
    """`columns` are posted as `prefix-column`, once for each row. `errors` concern them all."""

    prefix: str
    columns: Sequence[str]
    rows: list[Row] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, prefix: str, columns: Sequence[str], items: Sequence[Mapping[str, Any]]) -> "Rows":
        rows = cls(prefix, columns)
        for item in items:
            rows.add({column: as_text(item.get(column)) for column in columns})
        return rows

    @classmethod
    def posted(cls, prefix: str, columns: Sequence[str], data: QueryDict) -> "Rows":
        rows = cls(prefix, columns)
        lists = {
            column: [text.replace("\0", "") for text in data.getlist(f"{prefix}-{column}")]
            for column in columns
        }
        for at in range(max(map(len, lists.values()), default=0)):
            rows.add({c: values[at] if at < len(values) else "" for c, values in lists.items()})
        return rows

    def add(self, texts: Mapping[str, str]) -> None:
        number = len(self.rows) + 1
        name = self.prefix
        cells = {
            column: Cell(f"{name}-{column}", f"{name}-{number}-{column}", texts.get(column, ""))
            for column in self.columns
        }
        self.rows.append(Row(number, cells))

    def with_spare(self, least: int = 0, most: int = 1000) -> "Rows":
        """Drops what was left empty in between and ends with empty rows."""
        filled = [row for row in self.rows if row.filled]
        fresh = Rows(self.prefix, self.columns, errors=self.errors)
        for row in filled:
            fresh.add({column: cell.value for column, cell in row.cells.items()})
            for column, cell in row.cells.items():
                fresh.rows[-1].cells[column].error = cell.error
                fresh.rows[-1].cells[column].note = cell.note
        for _number in range(max(min(SPARE, most - len(filled)), least - len(filled))):
            fresh.add({})
        return fresh

    @property
    def filled(self) -> list[Row]:
        return [row for row in self.rows if row.filled]

    @property
    def valid(self) -> bool:
        cells = (cell for row in self.rows for cell in row.cells.values())
        return not self.errors and not any(cell.error for cell in cells)

    def number(self, row: Row, column: str) -> Number:
        """The number in a cell; a cell that holds none gets an error."""
        cell = row[column]
        number = to_number(cell.value)
        if number is None:
            cell.error = _("Enter a number.")
            return 0
        return number

    def refuse(self, at: int, column: str, message: str) -> None:
        """An error of the filled row `at`; of all rows where it names none of their cells."""
        if at < len(self.filled) and column in self.filled[at].cells:
            self.filled[at][column].error = message
        else:
            self.errors.append(message)


def as_text(value: object) -> str:
    return "" if value is None else str(value)


def to_number(text: str) -> Number | None:
    """As a document writes it: whole numbers without a point."""
    try:
        exact = Decimal(text.strip().replace("\N{MINUS SIGN}", "-"))
    except InvalidOperation:
        return None
    return plain_number(exact) if exact.is_finite() and exact.adjusted() < LARGEST else None


def plain_number(exact: Decimal) -> Number:
    return int(exact) if exact == exact.to_integral_value() else float(exact)
