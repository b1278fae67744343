"""What a kind of import may hold, and how one of its rows is read."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.functional import Promise

from accounts.models import User, Workspace
from accounts.spreadsheets import original_cell
from integrations.imports import cells
from integrations.imports.cells import Cell


class As(StrEnum):
    TEXT = "text"
    EMAIL = "email"
    WORD = "word"
    DAY = "day"
    MOMENT = "moment"
    AMOUNT = "amount"
    WHOLE = "whole"
    NUMBER = "number"
    VALUE = "value"
    CHOICE = "choice"
    YES_NO = "yes or no"
    JSON = "json"


@dataclass(frozen=True)
class Field:
    """`also` is the contract's other name; `others` are names that people's files have for it,
    in lower case with underscores: guesses, to be looked at."""

    name: str
    label: str | Promise
    as_: As = As.TEXT
    required: bool = False
    also: str = ""
    others: tuple[str, ...] = ()
    help: str | Promise = ""


@dataclass(frozen=True)
class Flaw:
    """What is wrong with a field of a row; with the row as a whole where the field is ''."""

    field: str
    message: str


@dataclass(frozen=True)
class Around:
    """Where and when rows are stored, and for whom."""

    workspace: Workspace
    moment: datetime
    by: User | None = None
    source: str = ""


@dataclass
class Stored:
    """What became of a batch: `flaws` by the row's index; of `waiting` rows the parent is missing."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    accepted: int = 0
    duplicates: int = 0
    flaws: dict[int, list[Flaw]] = field(default_factory=dict)
    waiting: dict[int, list[Flaw]] = field(default_factory=dict)


Values = dict[str, Any]


@dataclass(frozen=True)
class Kind:
    """`build` makes a row of a line's values and may raise msgspec's ValidationError.

    `key` and `parent` name what a row is about; a kind without `key` may tell one thing twice.
    """

    name: str
    fields: tuple[Field, ...]
    batch: int
    build: Callable[[Values], Any]
    store: Callable[[Sequence[Any], Around], Stored]
    spare: bool = False
    """Columns that are no field become attributes."""
    key: Callable[[Any], str] | None = None
    parent: Callable[[Any], str] | None = None
    parentless: Callable[[Any], Any] = lambda row: row

    @property
    def required(self) -> list[Field]:
        return [field for field in self.fields if field.required]

    def is_field(self, name: str) -> bool:
        return any(field.name == name for field in self.fields)

    def field(self, name: str) -> Field:
        return next(field for field in self.fields if field.name == name)


@dataclass(frozen=True)
class Spelling:
    """How the file writes what is not text."""

    zone: ZoneInfo
    decimal_comma: bool = False
    escaped: bool = False
    """Texts that begin like formulas have an apostrophe before them, as in our own reports."""


def read_cell(cell: Cell, as_: As, spelling: Spelling) -> Any:
    """None for an empty cell; ValueError with a message for people."""
    shown = cells.text(cell)
    if spelling.escaped:
        shown = original_cell(shown)
    return READERS[as_](shown, cell, spelling) if shown else None


def _value(shown: str, cell: Cell, spelling: Spelling) -> Any:
    if isinstance(cell, (bool, int, float)):
        return cell
    return cells.value(shown, decimal_comma=spelling.decimal_comma)


Reader = Callable[[str, Cell, Spelling], Any]
READERS: Mapping[As, Reader] = {
    As.TEXT: lambda shown, _cell, _spelling: shown,
    As.JSON: lambda shown, _cell, _spelling: shown,
    As.EMAIL: lambda shown, _cell, _spelling: shown.lower(),
    As.WORD: lambda shown, _cell, _spelling: shown.upper(),
    As.DAY: lambda shown, _cell, _spelling: cells.day(shown),
    As.MOMENT: lambda shown, _cell, spelling: cells.moment(shown, spelling.zone),
    As.AMOUNT: lambda shown, cell, spelling: cells.amount(
        shown, decimal_comma=_comma(cell, spelling)
    ),
    As.WHOLE: lambda shown, cell, spelling: cells.whole(
        shown, decimal_comma=_comma(cell, spelling)
    ),
    As.NUMBER: lambda shown, cell, spelling: cells.number(
        shown, decimal_comma=_comma(cell, spelling)
    ),
    As.VALUE: _value,
    As.CHOICE: lambda shown, _cell, _spelling: cells.choice(shown),
    As.YES_NO: lambda shown, _cell, _spelling: cells.yes_or_no(shown),
}


def _comma(cell: Cell, spelling: Spelling) -> bool:
    return spelling.decimal_comma and isinstance(cell, str)
