"""One scorecard over n rows: values in, scores out. A row is one account on one day."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields

import numpy as np
from numpy.typing import NDArray

from scoring.engine import card
from scoring.engine.compiled import EXCLUDE, FADE, NEUTRAL, ZERO, Compiled
from scoring.engine.fixed import (
    HALF,
    NONE,
    SCALE,
    Bools,
    Int32,
    Int64,
    UInt8,
    divide_half_up,
    to_fixed,
)
from scoring.engine.grade import Column, grade, graded, is_answer
from scoring.engine.rollup import roll_up
from scoring.engine.status import Status

Objects = NDArray[np.object_]
BLOCK = 4_096


@dataclass(frozen=True)
class Inputs:
    """[row, metric] arrays, and [row] arrays of what grades and exceptions may ask about the account.

    An expired value stays what it last was; `evaluate` itself turns OK into EXPIRED by `age_days`.
    """

    values: Int64
    status: UInt8
    age_days: Int32 | None = None
    previous: Int64 | None = None
    """The value one window earlier, of growth metrics."""
    ranks: Mapping[int, Int64] = field(default_factory=dict)
    """[row] by the index of each percentile metric: the place among its peers, NONE for too few."""
    stage: Objects | None = None
    age_months: Int32 | None = None
    attributes: Mapping[str, Objects] = field(default_factory=dict)

    def rows(self, rows: slice) -> "Inputs":
        """Some of the rows, each metric's column in one piece of memory."""
        return Inputs(
            values=np.asfortranarray(self.values[rows]),
            status=np.asfortranarray(self.status[rows]),
            age_days=None if self.age_days is None else np.asfortranarray(self.age_days[rows]),
            previous=None if self.previous is None else np.asfortranarray(self.previous[rows]),
            stage=None if self.stage is None else self.stage[rows],
            age_months=None if self.age_months is None else self.age_months[rows],
            ranks={index: column[rows] for index, column in self.ranks.items()},
            attributes={name: column[rows] for name, column in self.attributes.items()},
        )


@dataclass(frozen=True)
class Results:
    """NONE stands for no score."""

    scores: Int32
    """[row, metric]: what counts where `counts`, else the last known score."""
    known: Int32
    """[row, metric]: the metric's own score, or the last one it had."""
    counts: Bools
    status: UInt8
    computed: Int32
    coverage: Int32
    provisional: Bools
    groups: Int32
    """[row, group]"""

    @staticmethod
    def joined(parts: "Sequence[Results]") -> "Results":
        names = [f.name for f in fields(Results)]
        return Results(**{n: np.concatenate([getattr(part, n) for part in parts]) for n in names})


def evaluate(compiled: Compiled, inputs: Inputs, carried: Int32 | None = None) -> Results:
    """`carried` are the last known scores."""
    blocks = [
        _evaluate_block(compiled, inputs.rows(rows), None if carried is None else carried[rows])
        for rows in blocks_of(len(inputs.values))
    ]
    return blocks[0] if len(blocks) == 1 else Results.joined(blocks)


def blocks_of(count: int) -> list[slice]:
    """Pieces that stay in the processor's cache; one, empty, where there are no rows."""
    return [slice(start, start + BLOCK) for start in range(0, max(count, 1), BLOCK)]


def _evaluate_block(compiled: Compiled, inputs: Inputs, carried: Int32 | None) -> Results:
    own, status = own_scores(compiled, inputs)
    known = own if carried is None else np.where(own == NONE, carried, own)
    return results(compiled, known, status, inputs.age_days)


def own_scores(compiled: Compiled, inputs: Inputs) -> tuple[Int32, UInt8]:
    """The scores of the values of this day, NONE where there is none, and the statuses with expiry."""
    status = expire(inputs.status, inputs.age_days, compiled.validity)
    own = np.full(inputs.values.shape, NONE, dtype=np.int32, order="F")
    for metric in compiled.metrics:
        own[:, metric.index] = grade(metric, column_of(inputs, metric.index))
    valued = (status == Status.OK) | (status == Status.EXPIRED)
    status = np.where(valued & (own == NONE), np.uint8(Status.MISSING), status)
    return np.where(valued, own, np.int32(NONE)), status


def column_of(inputs: Inputs, index: int) -> Column:
    return Column(
        values=inputs.values[..., index],
        previous=None if inputs.previous is None else inputs.previous[..., index],
        stage=inputs.stage,
        age_months=inputs.age_months,
        ranks=inputs.ranks.get(index),
    )


def graded_values(compiled: Compiled, inputs: Inputs) -> Int64:
    """What each metric grades, and a page shows: the values, of growths the ratio."""
    derived = [
        metric for metric in compiled.metrics if isinstance(metric.metric.source, card.Growth)
    ]
    if not derived:
        return inputs.values
    values = inputs.values.copy()
    for metric in derived:
        found = graded(metric, column_of(inputs, metric.index))
        answered = (inputs.status[..., metric.index] == Status.OK) & is_answer(found)
        values[..., metric.index] = np.where(answered, found, 0)
    return values


def expire(status: UInt8, age_days: Int32 | None, validity: Int32) -> UInt8:
    """Set on day 0 with 90 days, a value is valid on day 90 and expired on day 91."""
    if age_days is None or not validity.any():
        return status
    expired = (status == Status.OK) & (validity > 0) & (age_days > validity)
    return np.where(expired, np.uint8(Status.EXPIRED), status)


def policy_scores(
    compiled: Compiled, known: Int32, status: UInt8, age_days: Int32 | None
) -> tuple[Int32, Bools]:
    """What each metric says to the roll-up, and whether it says anything."""
    if not compiled.lenient:
        return known, (status == Status.OK) & (known != NONE)
    policy = compiled.policies[status, np.arange(len(compiled.metrics))]
    scores = known.copy()
    scores[policy == ZERO] = 0
    scores[policy == NEUTRAL] = HALF
    fading = policy == FADE
    if age_days is not None and fading.any():
        scores = np.where(
            fading & (known != NONE), _fade(known, age_days, compiled.validity), scores
        )
    return scores, (policy != EXCLUDE) & (scores != NONE)


def _fade(known: Int32, age_days: Int32, validity: Int32) -> Int32:
    """To 50 on a straight line over another validity period."""
    period = np.maximum(validity, 1).astype(np.int64)
    over = np.clip(age_days - period, 0, period)
    return divide_half_up(known * (period - over) + HALF * over, period).astype(np.int32)


def results(compiled: Compiled, known: Int32, status: UInt8, age_days: Int32 | None) -> Results:
    """The roll-up of known scores; also of stored ones, which gives a past day's results again."""
    scores, counts = policy_scores(compiled, known, status, age_days)
    rolled = roll_up(compiled, scores, counts)
    computed = rolled[:, -1]
    covered = coverage(compiled, status)
    least = to_fixed(compiled.card.min_coverage) // 100
    return Results(
        scores=scores,
        known=known,
        counts=counts,
        status=status,
        computed=computed,
        coverage=covered,
        provisional=(computed != NONE) & (covered < least),
        groups=rolled[:, :-1],
    )


def coverage(compiled: Compiled, status: UInt8) -> Int32:
    """Of the shares of what applies, the part with a valid score, in ten-thousandths."""
    whole = np.zeros((1, len(compiled.metrics)), dtype=np.int32)
    full = roll_up(compiled, whole + SCALE, whole == 0, structural=True)[0, -1]
    covered = np.full(len(status), max(full, 0), dtype=np.int32)
    partial = np.flatnonzero((status != Status.OK).any(axis=1))
    if partial.size:
        some = status[partial]
        valid = np.where(some == Status.OK, SCALE, 0)
        rolled = roll_up(compiled, valid, some != Status.NOT_APPLICABLE, structural=True)
        covered[partial] = np.maximum(rolled[:, -1], 0)
    return covered
