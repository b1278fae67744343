"""The geometry of the charts: numbers in, numbers for SVG attributes out."""

from collections.abc import Sequence
from dataclasses import dataclass

from scoring.engine.fixed import SCALE

SCORE_SPAN = 20 * SCALE
"""The least range of a score's sparkline: a change of a point must not look like a fall."""


@dataclass(frozen=True, slots=True)
class Point:
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Sparkline:
    width: int
    height: int
    lines: tuple[str, ...]
    lone: tuple[Point, ...]
    end: Point | None
    first: int | None
    last: int | None


def runs(values: Sequence[int | None]) -> list[list[int]]:
    """The positions of the values in unbroken runs; None is a gap, never a zero."""
    found: list[list[int]] = []
    for position, value in enumerate(values):
        if value is None:
            continue
        if found and found[-1][-1] == position - 1:
            found[-1].append(position)
        else:
            found.append([position])
    return found


def scaled(value: float, low: float, high: float, top: float, bottom: float) -> float:
    """A pixel row: `high` at the top, `low` at the bottom."""
    return round(bottom - (value - low) / (high - low) * (bottom - top), 1)


def _window(values: Sequence[int], span: int) -> tuple[float, float]:
    low, high = min(values), max(values)
    missing = max(span, 1) - (high - low)
    return (low - missing / 2, high + missing / 2) if missing > 0 else (low, high)


def polyline(points: Sequence[Point]) -> str:
    return " ".join(f"{point.x:g},{point.y:g}" for point in points)


def sparkline(
    values: Sequence[int | None], *, width: int = 96, height: int = 24, span: int = SCORE_SPAN
) -> Sparkline:
    known = [value for value in values if value is not None]
    if not known:
        return Sparkline(width, height, (), (), None, None, None)
    low, high = _window(known, span)
    step = (width - 4) / max(len(values) - 1, 1)
    pieces = [
        [
            Point(round(2 + at * step, 1), scaled(values[at] or 0, low, high, 3, height - 3))
            for at in run
        ]
        for run in runs(values)
    ]
    return Sparkline(
        width,
        height,
        tuple(polyline(piece) for piece in pieces if len(piece) > 1),
        tuple(piece[0] for piece in pieces if len(piece) == 1),
        pieces[-1][-1] if values[-1] is not None else None,
        known[0],
        known[-1],
    )


@dataclass(frozen=True, slots=True)
class Bar:
    """Widths in percent of the longest bar of the table."""

    got: float
    total: float


def earned_bar(earned: int, of: int, longest: int) -> Bar:
    """How much of the points at stake was earned; a metric of half the weight has half the length."""
    if longest <= 0 or of <= 0:
        return Bar(0, 0)
    return Bar(*(round(100 * min(part, longest) / longest, 2) for part in (earned, of)))


@dataclass(frozen=True, slots=True)
class Share:
    x: float
    width: float


def distribution(counts: Sequence[int], *, least: float = 1.2, gap: float = 0.5) -> list[Share]:
    """Shares of a bar in percent; none that exists is too small to be seen."""
    total = sum(counts)
    if not total:
        return [Share(0, 0) for _ in counts]
    shown = sum(count > 0 for count in counts)
    room = 100 - gap * (shown - 1) - least * shown
    shares, x = [], 0.0
    for count in counts:
        width = least + room * count / total if count else 0.0
        shares.append(Share(round(x, 3), round(width, 3)))
        x += width + gap if count else 0.0
    return shares


@dataclass(frozen=True, slots=True)
class Range:
    """Places on a line from the least to the greatest value, in percent of its length."""

    median: float
    value: float | None


def value_range(least: int, median: int, greatest: int, value: int | None) -> Range:
    """A value beyond the ends stands at the end."""

    def place(number: int) -> float:
        return round(100 * (min(max(number, least), greatest) - least) / (greatest - least), 2)

    return Range(place(median), None if value is None else place(value))
