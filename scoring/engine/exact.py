"""The roll-up of one row with fractions: slow, plain, and exact whatever the weights are."""

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from scoring.engine.compiled import Compiled, CompiledGroup
from scoring.engine.fixed import HUNDRED, round_fraction
from scoring.engine.schemes import band_of

Value = Fraction | None
Input = tuple[int, Fraction]
"""The integer weight and the value of an input that has both."""


def node_values(
    compiled: Compiled, scores: Sequence[Any], counts: Sequence[Any], structural: bool = False
) -> list[Value]:
    """The value of every group, and last of the whole; None where nothing counts."""
    values: list[Value] = [None] * (len(compiled.groups) + 1)
    for node in compiled.nodes:
        inputs = inputs_of(node, scores, counts, values)
        values[node.index] = value_of(compiled, node, inputs, structural)
    return values


def inputs_of(
    node: CompiledGroup, scores: Sequence[Any], counts: Sequence[Any], values: Sequence[Value]
) -> list[Input]:
    own = [
        (weight, Fraction(int(scores[i])))
        for i, weight in zip(node.metrics, node.metric_weights, strict=True)
        if weight and counts[i]
    ]
    below = [
        (weight, value)
        for i, weight in zip(node.groups, node.group_weights, strict=True)
        if weight and (value := values[i]) is not None
    ]
    return own + below


def value_of(
    compiled: Compiled, node: CompiledGroup, inputs: list[Input], structural: bool
) -> Value:
    if not inputs:
        return None
    if structural or node.rollup == "weighted_mean":
        total = sum(weight for weight, _ in inputs)
        return sum((weight * value for weight, value in inputs), Fraction()) / total
    if node.rollup == "conditions":
        return Fraction(_condition_points(compiled, node, [value for _, value in inputs]))
    choose = min if node.rollup == "minimum" else max
    return choose(value for _, value in inputs)


def _condition_points(compiled: Compiled, node: CompiledGroup, values: list[Fraction]) -> int:
    bands = [band_of(min(round_fraction(value), HUNDRED), compiled.bands) for value in values]
    poor, average, good = node.points
    if 0 in bands:
        return poor
    return good if all(band == len(compiled.bands) - 1 for band in bands) else average
