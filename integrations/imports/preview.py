"""The first rows of a file, as they will be read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import formats
from django.utils.translation import gettext as _

from accounts.templatetags.ui import day
from integrations.imports.mapping import ATTRIBUTE, IGNORE
from integrations.imports.rows import Layout, Line, read_values


@dataclass(frozen=True)
class ShownColumn:
    header: str
    label: str


@dataclass(frozen=True)
class ShownCell:
    text: str
    flaw: str = ""


@dataclass(frozen=True)
class ShownRow:
    number: int
    cells: list[ShownCell]
    flaw: str


def shown_columns(layout: Layout) -> list[ShownColumn]:
    return [
        ShownColumn(header, _("Attribute") if target == ATTRIBUTE else _label(layout, target))
        for header, target in zip(layout.header, layout.columns, strict=True)
        if target != IGNORE
    ]


def _label(layout: Layout, target: str) -> str:
    return str(layout.kind.field(target).label)


Flaws = Mapping[str, str]
"""Messages by the column's name; '' is the row as a whole."""


def shown_rows(lines: Sequence[Line], layout: Layout, found: Mapping[int, Flaws]) -> list[ShownRow]:
    """`found` are the flaws by row that the check has found."""
    return [_row(line, layout, dict(found.get(line.number, {}))) for line in lines]


def _row(line: Line, layout: Layout, flaws: dict[str, str]) -> ShownRow:
    values, _flaws = read_values(line, layout)
    shown = []
    for header, target in zip(layout.header, layout.columns, strict=True):
        if target == IGNORE:
            continue
        found = values.get("attributes", {}) if target == ATTRIBUTE else values
        text = show(found.get(header if target == ATTRIBUTE else target), layout.spelling.zone)
        shown.append(ShownCell(text, flaws.pop(header, "")))
    return ShownRow(line.number, shown, "; ".join(flaws.values()))


def show(value: Any, zone: ZoneInfo) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, datetime):
        return formats.date_format(value.astimezone(zone), "j M Y, H:i")
    if isinstance(value, date):
        return day(value)
    if isinstance(value, (int, float, Decimal)):
        return formats.number_format(value, use_l10n=True)
    return "" if value is None else str(value)


def examples(sample: Sequence[Line], index: int, most: int = 3) -> list[str]:
    """A few different cells of a column."""
    found = [str(line.cells[index])[:60] for line in sample if index < len(line.cells)]
    return [text for text in dict.fromkeys(found) if text][:most]
