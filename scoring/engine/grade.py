"""From values to scores, one metric's column at a time."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scoring.engine import card
from scoring.engine.compiled import CompiledMetric
from scoring.engine.fixed import (
    HUNDRED,
    LARGEST,
    NONE,
    SCALE,
    Bools,
    Int32,
    Int64,
    divide,
    to_fixed,
)


@dataclass(frozen=True)
class Column:
    """One metric for n rows: what its grade may look at."""

    values: Int64
    previous: Int64 | None = None
    stage: NDArray[np.object_] | None = None
    age_months: Int32 | None = None
    ranks: Int64 | None = None

    def __len__(self) -> int:
        return len(self.values)


def grade(metric: CompiledMetric, column: Column) -> Int64:
    """Scores; NONE where the grade has no answer (too few peers, growth from nothing to nothing)."""
    values = graded(metric, column)
    scores = score(metric.grade, values, column)
    if not isinstance(metric.metric.source, card.Growth):
        return scores
    return np.where(is_answer(values), scores, NONE)


def score(grade: card.Grade, values: Int64, column: Column) -> Int64:
    """Of graded values; the column says what else a grade may ask."""
    return _GRADERS[type(grade)](grade, values, column)


def graded(metric: CompiledMetric, column: Column) -> Int64:
    """What the grade looks at and a page shows: of a growth the ratio."""
    return growth(column) if isinstance(metric.metric.source, card.Growth) else column.values


def condition_holds(when: card.MilestoneCondition, values: Int64) -> Bools:
    """Of the values of the condition's source."""
    holds: Bools = COMPARE[when.op](values, to_fixed(when.value))
    return holds


def is_answer(values: Int64) -> Bools:
    """False where a growth has none: from nothing to nothing."""
    answers: Bools = values != -LARGEST
    return answers


COMPARE: Mapping[str, Callable[[Any, Any], Any]] = {
    "lt": np.less,
    "lte": np.less_equal,
    "eq": np.equal,
    "ne": np.not_equal,
    "gte": np.greater_equal,
    "gt": np.greater,
}


def _linear_limits(limits: card.Linear | card.LinearCase, values: Int64) -> Int64:
    worst, best = to_fixed(limits.worst), to_fixed(limits.best)
    if worst < best:
        return divide(np.clip(values, worst, best) - worst, best - worst, HUNDRED)
    return divide(worst - np.clip(values, best, worst), worst - best, HUNDRED)


def _linear(grade: card.Linear, values: Int64, column: Column) -> Int64:
    return _by_case(grade.by, grade.cases, grade, _linear_limits, values, column)


def _step_scores(steps: card.Steps | card.StepsCase, values: Int64) -> Int64:
    """Under the lowest minimum the first step's score holds."""
    minima = np.array([to_fixed(step.min) for step in steps.steps[1:]], dtype=np.int64)
    scores = np.array([to_fixed(step.score) for step in steps.steps], dtype=np.int64)
    found: Int64 = scores[np.searchsorted(minima, values, side="right")]
    return found


def _steps(grade: card.Steps, values: Int64, column: Column) -> Int64:
    return _by_case(grade.by, grade.cases, grade, _step_scores, values, column)


def _by_case(
    by: str | None,
    cases: Sequence[Any],
    base: Any,
    score: Callable[[Any, Int64], Int64],
    values: Int64,
    column: Column,
) -> Int64:
    scores = score(base, values)
    for case in cases:
        # Ages rise, so a later case replaces an earlier one; a stage is in one case only.
        applies = _applies(by, case, column)
        if applies is not None and applies.any():
            scores[applies] = score(case, values[applies])
    return scores


def _applies(by: str | None, case: Any, column: Column) -> Bools | None:
    if by == "stage" and column.stage is not None:
        return np.isin(column.stage, np.array(case.stage, dtype=object))
    if by == "age_months" and column.age_months is not None:
        applies: Bools = column.age_months >= case.min
        return applies
    return None


def _level(grade: card.Level, values: Int64, column: Column) -> Int64:
    scores = np.array([to_fixed(level.score) for level in grade.levels], dtype=np.int64)
    found: Int64 = scores[np.clip(values, 0, len(scores) - 1)]
    return found


def _number(grade: card.NumberGrade | card.Ratio, values: Int64, column: Column) -> Int64:
    return np.clip(values, 0, HUNDRED)


def _boolean(grade: card.Boolean, values: Int64, column: Column) -> Int64:
    return np.where(values != 0, to_fixed(grade.when_true), to_fixed(grade.when_false))


def growth(column: Column) -> Int64:
    """now / then in ten-thousandths; LARGEST from nothing to something, -LARGEST where there is no answer."""
    now, then = _now_and_then(column)
    safe = np.where(then > 0, then, 1)
    ratio = divide(np.minimum(now, LARGEST // SCALE), safe, SCALE)
    ratio = np.where(then > 0, ratio, np.where(now > 0, LARGEST, -LARGEST))
    return np.where(then < 0, -LARGEST, ratio)


def _now_and_then(column: Column) -> tuple[Int64, Int64]:
    if column.previous is None:
        raise ValueError("a growth metric needs the previous values")
    return np.maximum(column.values, 0), column.previous


def _growth(grade: card.GrowthGrade, values: Int64, column: Column) -> Int64:
    now, then = _now_and_then(column)
    safe = np.where(then > 0, then, 1)
    scores = divide(np.minimum(now, 2 * safe), safe, HUNDRED // 2)
    scores = np.where(then > 0, scores, np.where(now > 0, HUNDRED, NONE))
    return np.where(then < 0, NONE, scores)


def _percentile(grade: card.Percentile, values: Int64, column: Column) -> Int64:
    if column.ranks is None:
        raise ValueError("a percentile metric needs its ranks")
    if not grade.lower_is_better:
        return column.ranks
    return np.where(column.ranks == NONE, NONE, HUNDRED - column.ranks)


_GRADERS: Mapping[type, Callable[[Any, Int64, Column], Int64]] = {
    card.Linear: _linear,
    card.Steps: _steps,
    card.Level: _level,
    card.NumberGrade: _number,
    card.Boolean: _boolean,
    card.Ratio: _number,
    card.GrowthGrade: _growth,
    card.Percentile: _percentile,
}
