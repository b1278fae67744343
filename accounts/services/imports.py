"""Accounts out of a table: good lines are stored though others are bad, and every bad one is named."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import msgspec
from django.db import transaction
from django.utils.translation import gettext as _

from accounts import cells
from accounts.errors import InvalidInput, problem_of
from accounts.inputs import AccountRow
from accounts.models import User
from accounts.services.accounts import upsert_accounts
from accounts.tables import Line, Table

CHUNK = 1000
TEXTS = ("key", "name", "stage", "status", "owner", "currency", "parent")
DAYS = ("created_on", "renewal_on")
FIELDS = (*TEXTS, *DAYS, "contract_value", "seats")
PATH = re.compile(r"accounts\[(\d+)\]\.?(.*)", re.DOTALL)


@dataclass(frozen=True)
class LineProblem:
    line: int
    column: str
    message: str

    def __str__(self) -> str:
        where = _("line %(number)s") % {"number": self.line}
        return (
            f"{where}, {self.column}: {self.message}" if self.column else f"{where}: {self.message}"
        )


@dataclass
class Imported:
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    problems: list[LineProblem] = field(default_factory=list)

    @property
    def stored(self) -> int:
        return self.created + self.updated + self.unchanged

    @property
    def bad_lines(self) -> int:
        return len({problem.line for problem in self.problems})


@dataclass(frozen=True)
class Told:
    line: int
    row: AccountRow


@dataclass(frozen=True)
class Columns:
    """The field of each column of the table; None is an attribute of the header's name."""

    fields: list[str | None]
    names: list[str]

    def column_of(self, path: str) -> str:
        """The header under which a problem's field stands."""
        for known, name in zip(self.fields, self.names, strict=True):
            if known == path or (known is None and path in {"attributes", f"attributes.{name}"}):
                return name if known else ""
        return path


def import_accounts(
    *,
    table: Table,
    as_of: date,
    by: User | None,
    moment: datetime,
    dry_run: bool = False,
    progress: Callable[[int], object] = lambda lines: None,
) -> Imported:
    """An empty cell leaves its field as it is; InvalidInput where the table has no key column."""
    columns = columns_of(table)
    imported = Imported()
    told = in_order(_rows(table, columns, imported))
    progress(len(table.lines) - len(told))
    with transaction.atomic():
        for start in range(0, len(told), CHUNK):
            chunk = told[start : start + CHUNK]
            _store(chunk, columns, imported, as_of=as_of, by=by, moment=moment)
            progress(len(chunk))
        if dry_run:
            transaction.set_rollback(True)
    imported.problems.sort(key=lambda problem: problem.line)
    return imported


def columns_of(table: Table) -> Columns:
    known = [re.sub(r"[\s-]+", "_", name.lower()) for name in table.header]
    if "key" not in known:
        known = ["key" if name == "account" else name for name in known]
    if known.count("key") != 1:
        message = _("One column must be called “key” (or “account”). There are: %(names)s.")
        names = ", ".join(table.header)[:300]
        raise InvalidInput.at("", message % {"names": names})
    fields = [name if name in FIELDS else None for name in known]
    return Columns(fields, table.header)


def _rows(table: Table, columns: Columns, imported: Imported) -> list[Told]:
    told: list[Told] = []
    first_lines: dict[str, int] = {}
    for line in table.lines:
        row = _row(line, table, columns, imported)
        if row is None:
            continue
        first = first_lines.setdefault(row.key, line.number)
        if first != line.number:
            message = _("This key stands in line %(first)s already.") % {"first": first}
            imported.problems.append(LineProblem(line.number, columns.column_of("key"), message))
            continue
        told.append(Told(line.number, row))
    return told


def _row(line: Line, table: Table, columns: Columns, imported: Imported) -> AccountRow | None:
    if len(line.cells) != len(table.header):
        message = _("This line has %(found)s columns, the header %(expected)s.") % {
            "found": len(line.cells),
            "expected": len(table.header),
        }
        imported.problems.append(LineProblem(line.number, "", message))
        return None
    values: dict[str, Any] = {}
    problems: list[LineProblem] = []
    for index, cell in enumerate(line.cells):
        text = cell.strip()
        if text:
            try:
                _read(text, index, columns, values, decimal_comma=table.decimal_comma)
            except ValueError as error:
                problems.append(LineProblem(line.number, table.header[index], str(error)))
    if "key" not in values:
        problems.append(LineProblem(line.number, columns.column_of("key"), _("The key is empty.")))
    imported.problems += problems
    return None if problems else _checked(values, line, columns, imported)


def _read(
    text: str, index: int, columns: Columns, values: dict[str, Any], *, decimal_comma: bool
) -> None:
    name, header = columns.fields[index], columns.names[index]
    if name is None and not header:
        raise ValueError(_("Column %(number)s has no name.") % {"number": index + 1})
    if name is None:
        attributes = values.setdefault("attributes", {})
        attributes[header] = cells.value(text, decimal_comma=decimal_comma)
    elif name in DAYS:
        values[name] = cells.day(text)
    elif name == "contract_value":
        values[name] = cells.amount(text, decimal_comma=decimal_comma)
    elif name == "seats":
        values[name] = cells.whole(text, decimal_comma=decimal_comma)
    else:
        values[name] = text.upper() if name == "currency" else text


def _checked(
    values: dict[str, Any], line: Line, columns: Columns, imported: Imported
) -> AccountRow | None:
    try:
        return msgspec.convert(values, AccountRow)
    except msgspec.ValidationError as error:
        problem = problem_of(error)
        column = columns.column_of(problem.path)
        imported.problems.append(LineProblem(line.number, column, problem.message))
        return None


def in_order(told: list[Told]) -> list[Told]:
    """Parents before their children, else as in the file."""
    parents = {item.row.key: item.row.parent for item in told}

    def depth(key: str) -> int:
        steps, seen = 0, {key}
        above = parents.get(key)
        while isinstance(above, str) and above in parents and above not in seen:
            steps += 1
            seen.add(above)
            above = parents[above]
        return steps

    return sorted(told, key=lambda item: depth(item.row.key))


def _store(
    chunk: list[Told],
    columns: Columns,
    imported: Imported,
    *,
    as_of: date,
    by: User | None,
    moment: datetime,
) -> None:
    """Try the chunk, leave out what is named as bad, try again: each time there is less of it."""
    while chunk:
        try:
            done = upsert_accounts(
                rows=[item.row for item in chunk], as_of=as_of, by=by, moment=moment
            )
        except InvalidInput as error:
            bad = _name(error, chunk, columns, imported)
            chunk = [item for index, item in enumerate(chunk) if index not in bad]
            continue
        imported.created += done.created
        imported.updated += done.updated
        imported.unchanged += done.unchanged
        return


def _name(error: InvalidInput, chunk: list[Told], columns: Columns, imported: Imported) -> set[int]:
    bad: set[int] = set()
    for problem in error.problems:
        found = PATH.fullmatch(problem.path)
        if found is None:
            raise error
        index = int(found[1])
        bad.add(index)
        column = columns.column_of(found[2])
        imported.problems.append(LineProblem(chunk[index].line, column, problem.message))
    return bad
