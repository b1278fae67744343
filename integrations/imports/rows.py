"""Lines of a file as rows of their kind."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from django.utils.translation import gettext as _

from accounts.errors import problem_of
from integrations.imports.cells import Cell
from integrations.imports.fields import As, Flaw, Kind, Spelling, Values, read_cell
from integrations.imports.mapping import ATTRIBUTE, IGNORE, Columns


class Line(msgspec.Struct, array_like=True, frozen=True):
    """`number` counts from 1, as an editor or a spreadsheet does; a CSV record has its first line."""

    number: int
    cells: list[Cell]


@dataclass(frozen=True)
class Layout:
    """How the lines of one file are to be read."""

    kind: Kind
    header: Sequence[str]
    columns: Columns
    spelling: Spelling

    def column_of(self, path: str) -> str:
        """The header under which a flaw's field stands."""
        name = path.partition(".")[0].partition("[")[0]
        for header, target in zip(self.header, self.columns, strict=True):
            if target == name or (target == ATTRIBUTE and path == f"attributes.{header}"):
                return header
        return path


@dataclass(frozen=True)
class Told:
    line: Line
    row: Any


def read_line(line: Line, layout: Layout) -> Told | list[Flaw]:
    if flaw := _ragged(line, layout):
        return [flaw]
    values, flaws = read_values(line, layout)
    flaws += [
        Flaw(field.name, _("This cell is empty."))
        for field in layout.kind.required
        if field.name not in values and not _excused(field.name, values, flaws)
    ]
    if flaws:
        return flaws
    try:
        return Told(line, layout.kind.build(values))
    except msgspec.ValidationError as error:
        problem = problem_of(error)
        return [Flaw(problem.path, problem.message)]


def _excused(name: str, values: Values, flaws: Iterable[Flaw]) -> bool:
    """What is wrong in itself is not empty too; a value is missing where a reason says why."""
    return any(flaw.field == name for flaw in flaws) or (name == "value" and "reason" in values)


def _ragged(line: Line, layout: Layout) -> Flaw | None:
    beyond = line.cells[len(layout.header) :]
    if len(line.cells) >= len(layout.header) and not any(cell != "" for cell in beyond):
        return None
    message = _("This row has %(found)s columns, the header %(expected)s.")
    return Flaw("", message % {"found": len(line.cells), "expected": len(layout.header)})


def read_values(line: Line, layout: Layout) -> tuple[Values, list[Flaw]]:
    """The values by field, as far as they can be read; an empty cell is a field that is not told."""
    values: Values = {}
    flaws: list[Flaw] = []
    for name, target, cell in zip(layout.header, layout.columns, line.cells, strict=False):
        if target == IGNORE or cell == "":
            continue
        path = f"attributes.{name}" if target == ATTRIBUTE else target
        try:
            value = read_cell(
                cell,
                As.VALUE if target == ATTRIBUTE else layout.kind.field(target).as_,
                layout.spelling,
            )
        except ValueError as error:
            flaws.append(Flaw(path, str(error)))
            continue
        if value is not None and target == ATTRIBUTE:
            values.setdefault("attributes", {})[name] = value
        elif value is not None:
            values[target] = value
    return values, flaws
