"""The inputs of one day under another version of the scorecard: the middle point of a ledger across versions."""

import numpy as np

from scoring.engine import card
from scoring.engine.compiled import CompiledMetric
from scoring.engine.evaluate import results
from scoring.engine.explained import Explained
from scoring.engine.fixed import NONE
from scoring.engine.grade import Column, score
from scoring.engine.status import Status

State = tuple[int, int, int, int]
"""Value, status, own score, age in days."""
VALUED = (Status.OK, Status.EXPIRED)


def middle(before: Explained, after: Explained) -> Explained:
    """What `before` would have been under the version of `after`.

    A metric whose source is another (or that is new, or whose grade needs more than its value) takes its state of
    `after`: all that it changes is then a matter of configuration.
    """
    states = [_state(before, after, metric) for metric in after.compiled.metrics]
    columns = np.array(states, dtype=np.int64).reshape(len(states), 4).T
    status, age_days = columns[1].astype(np.uint8), columns[3].astype(np.int32)
    known = columns[2].astype(np.int32)
    found = results(after.compiled, known[None], status[None], age_days[None])
    computed = int(found.computed[0])
    return Explained(
        compiled=after.compiled,
        version=after.version,
        values=columns[0],
        status=status,
        scores=found.scores[0],
        counts=found.counts[0],
        computed=computed,
        adjusted=computed,
        final=computed,
        band=NONE,
        age_days=age_days,
        stage=before.stage,
        age_months=before.age_months,
    )


def _state(before: Explained, after: Explained, metric: CompiledMetric) -> State:
    index = before.compiled.metric_index.get(metric.key)
    if index is None:
        return _own(after, metric.index)
    old = before.compiled.metrics[index]
    if old.metric.source != metric.metric.source:
        return _own(after, metric.index)
    value, status, score, age = _own(before, index)
    if status not in VALUED:
        # Policies alone speak for it, and they need no score.
        return value, status, NONE, age
    if old.grade != metric.grade:
        again = _regraded(before, old, metric, value)
        if again is None:
            return _own(after, metric.index)
        value, score = again
    return value, _expired(metric, status, age), score, age


def _own(day: Explained, index: int) -> State:
    """An expired metric may count with its policy's score: its own is graded from its value again."""
    metric = day.compiled.metrics[index]
    status, score = int(day.status[index]), int(day.scores[index])
    if status == Status.EXPIRED:
        _, score = _regraded(day, metric, metric, int(day.values[index])) or (0, score)
    age = 0 if day.age_days is None else int(day.age_days[index])
    return int(day.values[index]), status, score, age


def _regraded(
    day: Explained, old: CompiledMetric, new: CompiledMetric, value: int
) -> tuple[int, int] | None:
    """The value and its score under the new grade; None where they cannot be known."""
    if isinstance(new.grade, card.GrowthGrade | card.Percentile) or isinstance(
        new.metric.source, card.Growth
    ):
        return None
    if isinstance(new.grade, card.Level) or isinstance(old.grade, card.Level):
        moved = _same_level(old.grade, new.grade, value)
        if moved is None:
            return None
        value = moved
    column = Column(
        values=np.array([value], dtype=np.int64),
        stage=None if day.stage is None else np.array([day.stage], dtype=object),
        age_months=None if day.age_months is None else np.array([day.age_months], dtype=np.int32),
    )
    return value, int(score(new.grade, column.values, column)[0])


def _same_level(old: card.Grade, new: card.Grade, value: int) -> int | None:
    if not isinstance(old, card.Level) or not isinstance(new, card.Level):
        return None
    keys = [level.key for level in new.levels]
    key = old.levels[min(max(value, 0), len(old.levels) - 1)].key
    return keys.index(key) if key in keys else None


def _expired(metric: CompiledMetric, status: int, age: int) -> int:
    """The validity period may be another, too."""
    days = metric.metric.validity_days
    return Status.EXPIRED if days and age > days else Status.OK
