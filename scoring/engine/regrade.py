"""Scores that follow from a metric's value alone, graded again."""

import numpy as np

from scoring.engine import card
from scoring.engine.compiled import Compiled, CompiledMetric
from scoring.engine.fixed import Int32, Int64
from scoring.engine.grade import Column, score

NEEDS_MORE = -2
"""No score is this: the grade needs the day's peers, an earlier value, or the account's stage or age."""


def by_value_alone(metric: CompiledMetric) -> bool:
    if isinstance(metric.grade, card.GrowthGrade | card.Percentile):
        return False
    # What is stored of a growth or a condition is what it says, as its grade looks at it.
    return getattr(metric.grade, "by", None) is None


def regraded(compiled: Compiled, values: Int64) -> Int32:
    """[row, metric]; NEEDS_MORE where the value does not decide."""
    scores = np.full(values.shape, NEEDS_MORE, dtype=np.int32)
    for metric in compiled.metrics:
        if by_value_alone(metric):
            column = values[:, metric.index]
            scores[:, metric.index] = score(metric.grade, column, Column(column))
    return scores
