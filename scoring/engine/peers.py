"""The values of one metric over all accounts of a scorecard on a day, and where one of them stands."""

from dataclasses import dataclass

import numpy as np

from scoring.engine import card
from scoring.engine.compiled import Compiled, CompiledMetric
from scoring.engine.evaluate import Inputs, column_of
from scoring.engine.fixed import HUNDRED, LARGEST, NONE, Bools, Int64, divide, divide_half_up
from scoring.engine.grade import graded, is_answer
from scoring.engine.status import Status

FEWEST_PEERS = 5


@dataclass(frozen=True)
class Distribution:
    """The distinct values, ascending, and how many peers have at most each of them."""

    values: Int64
    up_to: Int64

    @staticmethod
    def of(values: Int64) -> "Distribution":
        distinct, counts = np.unique(values, return_counts=True)
        return Distribution(distinct, np.cumsum(counts))

    @property
    def count(self) -> int:
        return int(self.up_to[-1]) if len(self.up_to) else 0

    def ranks(self, values: Int64) -> Int64:
        """The share of the peers below, and half of those equal: the mean rank of ties; NONE under five."""
        if self.count < FEWEST_PEERS:
            return np.full(values.shape, NONE, dtype=np.int64)
        cumulative = np.concatenate([np.zeros(1, dtype=np.int64), self.up_to])
        below = cumulative[np.searchsorted(self.values, values, side="left")]
        up_to = cumulative[np.searchsorted(self.values, values, side="right")]
        return divide(below + up_to, 2 * self.count, HUNDRED)


@dataclass(frozen=True)
class Knots:
    """A distribution in few numbers: some of its values, the least and the greatest among them.

    `below` and `up_to` are the peers under and up to each. Where every distinct value is kept it is
    the distribution itself; else a value between two knots stands on the straight line between them.
    """

    values: Int64
    below: Int64
    up_to: Int64

    @staticmethod
    def of(whole: Distribution, most: int) -> "Knots":
        """At most so many, evenly spaced by rank."""
        below = np.concatenate([np.zeros(1, dtype=np.int64), whole.up_to])[:-1]
        if len(whole.values) <= most:
            return Knots(whole.values, below, whole.up_to)
        wanted = np.linspace(0, whole.count - 1, most).astype(np.int64)
        kept = np.unique(np.searchsorted(whole.up_to, wanted, side="right"))
        return Knots(whole.values[kept], below[kept], whole.up_to[kept])

    @property
    def count(self) -> int:
        return int(self.up_to[-1]) if len(self.up_to) else 0

    def place(self, value: int) -> tuple[int, int]:
        """How many peers have less, and how many at most as much."""
        at = int(np.searchsorted(self.values, value, side="left"))
        if at == len(self.values):
            return self.count, self.count
        below, after = int(self.below[at]), int(self.values[at])
        if after == value:
            return below, int(self.up_to[at])
        if at == 0:
            return 0, 0
        before, least = int(self.values[at - 1]), int(self.up_to[at - 1])
        between = divide_half_up((value - before) * (below - least), after - before)
        return least + between, least + between

    def percentile(self, value: int) -> int:
        """As the grade of that name has it, on a scale to 100.0000."""
        return divide_half_up(sum(self.place(value)) * HUNDRED, 2 * self.count)


def median(whole: Distribution) -> int:
    """The middle value; of an even number the mean of the two."""
    middle = [(whole.count - 1) // 2, whole.count // 2]
    found = whole.values[np.searchsorted(whole.up_to, middle, side="right")]
    one, other = int(found[0]), int(found[1])
    # A growth from nothing is no number: nothing lies in the middle of it and another.
    return divide_half_up(one + other, 2) if other < LARGEST else other


def mean(whole: Distribution) -> int:
    counts = np.diff(whole.up_to, prepend=0)
    pairs = zip(whole.values.tolist(), counts.tolist(), strict=True)
    total: int = sum(value * count for value, count in pairs)
    return divide_half_up(total, whole.count)


def percentile_metrics(compiled: Compiled) -> list[CompiledMetric]:
    return [metric for metric in compiled.metrics if isinstance(metric.grade, card.Percentile)]


def valid(inputs: Inputs, metric: CompiledMetric) -> tuple[Int64, Bools]:
    """What the metric grades in each row, and where that is a valid value."""
    values = graded(metric, column_of(inputs, metric.index))
    return values, (inputs.status[..., metric.index] == Status.OK) & is_answer(values)
