"""The geometry of the charts: numbers in, numbers for SVG attributes out."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from scoring.bands import UNKNOWN, BandLook
from scoring.engine.fixed import HUNDRED, SCALE

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


def _scaled(value: float, low: float, high: float, top: float, bottom: float) -> float:
    return round(bottom - (value - low) / (high - low) * (bottom - top), 1)


def _window(values: Sequence[int], span: int) -> tuple[float, float]:
    low, high = min(values), max(values)
    missing = max(span, 1) - (high - low)
    return (low - missing / 2, high + missing / 2) if missing > 0 else (low, high)


def _points(points: Sequence[Point]) -> str:
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
            Point(round(2 + at * step, 1), _scaled(values[at] or 0, low, high, 3, height - 3))
            for at in run
        ]
        for run in runs(values)
    ]
    return Sparkline(
        width,
        height,
        tuple(_points(piece) for piece in pieces if len(piece) > 1),
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
class Week:
    """One box of the trend: the score at the end of its last day."""

    day: date
    score: int | None
    band: BandLook = UNKNOWN
    url: str = ""
    current: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True)
class Mark:
    """Something that happened: `glyph` is one or two characters ("$", "v4")."""

    day: date
    glyph: str
    label: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Box:
    week: Week
    slot: float
    x: float
    y: float | None
    left: float
    right: float
    before: int | None


@dataclass(frozen=True, slots=True)
class Sign:
    x: float
    y: float
    glyph: str
    labels: tuple[str, ...]
    url: str


@dataclass(frozen=True, slots=True)
class Zone:
    band: BandLook
    y: float
    height: float
    line: float | None


@dataclass(frozen=True, slots=True)
class Month:
    day: date
    x: float
    minor: bool
    with_year: bool


TOP, BOTTOM, SIGNS, STRIP, MONTHS, HEIGHT = 10, 132, 146, 162, 198, 204
"""Rows of the trend in pixels: the plot, the marks, the strip of boxes, the months."""


@dataclass(frozen=True, slots=True)
class Trend:
    boxes: tuple[Box, ...]
    zones: tuple[Zone, ...]
    signs: tuple[Sign, ...]
    months: tuple[Month, ...]
    lines: tuple[str, ...]
    first: Box | None
    last: Box | None
    end: Box | None
    glyphs: bool
    dots: bool
    rows: dict[str, int] = field(
        default_factory=lambda: {
            "top": TOP,
            "bottom": BOTTOM,
            "plot": BOTTOM - TOP,
            "strip": STRIP,
            "months": MONTHS,
            "height": HEIGHT,
        }
    )


def trend(
    weeks: Sequence[Week], bands: Sequence[BandLook] = (), marks: Sequence[Mark] = ()
) -> Trend:
    """The weekly trend. Horizontal places are percent, vertical ones pixels. Weeks oldest first."""
    floor = _floor([week.score for week in weeks if week.score is not None])
    boxes = _boxes(weeks, floor)
    known = [box for box in boxes if box.y is not None]
    return Trend(
        boxes=boxes,
        zones=_zones(bands, floor),
        signs=_signs(boxes, marks, floor),
        months=_months(boxes),
        lines=_lines(boxes),
        first=known[0] if known else None,
        last=boxes[-1] if boxes else None,
        end=known[-1] if known else None,
        glyphs=len(boxes) <= 60,
        dots=len(boxes) <= 60,
    )


def _floor(scores: Sequence[int]) -> int:
    """The foot of the scale: ten points under the lowest score, and at least half of the scale above."""
    lowest = min(scores, default=0) - 10 * SCALE
    return max(0, min(lowest // HUNDRED * HUNDRED if lowest < 0 else lowest, HUNDRED // 2))


def _y(score: int, floor: int) -> float:
    return _scaled(max(score, floor), floor, HUNDRED, TOP, BOTTOM)


def _boxes(weeks: Sequence[Week], floor: int) -> tuple[Box, ...]:
    slot = 100 / max(len(weeks), 1)
    gap = slot * (0.08 if len(weeks) <= 60 else 0)
    boxes: list[Box] = []
    before = None
    for at, week in enumerate(weeks):
        boxes.append(
            Box(
                week=week,
                slot=round(slot, 3),
                x=round((at + 0.5) * slot, 3),
                y=None if week.score is None else _y(week.score, floor),
                left=round(at * slot + gap, 3),
                right=round(slot - 2 * gap, 3),
                before=before,
            )
        )
        before = week.score
    return tuple(boxes)


def _lines(boxes: Sequence[Box]) -> tuple[str, ...]:
    """Polylines in a field of 1000 × the plot's height that is stretched to the chart's width."""
    pieces = runs([None if box.y is None else 1 for box in boxes])
    return tuple(
        _points([Point(round(boxes[at].x * 10, 1), (boxes[at].y or 0) - TOP) for at in piece])
        for piece in pieces
        if len(piece) > 1
    )


def _zones(bands: Sequence[BandLook], floor: int) -> tuple[Zone, ...]:
    zones = []
    for at, band in enumerate(bands):
        above = bands[at + 1].minimum * SCALE if at + 1 < len(bands) else HUNDRED
        low = max(band.minimum * SCALE, floor)
        if above <= floor:
            continue
        top, bottom = _y(above, floor), _y(low, floor)
        visible = band.minimum * SCALE >= floor and band.minimum > 0
        zones.append(Zone(band, top, round(bottom - top, 1), bottom if visible else None))
    return tuple(zones)


def _signs(boxes: Sequence[Box], marks: Sequence[Mark], floor: int) -> tuple[Sign, ...]:
    """Marks of one week share a place: the first one's glyph, and how many more there are."""
    by_box: dict[int, list[Mark]] = {}
    for mark in sorted(marks, key=lambda mark: mark.day):
        place = next((at for at, box in enumerate(boxes) if box.week.day >= mark.day), None)
        if place is not None:
            by_box.setdefault(place, []).append(mark)
    return tuple(
        Sign(
            x=boxes[at].x,
            y=boxes[at].y if boxes[at].y is not None else _y(floor, floor),  # type: ignore[arg-type]
            glyph=group[0].glyph if len(group) == 1 else str(len(group)),
            labels=tuple(mark.label for mark in group),
            url=group[0].url if len(group) == 1 else "",
        )
        for at, group in by_box.items()
    )


def _months(boxes: Sequence[Box]) -> tuple[Month, ...]:
    """Where a month begins; every third, or every January, where there are many."""
    starts = [
        box
        for at, box in enumerate(boxes)
        if at == 0 or boxes[at - 1].week.day.replace(day=1) != box.week.day.replace(day=1)
    ]
    if len(starts) > 1 and starts[1].x - starts[0].x < 100 / 26:
        starts = starts[1:]
    if len(starts) > 30:
        starts = [box for box in starts if box.week.day.month == 1]
    elif len(starts) > 14:
        starts = [box for box in starts if box.week.day.month % 3 == 1]
    return tuple(
        Month(
            day=box.week.day,
            x=round(box.x - box.slot / 2, 3),
            minor=len(starts) > 7 and at % 2 == 1,
            with_year=box.week.day.month == 1,
        )
        for at, box in enumerate(starts)
        if box.x < 96
    )
