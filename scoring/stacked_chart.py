"""The geometry of shares that add up to a whole, over time: places across are percent, down pixels."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from scoring.engine.fixed import HUNDRED

TOP, BOTTOM, DAYS, HEIGHT = 34, 214, 234, 240
"""Rows: above the plot stands what is pointed at; below it the days."""
MOST_DAYS = 6
GAP = 0.12


@dataclass(frozen=True, slots=True)
class Part:
    """`name` chooses the pattern."""

    name: str
    y: float
    height: float


@dataclass(frozen=True, slots=True)
class Column:
    day: date
    x: float
    left: float
    width: float
    slot: float
    parts: tuple[Part, ...]
    shares: tuple[int, ...]
    url: str
    labelled: bool
    minor: bool

    @property
    def bar_left(self) -> float:
        return round(self.left + self.slot * GAP, 3)


@dataclass(frozen=True, slots=True)
class StackedChart:
    """`goal` is the row of its line, None without one."""

    columns: tuple[Column, ...]
    goal: float | None
    ticks: tuple[tuple[float, int], ...]
    top: ClassVar[int] = TOP
    bottom: ClassVar[int] = BOTTOM
    day_row: ClassVar[int] = DAYS
    height: ClassVar[int] = HEIGHT


def stacked_chart(
    days: Sequence[date],
    shares: Sequence[Sequence[int]],
    names: Sequence[str],
    *,
    goal: int | None,
    urls: Sequence[str],
) -> StackedChart:
    """Shares of each day in percent (ten-thousandths), the first at the foot; the goal likewise."""
    step = max(1, -(-len(days) // MOST_DAYS))
    labelled = list(range(step // 2, len(days), step))
    slot = 100 / max(len(days), 1)
    columns = tuple(
        Column(
            day=day,
            x=round((at + 0.5) * slot, 3),
            left=round(at * slot, 3),
            width=round(slot * (1 - 2 * GAP), 3),
            slot=round(slot, 3),
            parts=_parts(shares[at], names),
            shares=tuple(shares[at]),
            url=urls[at],
            labelled=at in labelled,
            minor=at in labelled[1::2],
        )
        for at, day in enumerate(days)
    )
    ticks = tuple((_y(percent * HUNDRED // 100), percent) for percent in (0, 25, 50, 75, 100))
    return StackedChart(columns, None if goal is None else _y(goal), ticks)


def _y(share: int) -> float:
    return round(BOTTOM - (BOTTOM - TOP) * share / HUNDRED, 1)


def _parts(shares: Sequence[int], names: Sequence[str]) -> tuple[Part, ...]:
    parts, under = [], 0
    for name, share in zip(names, shares, strict=True):
        foot, head = _y(under), _y(under + share)
        if share:
            parts.append(Part(name, head, round(foot - head, 1)))
        under += share
    return tuple(parts)
