"""The geometry of the weekly trend: horizontal places are percent, vertical ones pixels."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import ClassVar

from scoring.bands import UNKNOWN, BandLook
from scoring.charts import Point, polyline, runs, scaled
from scoring.engine.fixed import HUNDRED, SCALE

TOP, BOTTOM, SIGNS, STRIP, MONTHS, HEIGHT = 14, 140, 156, 174, 206, 212
"""Rows: the plot, the marks, the strip of boxes, the names of the months, the whole."""
MANY = 60
"""More weeks than this are drawn without gaps, dots and shapes; half of it is many on a phone."""
CLOSE = 3.0
"""Marks nearer than this many percent would touch."""


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
    width: float
    before: int | None
    marks: tuple[Mark, ...] = ()

    @property
    def change(self) -> int | None:
        """Against the week before, where both have a score."""
        if self.week.score is None or self.before is None:
            return None
        return self.week.score - self.before


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


@dataclass(frozen=True, slots=True)
class Trend:
    boxes: tuple[Box, ...]
    zones: tuple[Zone, ...]
    signs: tuple[Sign, ...]
    months: tuple[Month, ...]
    lines: tuple[str, ...]
    first: Box | None
    end: Box | None
    daily: bool = False
    top: ClassVar[int] = TOP
    bottom: ClassVar[int] = BOTTOM
    plot: ClassVar[int] = BOTTOM - TOP
    sign_row: ClassVar[int] = SIGNS
    strip: ClassVar[int] = STRIP
    month_row: ClassVar[int] = MONTHS
    height: ClassVar[int] = HEIGHT
    glyph_row: ClassVar[int] = STRIP + 4
    hit_height: ClassVar[int] = STRIP + 18

    @property
    def detailed(self) -> bool:
        return len(self.boxes) <= MANY

    @property
    def crowded(self) -> bool:
        return len(self.boxes) > MANY // 2

    @property
    def has_current(self) -> bool:
        return any(box.week.current for box in self.boxes)

    @property
    def newest(self) -> tuple[Box, ...]:
        return self.boxes[::-1]


def trend(
    weeks: Sequence[Week],
    bands: Sequence[BandLook] = (),
    marks: Sequence[Mark] = (),
    *,
    daily: bool = False,
) -> Trend:
    """Weeks oldest first; or days, where they are `daily`."""
    floor = _floor([week.score for week in weeks if week.score is not None])
    boxes = _boxes(weeks, marks, floor, timedelta(days=1 if daily else 7))
    known = [box for box in boxes if box.y is not None]
    return Trend(
        boxes=boxes,
        zones=_zones(bands, floor),
        signs=_signs(boxes),
        months=_mondays(boxes) if daily else _months(boxes),
        lines=_lines(boxes),
        first=known[0] if known else None,
        end=known[-1] if known else None,
        daily=daily,
    )


def _floor(scores: Sequence[int]) -> int:
    """The foot of the scale: ten points under the lowest score, and at least half of the scale above."""
    ten = 10 * SCALE
    lowest = (min(scores, default=0) - ten) // ten * ten
    return max(0, min(lowest, HUNDRED // 2))


def _y(score: int, floor: int) -> float:
    return scaled(max(score, floor), floor, HUNDRED, TOP, BOTTOM)


def _boxes(
    weeks: Sequence[Week], marks: Sequence[Mark], floor: int, length: timedelta
) -> tuple[Box, ...]:
    slot = 100 / max(len(weeks), 1)
    gap = slot * (0.08 if len(weeks) <= MANY else 0)
    befores = [None, *(week.score for week in weeks)]
    return tuple(
        Box(
            week=week,
            slot=round(slot, 3),
            x=round((at + 0.5) * slot, 3),
            y=None if week.score is None else _y(week.score, floor),
            left=round(at * slot + gap, 3),
            width=round(slot - 2 * gap, 3),
            before=befores[at],
            marks=tuple(mark for mark in marks if week.day - length < mark.day <= week.day),
        )
        for at, week in enumerate(weeks)
    )


def _lines(boxes: Sequence[Box]) -> tuple[str, ...]:
    """Polylines in a field of 1000 × the plot's height that is stretched to the chart's width."""
    pieces = runs([None if box.y is None else 1 for box in boxes])
    return tuple(
        polyline([Point(round(boxes[at].x * 10, 1), (boxes[at].y or 0) - TOP) for at in piece])
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


def _signs(boxes: Sequence[Box]) -> tuple[Sign, ...]:
    """Marks that would touch share a place: the only one's glyph, or how many there are."""
    groups: list[list[Box]] = []
    for box in boxes:
        if box.marks and groups and box.x - groups[-1][0].x < CLOSE:
            groups[-1].append(box)
        elif box.marks:
            groups.append([box])
    return tuple(_sign(group[0], [mark for box in group for mark in box.marks]) for group in groups)


def _sign(box: Box, marks: Sequence[Mark]) -> Sign:
    alone = len(marks) == 1
    return Sign(
        x=box.x,
        y=BOTTOM if box.y is None else box.y,
        glyph=marks[0].glyph if alone else str(len(marks)),
        labels=tuple(mark.label for mark in marks),
        url=marks[0].url if alone else "",
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


def _mondays(boxes: Sequence[Box]) -> tuple[Month, ...]:
    """Where a week begins, of a trend by the day."""
    starts = [box for box in boxes if box.week.day.weekday() == 0 and box.x < 96]
    return tuple(
        Month(box.week.day, round(box.x - box.slot / 2, 3), minor=at % 2 == 1, with_year=False)
        for at, box in enumerate(starts)
    )
