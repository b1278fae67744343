"""A scorecard document prepared for arrays: metrics and groups flat, weights as exact integers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from math import gcd, lcm

import numpy as np

from scoring.engine.card import Grade, Group, Metric, Points, Rollup, Scorecard
from scoring.engine.checks import grade_of
from scoring.engine.fixed import HUNDRED, NONE, Floats, Int32, UInt8, to_fixed, to_fraction
from scoring.engine.schemes import SHIPPED, Band
from scoring.engine.status import Status

EXCLUDE, ZERO, NEUTRAL, KEEP, FADE = range(5)
POLICIES = {"exclude": EXCLUDE, "zero": ZERO, "neutral": NEUTRAL, "keep": KEEP, "fade": FADE}


@dataclass(frozen=True)
class CompiledMetric:
    key: str
    path: str
    index: int
    group: int
    weight: Fraction
    metric: Metric
    grade: Grade


@dataclass(frozen=True)
class CompiledGroup:
    """The inputs are the metrics and then the groups, both as indices; their weights are integers
    in the proportion of the document's."""

    key: str
    path: str
    index: int
    parent: int
    weight: Fraction
    group: Group | None
    rollup: Rollup
    points: tuple[int, int, int]
    metrics: tuple[int, ...]
    groups: tuple[int, ...]
    metric_weights: tuple[int, ...]
    group_weights: tuple[int, ...]


@dataclass(frozen=True)
class Compiled:
    card: Scorecard
    bands: tuple[Band, ...]
    metrics: tuple[CompiledMetric, ...]
    groups: tuple[CompiledGroup, ...]
    root: CompiledGroup
    metric_index: Mapping[str, int]
    group_index: Mapping[str, int]
    weights: Floats
    """[metric, group or root]: the integer weight of a metric among the inputs of its group."""
    policies: UInt8
    """[status, metric]: what a metric of that status does."""
    lenient: bool
    """Whether any metric counts without an ok value."""
    validity: Int32
    """[metric]: in days, 0 for unlimited."""
    tolerance: float
    """Twice what floating point can be wrong by in a rolled-up score, in ten-thousandths."""
    cache: dict[bytes, tuple[Fraction, ...]] = field(default_factory=dict, compare=False)

    @property
    def nodes(self) -> tuple[CompiledGroup, ...]:
        """Every group before its parent, the root last."""
        return (*reversed(self.groups), self.root)

    @property
    def means_only(self) -> bool:
        return all(node.rollup == "weighted_mean" for node in self.nodes)

    @property
    def attributes(self) -> frozenset[str]:
        """The attributes that exceptions ask for."""
        conditions = [c for rule in self.card.exceptions for c in rule.when]
        return frozenset(c.attribute for c in conditions if c.attribute is not None)


def bands_of(
    card: Scorecard, custom: Mapping[str, Sequence[Band]] | None = None
) -> tuple[Band, ...]:
    """Lowest first. `custom` are the workspace's own schemes by key. KeyError for an unknown scheme."""
    if card.bands is not None:
        return card.bands
    scheme = card.scheme or "ryg"
    return SHIPPED[scheme] if scheme in SHIPPED else tuple((custom or {})[scheme])


def integers(weights: Sequence[Fraction]) -> tuple[int, ...]:
    """The smallest integers in the same proportion."""
    common = lcm(*(weight.denominator for weight in weights))
    whole = [int(weight * common) for weight in weights]
    divisor = gcd(*whole) or 1
    return tuple(weight // divisor for weight in whole)


class _Flattener:
    def __init__(self) -> None:
        self.metrics: list[CompiledMetric] = []
        self.groups: list[CompiledGroup | None] = []

    def add(self, group: Group, path: str, parent: int) -> int:
        index = len(self.groups)
        self.groups.append(None)
        own = [
            self._metric(metric, f"{path}.metrics[{i}]", index)
            for i, metric in enumerate(group.metrics)
        ]
        below = [self.add(g, f"{path}.groups[{i}]", index) for i, g in enumerate(group.groups)]
        self.groups[index] = _node(group, path, index, parent, own, below)
        return index

    def _metric(self, metric: Metric, path: str, group: int) -> int:
        index = len(self.metrics)
        weight = to_fraction(metric.weight)
        self.metrics.append(
            CompiledMetric(metric.key, path, index, group, weight, metric, grade_of(metric))
        )
        return index


def _node(
    group: Group, path: str, index: int, parent: int, metrics: list[int], groups: list[int]
) -> CompiledGroup:
    inputs = [*(m.weight for m in group.metrics), *(g.weight for g in group.groups)]
    weights = integers([to_fraction(weight) for weight in inputs])
    return CompiledGroup(
        key=group.key,
        path=path,
        index=index,
        parent=parent,
        weight=to_fraction(group.weight),
        group=group,
        rollup=group.rollup,
        points=_points(group.points),
        metrics=tuple(metrics),
        groups=tuple(groups),
        metric_weights=weights[: len(metrics)],
        group_weights=weights[len(metrics) :],
    )


def _points(points: Points | None) -> tuple[int, int, int]:
    given = points or Points()
    return to_fixed(given.poor), to_fixed(given.average), to_fixed(given.good)


def _root(card: Scorecard, tops: list[int], count: int) -> CompiledGroup:
    return CompiledGroup(
        key="",
        path="",
        index=count,
        parent=NONE,
        weight=Fraction(1),
        group=None,
        rollup=card.rollup,
        points=_points(card.points),
        metrics=(),
        groups=tuple(tops),
        metric_weights=(),
        group_weights=integers([to_fraction(group.weight) for group in card.groups]),
    )


def compile_card(card: Scorecard, bands: Sequence[Band] | None = None) -> Compiled:
    """`bands` where the scheme is the workspace's own."""
    flat = _Flattener()
    tops = [flat.add(group, f"groups[{i}]", NONE) for i, group in enumerate(card.groups)]
    groups = tuple(group for group in flat.groups if group is not None)
    root = _root(card, tops, len(groups))
    weights = np.zeros((len(flat.metrics), len(groups) + 1))
    for group in groups:
        weights[list(group.metrics), group.index] = group.metric_weights
    policies = _policies(flat.metrics)
    operations = len(flat.metrics) + 4 * len(groups) + 16
    return Compiled(
        card=card,
        bands=tuple(bands) if bands is not None else bands_of(card),
        metrics=tuple(flat.metrics),
        groups=groups,
        root=root,
        metric_index={metric.key: metric.index for metric in flat.metrics},
        group_index={group.key: group.index for group in groups},
        weights=weights,
        policies=policies,
        lenient=bool((policies[1:] != EXCLUDE).any()),
        validity=np.array([m.metric.validity_days or 0 for m in flat.metrics], dtype=np.int32),
        tolerance=2 * HUNDRED * operations * 2.0**-53,
    )


def _policies(metrics: Sequence[CompiledMetric]) -> UInt8:
    table = np.full((len(Status), len(metrics)), EXCLUDE, dtype=np.uint8)
    table[Status.OK] = KEEP
    for name in ("missing", "error", "expired"):
        chosen = [POLICIES[getattr(m.metric, name)] for m in metrics]
        table[Status[name.upper()]] = chosen
    return table
