"""Scores of metrics into scores of groups and of the whole, for many rows at once, exactly.

Floating point does the sums, integers the decision. A rolled-up score is a rational number with a
denominator D, made of the weights that count in its row. All terms are positive, so the floating-point
result is off by less than half the tolerance. Rounding is in doubt only beside a half, and a number with
D < 1 / (4 * tolerance) that is so near a half *is* the half: it is rounded up. The few rows with
a larger D beside a half are computed again with fractions.
"""

from dataclasses import dataclass

import numpy as np

from scoring.engine import exact
from scoring.engine.compiled import Compiled, CompiledGroup
from scoring.engine.fixed import NONE, Bools, Floats, Int32, Int64, Ints, round_fraction
from scoring.engine.schemes import band_index


@dataclass
class _Sheet:
    """What is known so far, one column per group and the last for the whole."""

    compiled: Compiled
    scores: Ints
    counts: Bools
    sums: Floats
    weights: Floats
    values: Floats
    rounded: Int32
    structural: bool

    def present(self, index: int) -> Bools:
        there: Bools = self.rounded[:, index] != NONE
        return there


def roll_up(compiled: Compiled, scores: Ints, counts: Bools, structural: bool = False) -> Int32:
    """[row, group or root], NONE where nothing counts. `structural` takes every roll-up as a weighted mean."""
    counting = counts.astype(np.float64)
    shape = (len(scores), len(compiled.groups) + 1)
    sheet = _Sheet(
        compiled=compiled,
        scores=scores,
        counts=counts,
        sums=_by_column(scores * counting, compiled.weights),
        weights=_by_column(counting, compiled.weights),
        values=np.zeros(shape, order="F"),
        rounded=np.full(shape, NONE, dtype=np.int32, order="F"),
        structural=structural,
    )
    for node in compiled.nodes:
        _roll_up_node(sheet, node)
    return sheet.rounded


def _by_column(rows: Floats, weights: Floats) -> Floats:
    """rows @ weights with every column of the result in one piece of memory."""
    product: Floats = (weights.T @ rows.T).T
    return product


def _roll_up_node(sheet: _Sheet, node: CompiledGroup) -> None:
    if sheet.structural or node.rollup == "weighted_mean":
        values, present = _mean(sheet, node)
    elif node.rollup == "conditions":
        values, present = _conditions(sheet, node)
    else:
        values, present = _extreme(sheet, node)
    sheet.values[:, node.index] = values
    sheet.rounded[:, node.index] = np.where(present, _rounded(sheet, node, values, present), NONE)


def _mean(sheet: _Sheet, node: CompiledGroup) -> tuple[Floats, Bools]:
    sums, weights = sheet.sums[:, node.index], sheet.weights[:, node.index]
    for child, weight in zip(node.groups, node.group_weights, strict=True):
        present = sheet.present(child)
        sums += sheet.values[:, child] * present * float(weight)
        weights += present * float(weight)
    present = weights > 0
    return np.divide(sums, weights, out=np.zeros_like(sums), where=present), present


def _inputs(sheet: _Sheet, node: CompiledGroup) -> tuple[Floats, Int64, Bools]:
    """Values, rounded scores and presence of the inputs that have a weight, one column each."""
    metrics = [i for i, w in zip(node.metrics, node.metric_weights, strict=True) if w]
    groups = [i for i, w in zip(node.groups, node.group_weights, strict=True) if w]
    own = sheet.scores[:, metrics].astype(np.int64)
    below = sheet.rounded[:, groups]
    values = np.concatenate([own.astype(np.float64), sheet.values[:, groups]], axis=1)
    scores = np.concatenate([own, below.astype(np.int64)], axis=1)
    present = np.concatenate([sheet.counts[:, metrics], below != NONE], axis=1)
    return values, scores, present


def _extreme(sheet: _Sheet, node: CompiledGroup) -> tuple[Floats, Bools]:
    values, _, present = _inputs(sheet, node)
    some = np.any(present, axis=1)
    if node.rollup == "minimum":
        found = np.where(present, values, np.inf).min(axis=1, initial=np.inf)
    else:
        found = np.where(present, values, -np.inf).max(axis=1, initial=-np.inf)
    return np.where(some, found, 0.0), some


def _conditions(sheet: _Sheet, node: CompiledGroup) -> tuple[Floats, Bools]:
    _, scores, present = _inputs(sheet, node)
    bands = band_index(scores, sheet.compiled.bands)
    poor, average, good = node.points
    any_lowest = (present & (bands == 0)).any(axis=1)
    all_highest = (~present | (bands == len(sheet.compiled.bands) - 1)).all(axis=1)
    points = np.where(any_lowest, poor, np.where(all_highest, good, average))
    return points.astype(np.float64), np.any(present, axis=1)


def _rounded(sheet: _Sheet, node: CompiledGroup, values: Floats, present: Bools) -> Int32:
    tolerance = sheet.compiled.tolerance
    raised = values + 0.5
    rounded = np.floor(raised + tolerance).astype(np.int32)
    beside_half = np.abs(raised - np.rint(raised)) <= tolerance
    rows = np.flatnonzero(beside_half & present)
    if rows.size:
        in_doubt = rows[_denominators(sheet, node, rows) >= _limit(tolerance)]
        for row in in_doubt:
            value = exact.node_values(
                sheet.compiled, sheet.scores[row], sheet.counts[row], sheet.structural
            )[node.index]
            rounded[row] = NONE if value is None else round_fraction(value)
    return rounded


def _limit(tolerance: float) -> int:
    return int(1 / (4 * tolerance))


def _denominators(sheet: _Sheet, node: CompiledGroup, rows: Int64) -> Int64:
    """A multiple of the denominator of each row's value, or the limit where it is that large."""
    limit = _limit(sheet.compiled.tolerance)
    common = np.ones(len(rows), dtype=np.int64)
    if node.rollup == "conditions" and not sheet.structural:
        return common
    for child in node.groups:
        below = _denominators(sheet, sheet.compiled.groups[child], rows)
        present = sheet.present(child)[rows]
        common = np.minimum(np.lcm(common, np.where(present, below, 1)), limit)
    if sheet.structural or node.rollup == "weighted_mean":
        weights = np.clip(sheet.weights[rows, node.index], 1, limit).astype(np.int64)
        common = np.minimum(common * weights, limit)
    return common
