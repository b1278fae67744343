"""The largest reasons of many changes at once: what `ledger` and `reasons` say, in arrays.

The shares follow from what counts, so all accounts for which the same counts on both days are one piece
of work: integers over one denominator, rounded by largest remainders as a single ledger is.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import lcm
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scoring.engine.compiled import Compiled
from scoring.engine.fixed import HUNDRED, NONE, Bools, Int16, Int32, Int64, UInt8
from scoring.engine.ledger import Kind, Reason
from scoring.engine.points import shares
from scoring.engine.status import LOST, Status

SAFE = 2**62 // HUNDRED
"""A denominator up to this keeps every numerator within 64 bits; others are counted in Python's integers."""
IMPOSED = 3
"""Columns after those of the metrics: exception, override, held band."""

Points = NDArray[Any]


@dataclass(frozen=True)
class Side:
    """One day of n accounts, [account] and [account, metric]; scores as in `evaluate.Results`."""

    scores: Int32
    counts: Bools
    status: UInt8
    computed: Int32
    adjusted: Int32
    final: Int32
    exception: Int16
    held: Bools
    overridden: Bools

    def rows(self, rows: Bools | Int64) -> "Side":
        return Side(**{name: column[rows] for name, column in vars(self).items()})


def largest_reasons(
    card: Compiled, before: Side, after: Side, most: int = 3
) -> list[tuple[Reason, ...]]:
    """Both sides of the same version of a card whose roll-ups are all means; none where a score is unknown."""
    found: list[tuple[Reason, ...]] = [()] * len(after.final)
    known = np.flatnonzero((before.final != NONE) & (after.final != NONE))
    if not len(known):
        return found
    before, after = before.rows(known), after.rows(known)
    parts = _parts(card, before, after)
    points, present = _imposed(card, parts.sum(axis=2), (parts != 0).any(axis=2), before, after)
    size = np.where(present, np.abs(points), NONE)
    order = np.argsort(-size, axis=1, kind="stable")[:, :most]
    chosen = np.take_along_axis(size, order, axis=1) != NONE
    told = _Telling(card, parts, points, before, after)
    for row, (columns, kept) in enumerate(zip(order.tolist(), chosen.tolist(), strict=True)):
        reasons = (told.reason(row, c) for c, keep in zip(columns, kept, strict=True) if keep)
        found[int(known[row])] = tuple(reasons)
    return found


def _parts(card: Compiled, before: Side, after: Side) -> Int64:
    """[account, metric, 2]: points of the metric's move, and of its share's."""
    parts = np.zeros((*after.counts.shape, 2), np.int64)
    pattern = np.packbits(np.concatenate([before.counts, after.counts], axis=1), axis=1)
    _, first, group = np.unique(pattern, axis=0, return_index=True, return_inverse=True)
    totals = np.maximum(after.computed, 0).astype(np.int64) - np.maximum(before.computed, 0)
    for number, sample in enumerate(first.tolist()):
        rows = np.flatnonzero(group.ravel() == number)
        was = shares(card, before.counts[sample].tolist())
        now = shares(card, after.counts[sample].tolist())
        exact, common = _numerators(was, now, before.rows(rows), after.rows(rows))
        rounded = _allocated(exact.reshape(len(rows), -1), common, totals[rows])
        parts[rows] = rounded.reshape(len(rows), -1, 2)
    return parts


def _numerators(
    was: Sequence[Fraction], now: Sequence[Fraction], before: Side, after: Side
) -> tuple[Points, int]:
    common = 2 * lcm(*(share.denominator for share in (*was, *now)))
    kind: Any = np.int64 if common <= SAFE else object
    old = np.array([int(share * common) for share in was], dtype=kind)
    new = np.array([int(share * common) for share in now], dtype=kind)
    a = np.where(before.counts, before.scores, 0).astype(kind)
    b = np.where(after.counts, after.scores, 0).astype(kind)
    both = before.counts & after.counts
    exact = np.zeros((*a.shape, 2), dtype=kind)
    # What is present on one side only carries its score to the other.
    exact[..., 0] = np.where(both, (old + new) // 2 * (b - a), new * b - old * a)
    exact[..., 1] = np.where(both, (new - old) // 2 * (a + b), 0)
    return exact, common


def _allocated(exact: Points, common: int, totals: Int64) -> Int64:
    """Whole numbers nearest to exact / common that add up to the totals."""
    floors = exact // common
    rests = exact - floors * common
    left = totals - floors.sum(axis=1)
    if ((left < 0) | (left > (rests != 0).sum(axis=1))).any():
        raise ValueError("the parts do not add up")
    order = np.argsort(-rests, axis=1, kind="stable")
    rank = np.empty(order.shape, np.int64)
    np.put_along_axis(rank, order, np.arange(order.shape[1])[None], axis=1)
    rounded: Int64 = (floors + (rank < left[:, None])).astype(np.int64)
    return rounded


def _imposed(
    card: Compiled, points: Int64, present: Bools, before: Side, after: Side
) -> tuple[Int64, Bools]:
    """With the columns of what stands between the computed and the final score."""
    exception = _effect(after.adjusted, after.computed) - _effect(before.adjusted, before.computed)
    override = _effect(after.final, after.adjusted) - _effect(before.final, before.adjusted)
    names = list(dict.fromkeys(rule.name for rule in card.card.exceptions))
    same = np.array([*(names.index(rule.name) for rule in card.card.exceptions), NONE])
    columns = [
        (exception, (exception != 0) | (same[before.exception] != same[after.exception])),
        (override, (override != 0) | (before.overridden != after.overridden)),
        (np.zeros_like(override), after.held),
    ]
    return (
        np.column_stack([points, *(column for column, _ in columns)]),
        np.column_stack([present, *(there for _, there in columns)]),
    )


def _effect(changed: Int32, base: Int32) -> Int64:
    return np.maximum(changed, 0).astype(np.int64) - np.maximum(base, 0)


class _Telling:
    """Single reasons from the arrays."""

    def __init__(
        self, card: Compiled, parts: Int64, points: Int64, before: Side, after: Side
    ) -> None:
        self.card = card
        self.keys = [metric.key for metric in card.metrics]
        self.parts, self.points = parts != 0, points
        self.before, self.after = before, after
        both = before.counts & after.counts
        lost = np.isin(before.status, LOST) | np.isin(after.status, LOST)
        self.moved_data = ~both | lost
        self.shifted_data = (before.counts != after.counts).any(axis=1)
        self.changed = before.status != after.status

    def reason(self, row: int, column: int) -> Reason:
        points = int(self.points[row, column])
        if column < len(self.keys):
            changed = self.changed[row, column]
            status = Status(int(self.after.status[row, column])) if changed else None
            return Reason(points, self._kinds(row, column), self.keys[column], status)
        imposed: tuple[Kind, ...] = ("exception", "override", "held")
        kind = imposed[column - len(self.keys)]
        return Reason(points, (kind,), name=self._name(row) if kind == "exception" else None)

    def _kinds(self, row: int, column: int) -> tuple[Kind, ...]:
        moved, shifted = self.parts[row, column]
        kinds: list[Kind] = []
        if moved:
            kinds.append("data" if self.moved_data[row, column] else "behaviour")
        if shifted:
            kinds.append("data" if self.shifted_data[row] else "behaviour")
        return tuple(dict.fromkeys(kinds))

    def _name(self, row: int) -> str | None:
        for side in (self.after, self.before):
            index = int(side.exception[row])
            if index != NONE:
                return self.card.card.exceptions[index].name
        return None
