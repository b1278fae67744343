"""Small scorecards for the tests."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from scoring.engine.compiled import Compiled, compile_card
from scoring.engine.document import parse
from scoring.engine.evaluate import Inputs, Results, evaluate
from scoring.engine.fixed import to_fixed
from scoring.engine.status import Status

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
