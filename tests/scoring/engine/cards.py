"""Small scorecards for the tests."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from scoring.engine.compiled import Compiled, compile_card
from scoring.engine.document import parse
from scoring.engine.evaluate import Inputs, Results, evaluate
from scoring.engine.explained import Explained
from scoring.engine.fixed import NONE, to_fixed
from scoring.engine.publish import Published, evaluate_days
from scoring.engine.status import Status
from scoring.engine.timeline import State

OK, MISSING, ERROR, EXPIRED, NOT_APPLICABLE = list(Status)


def number(key: str, weight: float = 1, **extra: Any) -> dict[str, Any]:
    source, grade = {"type": "manual"}, {"type": "number"}
    return {"key": key, "name": key, "weight": weight, "source": source, "grade": grade} | extra


def usage(key: str, grade: dict[str, Any], weight: float = 1, **extra: Any) -> dict[str, Any]:
    source = {"type": "usage", "measure": "logins", "window_days": 90}
    return {"key": key, "name": key, "weight": weight, "source": source, "grade": grade} | extra


def group(
    key: str, metrics: Sequence[dict[str, Any]], weight: float = 1, **extra: Any
) -> dict[str, Any]:
    return {"key": key, "name": key, "weight": weight, "metrics": list(metrics)} | extra


def card(*groups: dict[str, Any], **extra: Any) -> dict[str, Any]:
    return {"key": "health", "name": "Health", "groups": list(groups)} | extra


def compiled(*groups: dict[str, Any], **extra: Any) -> Compiled:
    return compile_card(parse(card(*groups, **extra)))


def weighted(*weights: float, **extra: Any) -> Compiled:
    """One group of number metrics a, b, c, …"""
    return compiled(group("only", [number(chr(97 + i), w) for i, w in enumerate(weights)]), **extra)


def inputs(
    values: Sequence[Sequence[float]], statuses: Sequence[Sequence[int]] | None = None, **extra: Any
) -> Inputs:
    status = np.zeros(np.shape(values)) if statuses is None else np.array(statuses)
    fixed = np.array([[to_fixed(value) for value in row] for row in values], dtype=np.int64)
    return Inputs(values=fixed, status=status.astype(np.uint8), **extra)


def run(
    compiled_card: Compiled,
    values: Sequence[float],
    statuses: Sequence[int] | None = None,
    **extra: Any,
) -> Results:
    """One row."""
    rows = None if statuses is None else [statuses]
    return evaluate(compiled_card, inputs([values], rows, **extra))


def by_day(
    values: Sequence[Sequence[float]], statuses: Sequence[Sequence[int]] | None = None, **extra: Any
) -> Inputs:
    """One account over days: [day, 1, metric]."""
    flat = inputs(values, statuses)
    return Inputs(values=flat.values[:, None], status=flat.status[:, None], **extra)


def publish(compiled_card: Compiled, days: Inputs, **extra: Any) -> Published:
    metrics = days.values.shape[2]
    return evaluate_days(
        compiled_card, days, State.initial(days.values.shape[1], metrics), **extra
    )[0]


def explained(
    compiled_card: Compiled, day: Published, at: int, version: object = 1, **extra: Any
) -> Explained:
    """The first account on the day with that index."""
    applied = int(day.exception[at, 0])
    return Explained(
        compiled=compiled_card,
        version=version,
        values=extra.pop("values", np.zeros(len(compiled_card.metrics), dtype=np.int64)),
        status=day.results.status[at, 0],
        scores=day.results.scores[at, 0],
        counts=day.results.counts[at, 0],
        computed=int(day.results.computed[at, 0]),
        adjusted=int(day.adjusted[at, 0]),
        final=int(day.score[at, 0]),
        band=int(day.band[at, 0]),
        held=bool(day.held[at, 0]),
        exception=None if applied == NONE else compiled_card.card.exceptions[applied].name,
        override=bool(day.overridden[at, 0]),
        **extra,
    )
