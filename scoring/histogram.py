"""The values of a metric over the accounts, with its thresholds: numbers in, numbers for SVG out."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import ceil, floor, log10

import numpy as np
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from scoring.bands import UNKNOWN, BandLook, at
from scoring.engine.fixed import NONE, SCALE, Int64, shown
from scoring.engine.schemes import Band, band_index

HEIGHT = 116
BARS = 28
GRID = 240
LEAST_BAR = 2.0
Scorer = Callable[[Int64], Int64]


@dataclass(frozen=True, slots=True)
class Bar:
    """In percent of the width, and in pixels from the bottom; `look` is the band of its score."""

    x: float
    width: float
    height: float
    count: int
    text: str
    score: int
    look: BandLook

    @property
    def top(self) -> float:
        return round(HEIGHT - self.height, 1)


@dataclass(frozen=True, slots=True)
class Zone:
    x: float
    width: float
    look: BandLook


@dataclass(frozen=True, slots=True)
class Mark:
    """A threshold; `end` where its label stands to the left of it."""

    x: float
    text: str
    score: str
    end: bool


@dataclass(frozen=True, slots=True)
class Tick:
    x: float
    text: str


@dataclass(frozen=True, slots=True)
class Histogram:
    bars: tuple[Bar, ...]
    zones: tuple[Zone, ...]
    marks: tuple[Mark, ...]
    ticks: tuple[Tick, ...]
    height: int = HEIGHT

    @property
    def most(self) -> int:
        return max((bar.count for bar in self.bars), default=0)


@dataclass(frozen=True)
class Axis:
    """`start` + n × `step`, in the metric's own unit; whole numbers are counted one by one."""

    start: float
    step: float
    count: int

    @property
    def end(self) -> float:
        return self.start + self.step * self.count

    def x(self, value: float) -> float:
        share = (value - self.start) / (self.end - self.start)
        return round(100 * min(max(share, 0.0), 1.0), 3)


def figure(value: float) -> str:
    return number_format(int(value) if float(value).is_integer() else round(value, 2))


def axis_for(values: Int64, thresholds: Sequence[float]) -> Axis:
    plain = values / SCALE
    ends = [*np.percentile(plain, (1, 99)).tolist(), *thresholds] if len(values) else [*thresholds]
    low, high = (min(ends), max(ends)) if ends else (0.0, 1.0)
    if 0 < low < 0.5 * high:
        low = 0.0
    whole = all(float(end).is_integer() for end in thresholds) and not (values % SCALE).any()
    step = _nice((high - low) / BARS, whole)
    start = floor(low / step) * step
    return Axis(start, step, max(ceil((high - start) / step + 1e-9) + (high == low), 1) + 1)


def _nice(rough: float, whole: bool) -> float:
    """1, 2 or 5 times a power of ten."""
    if rough <= 0:
        return 1.0
    unit = 10.0 ** floor(log10(rough))
    step = next(unit * factor for factor in (1, 2, 5, 10) if unit * factor >= rough * 0.999)
    return max(step, 1.0) if whole else step


def histogram(
    values: Int64,
    *,
    thresholds: Sequence[tuple[float, str]] = (),
    scorer: Scorer | None = None,
    bands: Sequence[Band] = (),
    looks: Sequence[BandLook] = (),
) -> Histogram:
    axis = axis_for(values, [value for value, _score in thresholds])
    counts = _counts(values, axis)
    middles = np.array([axis.start + axis.step * n for n in range(axis.count)])
    scores = None if scorer is None else scorer((middles * SCALE).round().astype(np.int64))
    return Histogram(
        bars=_bars(axis, counts, scores, bands, looks),
        zones=() if scorer is None else _zones(axis, scorer, bands, looks),
        marks=tuple(
            Mark(axis.x(value), figure(value), score, axis.x(value) > 88)
            for value, score in sorted(set(thresholds))
        ),
        ticks=_ticks(axis),
    )


def _counts(values: Int64, axis: Axis) -> list[int]:
    """What lies beyond an end of the axis is counted in the outermost bar."""
    places = np.floor((values / SCALE - axis.start) / axis.step + 1e-9).astype(int)
    return [int(n) for n in np.bincount(np.clip(places, 0, axis.count - 1), minlength=axis.count)]


def _bars(
    axis: Axis,
    counts: Sequence[int],
    scores: Int64 | None,
    bands: Sequence[Band],
    looks: Sequence[BandLook],
) -> tuple[Bar, ...]:
    most, width = max(counts) or 1, 100 / axis.count
    found = []
    for n, count in enumerate(counts):
        if not count:
            continue
        score = NONE if scores is None else int(scores[n])
        found.append(
            Bar(
                x=round(n * width, 3),
                width=round(width, 3),
                height=round(max(count / most * (HEIGHT - 14), LEAST_BAR), 1),
                count=count,
                text=_range(axis, n),
                score=NONE if score == NONE else shown(score),
                look=_look(score, bands, looks),
            )
        )
    return tuple(found)


def _range(axis: Axis, n: int) -> str:
    low = axis.start + n * axis.step
    if axis.step == 1 and float(low).is_integer():
        return figure(low)
    high = low + axis.step
    texts = {"low": figure(low), "high": figure(high)}
    return _("%(low)s to under %(high)s") % texts


def _look(score: int, bands: Sequence[Band], looks: Sequence[BandLook]) -> BandLook:
    if score == NONE or not bands:
        return UNKNOWN
    return at(looks, int(band_index(np.array([score]), bands)[0]))


def _zones(
    axis: Axis, scorer: Scorer, bands: Sequence[Band], looks: Sequence[BandLook]
) -> tuple[Zone, ...]:
    """Neighbours of the same band as one; the axis looked at in small steps."""
    step = (axis.end - axis.start) / GRID
    points = axis.start + step * np.arange(GRID)
    index = band_index(scorer((points * SCALE).round().astype(np.int64)), bands)
    edges = [0, *(np.flatnonzero(np.diff(index)) + 1).tolist(), GRID]
    return tuple(
        Zone(
            round(100 * first / GRID, 3),
            round(100 * (last - first) / GRID, 3),
            at(looks, int(index[first])),
        )
        for first, last in pairwise(edges)
        if last > first
    )


def _ticks(axis: Axis) -> tuple[Tick, ...]:
    """Four to seven of them."""
    every = max(1, ceil(axis.count / 6))
    return tuple(
        Tick(axis.x(axis.start + n * axis.step), figure(axis.start + n * axis.step))
        for n in range(0, axis.count, every)
    )


def categories(
    counts: Sequence[int],
    labels: Sequence[str],
    scores: Sequence[int],
    bands: Sequence[Band],
    looks: Sequence[BandLook],
) -> Histogram:
    """One bar for each of a few choices; a score of NONE is none."""
    width, most = 100 / max(len(counts), 1), max(counts, default=0) or 1
    bars = tuple(
        Bar(
            x=round(n * width, 3),
            width=round(width, 3),
            height=round(max(count / most * (HEIGHT - 14), LEAST_BAR if count else 0), 1),
            count=count,
            text=labels[n],
            score=NONE if scores[n] == NONE else shown(scores[n]),
            look=_look(scores[n], bands, looks),
        )
        for n, count in enumerate(counts)
    )
    zones = tuple(Zone(bar.x, bar.width, bar.look) for bar in bars)
    ticks = tuple(Tick(round((n + 0.5) * width, 3), label) for n, label in enumerate(labels))
    return Histogram(bars, zones, (), ticks)
