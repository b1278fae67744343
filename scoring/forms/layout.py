"""The page of accounts as lines that are ticked, numbered and named."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from accounts.errors import InvalidInput
from scoring.layouts import MOST_CHARTS

MOST_NAME = 60


@dataclass(slots=True)
class Line:
    """`place` as it was typed; `charted` only where the line can be a chart; lines of one `side` of
    the page stand together."""

    key: str
    label: str
    shown: bool
    place: str
    name: str = ""
    chart: bool = False
    charted: bool = False
    side: str = ""


@dataclass(slots=True)
class Sheet:
    """`title` of a list of lines; `kind` begins the names of its fields."""

    kind: str
    title: str
    lines: list[Line]
    named: bool = False
    charts: bool = False


def posted(sheet: Sheet, data: QueryDict) -> Sheet:
    """The same lines with what was sent, in the order that was asked for."""
    for line in sheet.lines:
        name = f"{sheet.kind}-{line.key}"
        line.shown = f"{name}-shown" in data
        line.place = data.get(f"{name}-place", line.place).strip()
        line.name = data.get(f"{name}-name", "").strip()[:MOST_NAME]
        line.charted = f"{name}-chart" in data
    sides = list(dict.fromkeys(line.side for line in sheet.lines))
    sheet.lines.sort(key=lambda line: (sides.index(line.side), _number(line.place)))
    return sheet


def moved(sheet: Sheet, key: str, by: int) -> Sheet:
    """One line up (−1) or down (+1) on its side; nothing changes at the ends. Places become 1, 2, 3 …"""
    lines = sheet.lines
    at = next((n for n, line in enumerate(lines) if line.key == key), None)
    if at is not None and 0 <= at + by < len(lines) and lines[at].side == lines[at + by].side:
        lines.insert(at + by, lines.pop(at))
    for place, line in enumerate(lines, start=1):
        line.place = str(place)
    return sheet


def _number(text: str) -> float:
    """What is no number comes last."""
    try:
        number = float(text.replace(",", "."))
    except ValueError:
        return float("inf")
    return number if number == number else float("inf")


def document_of(sheets: Mapping[str, Sheet], usual: Sequence[str]) -> dict[str, Any]:
    """`usual` are the kinds that were left as they usually are. Raises InvalidInput."""
    metrics = sheets["metric"].lines
    charts = [line.key for line in metrics if line.charted]
    if len(charts) > MOST_CHARTS:
        raise InvalidInput.at("charts", _("At most %(n)d charts.") % {"n": MOST_CHARTS})
    document: dict[str, Any] = {
        "widgets": [
            {"key": line.key, "name": line.name, "hidden": not line.shown}
            for line in sheets["widget"].lines
        ]
    }
    if "fact" not in usual:
        document["facts"] = [line.key for line in sheets["fact"].lines if line.shown]
    if "metric" not in usual:
        document |= {"metrics": [line.key for line in metrics if line.shown], "charts": charts}
    return document
