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
IMPOSED_KINDS: tuple[Kind, ...] = ("exception", "override", "held")
"""Columns after those of the metrics."""
_KIND: tuple[tuple[Kind, ...], ...] = ((), ("behaviour",), ("data",))
KINDS = [tuple(dict.fromkeys(moved + shifted)) for moved in _KIND for shifted in _KIND]
STATUSES = [*Status, None]

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
    telling = _Telling(card, parts, points, before, after)
    rows, places = np.nonzero(chosen)
    reasons = telling.reasons(rows, order[rows, places])
    ends = np.cumsum(chosen.sum(axis=1)).tolist()
    for at, first, end in zip(known.tolist(), [0, *ends], ends, strict=False):
        found[at] = tuple(reasons[first:end])
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
        self.parts, self.points = parts, points
        self.before, self.after = before, after

    def reasons(self, rows: Int64, columns: Int64) -> list[Reason]:
        """Of these cells."""
        metrics = len(self.keys)
        mine = columns < metrics
        found = iter(self._of_metrics(rows[mine], columns[mine]))
        return [
            next(found) if column < metrics else self._imposed(row, column)
            for row, column in zip(rows.tolist(), columns.tolist(), strict=True)
        ]

    def _of_metrics(self, rows: Int64, columns: Int64) -> list[Reason]:
        listed = zip(
            self.points[rows, columns].tolist(),
            self._kinds(rows, columns).tolist(),
            columns.tolist(),
            self._statuses(rows, columns).tolist(),
            strict=True,
        )
        return [
            Reason(points, KINDS[kind], self.keys[column], STATUSES[status])
            for points, kind, column, status in listed
        ]

    def _kinds(self, rows: Int64, columns: Int64) -> Int64:
        """Places in KINDS: what the metric's move and its share's are, where there is one."""
        counted, counts = self.before.counts, self.after.counts
        was, now = self.before.status[rows, columns], self.after.status[rows, columns]
        lost = np.isin(was, LOST) | np.isin(now, LOST) | ~(counted & counts)[rows, columns]
        shifted = (counted != counts).any(axis=1)[rows]
        there = self.parts[rows, columns] != 0
        found: Int64 = 3 * (there[:, 0] * (1 + lost)) + there[:, 1] * (1 + shifted)
        return found

    def _statuses(self, rows: Int64, columns: Int64) -> Int64:
        """Places in STATUSES: the one after, where it is another than before."""
        before, after = self.before.status[rows, columns], self.after.status[rows, columns]
        return np.where(before != after, after.astype(np.int64), len(Status))

    def _imposed(self, row: int, column: int) -> Reason:
        kind = IMPOSED_KINDS[column - len(self.keys)]
        name = self._name(row) if kind == "exception" else None
        return Reason(int(self.points[row, column]), (kind,), name=name)

    def _name(self, row: int) -> str | None:
        for side in (self.after, self.before):
            index = int(side.exception[row])
            if index != NONE:
                return self.card.card.exceptions[index].name
        return None
