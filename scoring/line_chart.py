"""The geometry of a chart of a measure over time: horizontal places are percent, vertical ones pixels."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from scoring.charts import Point, polyline, runs, scaled
from scoring.engine.fixed import SCALE

TOP, BOTTOM, DAYS, HEIGHT = 34, 214, 234, 240
"""Rows: above the plot stands the value of the day that is pointed at; below it the days."""
MOST_LINES = 4
MOST_DAYS = 6
STEPS = (1, 2, 5, 10)

Line = Sequence[int | None]
Ends = tuple[int, int]
"""Of the scale."""


@dataclass(frozen=True, slots=True)
class Tick:
    """A line of the scale; its value in ten-thousandths."""

    y: float
    value: int


@dataclass(frozen=True, slots=True)
class Slot:
    """What belongs to a day: `left` and `width` of the field that answers to the pointer."""

    day: date
    x: float
    left: float
    width: float
    y: float | None
    value: int | None
    low: int | None
    median: int | None
    high: int | None
    url: str

    @property
    def in_the_right_half(self) -> bool:
        return self.x > 50


@dataclass(frozen=True, slots=True)
class Label:
    day: date
    x: float
    minor: bool


@dataclass(frozen=True, slots=True)
class Chart:
    ticks: tuple[Tick, ...]
    slots: tuple[Slot, ...]
    labels: tuple[Label, ...]
    lines: tuple[str, ...]
    medians: tuple[str, ...]
    bands: tuple[str, ...]
    lone: tuple[Slot, ...]
    top: ClassVar[int] = TOP
    bottom: ClassVar[int] = BOTTOM
    plot: ClassVar[int] = BOTTOM - TOP
    day_row: ClassVar[int] = DAYS
    height: ClassVar[int] = HEIGHT

    @property
    def end(self) -> Slot | None:
        known = [slot for slot in self.slots if slot.y is not None]
        return known[-1] if known else None

    @property
    def newest(self) -> tuple[Slot, ...]:
        return self.slots[::-1]


def chart(
    days: Sequence[date],
    values: Line,
    *,
    low: Line = (),
    median: Line = (),
    high: Line = (),
    urls: Sequence[str] = (),
) -> Chart:
    """Values and, around them, the band of a group from `low` to `high` with its `median`."""
    blank: Line = [None] * len(days)
    low, median, high = (line or blank for line in (low, median, high))
    lines = values, low, median, high
    steps = scale([v for line in lines for v in line if v is not None])
    ends = steps[0], steps[-1]
    slots = tuple(
        _slot(at, days, ends, values, (low, median, high), urls) for at in range(len(days))
    )
    return Chart(
        ticks=tuple(Tick(_y(value, ends), value) for value in steps),
        slots=slots,
        labels=_labels(slots),
        lines=_drawn(slots, values, ends),
        medians=_drawn(slots, median, ends),
        bands=_bands(slots, low, high, ends),
        lone=tuple(slots[run[0]] for run in runs(values) if len(run) == 1),
    )


def scale(values: Sequence[int]) -> list[int]:
    """Round steps from nought up to the greatest value or just above, and down to the least below."""
    most, least = max(values, default=0), min(0, *values, 0)
    greatest = max(most, -least)
    step = SCALE // 100 if 0 < greatest < SCALE else SCALE
    power = step
    while True:
        for factor in STEPS:
            step = power * factor
            if greatest <= step * MOST_LINES:
                count = max(0 if least else 1, -(-most // step))
                return [step * n for n in range(least // step, count + 1)]
        power *= 10


def _y(value: int, ends: Ends) -> float:
    return scaled(value, *ends, TOP, BOTTOM)


def _slot(
    at: int,
    days: Sequence[date],
    ends: Ends,
    values: Line,
    group: tuple[Line, Line, Line],
    urls: Sequence[str],
) -> Slot:
    width = 100 / len(days)
    value = values[at]
    low, median, high = (line[at] for line in group)
    return Slot(
        day=days[at],
        x=round((at + 0.5) * width, 3),
        left=round(at * width, 3),
        width=round(width, 3),
        y=None if value is None else _y(value, ends),
        value=value,
        low=low,
        median=median,
        high=high,
        url=urls[at] if urls else "",
    )


def _point(slot: Slot, value: int | None, ends: Ends) -> Point:
    """In a field of 1000 × the plot's height that is stretched to the chart's width."""
    return Point(round(slot.x * 10, 1), round(_y(value or 0, ends) - TOP, 1))


def _drawn(slots: Sequence[Slot], line: Line, ends: Ends) -> tuple[str, ...]:
    return tuple(
        polyline([_point(slots[at], line[at], ends) for at in run])
        for run in runs(line)
        if len(run) > 1
    )


def _bands(slots: Sequence[Slot], low: Line, high: Line, ends: Ends) -> tuple[str, ...]:
    return tuple(
        polyline(
            [_point(slots[at], high[at], ends) for at in run]
            + [_point(slots[at], low[at], ends) for at in reversed(run)]
        )
        for run in runs(low)
        if len(run) > 1
    )


def _labels(slots: Sequence[Slot]) -> tuple[Label, ...]:
    """A few days, evenly; on a phone every second."""
    step = max(1, -(-len(slots) // MOST_DAYS))
    chosen = slots[step // 2 :: step]
    return tuple(Label(slot.day, slot.x, at % 2 == 1) for at, slot in enumerate(chosen))
