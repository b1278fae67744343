"""What each metric earned and missed on one day, adding up to the computed score exactly."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import lcm
from typing import Any

from scoring.engine import exact
from scoring.engine.compiled import Compiled, CompiledGroup
from scoring.engine.exact import Value
from scoring.engine.fixed import HUNDRED, round_fraction
from scoring.engine.schemes import band_of

MOST_CACHED = 10_000


@dataclass(frozen=True)
class Contribution:
    """A metric's share of the whole and the score it counts with there.

    The score is the metric's own, except under a `conditions` roll-up, where it is the points of the
    outcome, shared by the inputs that decided it; under `minimum` and `maximum` the deciding inputs share.
    """

    share: Fraction
    score: int

    @property
    def earned(self) -> Fraction:
        return self.share * self.score


@dataclass(frozen=True)
class Points:
    shares: tuple[Fraction, ...]
    earned: tuple[int, ...]
    missed: tuple[int, ...]


def points(compiled: Compiled, scores: Sequence[Any], counts: Sequence[Any]) -> Points:
    """Σ earned = computed, Σ earned + Σ missed = 100.0000; all 0 where there is no score."""
    parts = contributions(compiled, scores, counts)
    earned = [part.earned for part in parts]
    missed = [part.share * (HUNDRED - part.score) for part in parts]
    total = round_fraction(sum(earned, Fraction()))
    rest = HUNDRED - total if any(part.share for part in parts) else 0
    return Points(
        shares=tuple(part.share for part in parts),
        earned=tuple(largest_remainder(earned, total)),
        missed=tuple(largest_remainder(missed, rest)),
    )


def path_to_green(found: Points) -> list[tuple[int, int]]:
    """(metric index, points it could still add), the most first."""
    missing = [(index, missed) for index, missed in enumerate(found.missed) if missed]
    return sorted(missing, key=lambda item: -item[1])


def largest_remainder(parts: Sequence[Fraction], total: int) -> list[int]:
    """Whole numbers nearest to the parts whose sum is the total, which is less than 1 from theirs."""
    common = lcm(*(part.denominator for part in parts))
    divided = [divmod(part.numerator * (common // part.denominator), common) for part in parts]
    floors, rests = [floor for floor, _ in divided], [rest for _, rest in divided]
    left = total - sum(floors)
    raised = sorted((i for i, rest in enumerate(rests) if rest), key=lambda i: (-rests[i], i))
    if not 0 <= left <= len(raised):
        raise ValueError(f"the parts do not add up to {total}")
    for i in raised[:left]:
        floors[i] += 1
    return floors


def shares(compiled: Compiled, counts: Sequence[Any]) -> tuple[Fraction, ...]:
    """Of the whole, by weights alone; 0 for what does not count. Cached by what counts."""
    key = bytes(bool(count) for count in counts)
    if key not in compiled.cache:
        if len(compiled.cache) >= MOST_CACHED:
            compiled.cache.clear()
        found = _contributions(compiled, [0] * len(counts), counts, structural=True)
        compiled.cache[key] = tuple(part.share for part in found)
    return compiled.cache[key]


def contributions(
    compiled: Compiled, scores: Sequence[Any], counts: Sequence[Any]
) -> list[Contribution]:
    if compiled.means_only:
        found = shares(compiled, counts)
        return [Contribution(w, int(s)) for w, s in zip(found, scores, strict=True)]
    return _contributions(compiled, scores, counts, structural=False)


def _contributions(
    compiled: Compiled, scores: Sequence[Any], counts: Sequence[Any], structural: bool
) -> list[Contribution]:
    values = exact.node_values(compiled, scores, counts, structural)
    found = [Contribution(Fraction(), int(score)) for score in scores]
    tree = _Tree(compiled, scores, counts, values, structural, found)
    if values[-1] is not None:
        tree.spread(compiled.root, Fraction(1), None)
    return found


@dataclass
class _Tree:
    compiled: Compiled
    scores: Sequence[Any]
    counts: Sequence[Any]
    values: list[Value]
    structural: bool
    found: list[Contribution]

    def spread(self, node: CompiledGroup, share: Fraction, outcome: int | None) -> None:
        """Gives the node's share to its inputs; `outcome` is the score above that replaces theirs."""
        metrics = [i for i in self._weighted(node.metrics, node.metric_weights) if self.counts[i]]
        groups = [
            i for i in self._weighted(node.groups, node.group_weights) if self.values[i] is not None
        ]
        inputs = exact.inputs_of(node, self.scores, self.counts, self.values)
        parts = [share * part for part in self._parts(node, inputs)]
        if outcome is None and node.rollup == "conditions" and not self.structural:
            outcome = round_fraction(self.values[node.index] or Fraction())
        for i, part in zip(metrics, parts, strict=False):
            self.found[i] = Contribution(part, int(self.scores[i]) if outcome is None else outcome)
        for i, part in zip(groups, parts[len(metrics) :], strict=True):
            if part:
                self.spread(self.compiled.groups[i], part, outcome)

    @staticmethod
    def _weighted(indices: Sequence[int], weights: Sequence[int]) -> list[int]:
        return [i for i, weight in zip(indices, weights, strict=True) if weight]

    def _parts(self, node: CompiledGroup, inputs: list[exact.Input]) -> list[Fraction]:
        if self.structural or node.rollup == "weighted_mean":
            total = sum(weight for weight, _ in inputs)
            return [Fraction(weight, total) for weight, _ in inputs]
        deciding = self._deciding(node, [value for _, value in inputs])
        count = sum(deciding)
        return [Fraction(decides, count) for decides in deciding]

    def _deciding(self, node: CompiledGroup, values: list[Fraction]) -> list[bool]:
        if node.rollup == "minimum":
            return [value == min(values) for value in values]
        if node.rollup == "maximum":
            return [value == max(values) for value in values]
        top = len(self.compiled.bands) - 1
        bands = [band_of(round_fraction(value), self.compiled.bands) for value in values]
        if 0 in bands:
            return [band == 0 for band in bands]
        below = [band != top for band in bands]
        return below if any(below) else [True] * len(bands)
