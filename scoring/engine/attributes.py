"""Comparisons of the fields and attributes of accounts."""

import operator
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scoring.engine.card import AttributeCondition, NotApplicable
from scoring.engine.fields import check_name
from scoring.engine.fixed import Bools
from scoring.engine.problems import Problems, gettext_noop, join

MOST_CONDITIONS = 20
COMPARE: Mapping[str, Callable[[Any, Any], Any]] = {
    "lt": operator.lt,
    "lte": operator.le,
    "eq": operator.eq,
    "ne": operator.ne,
    "gte": operator.ge,
    "gt": operator.gt,
}


def column_holds(op: str, wanted: Any, column: NDArray[np.object_]) -> Bools:
    """`wanted` is what the document says: a text, a number, a boolean, or a list of them for `in`."""
    compared = _prepared(wanted)
    holds = [_holds(op, _comparable(value), compared) for value in column]
    return np.array(holds, dtype=np.bool_)


def all_hold(conditions: Sequence[AttributeCondition], value: Callable[[str], Any]) -> bool:
    """Of one account, whose fields and attributes `value` tells by name."""
    return all(
        _holds(c.op, _comparable(value(c.attribute)), _prepared(c.value)) for c in conditions
    )


def _prepared(wanted: Any) -> Any:
    return [_comparable(w) for w in wanted] if isinstance(wanted, tuple) else _comparable(wanted)


def _comparable(value: Any) -> Any:
    """Numbers of every kind as one exact kind; texts fold their case."""
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int | float | Decimal):
        return Decimal(str(value))
    return str(value).casefold()


def _holds(op: str, value: Any, wanted: Any) -> bool:
    """What is not known fulfils nothing, not even `ne`."""
    if value is None:
        return False
    if op == "in":
        return any(type(value) is type(one) and value == one for one in wanted)
    if type(value) is not type(wanted):
        return op == "ne"
    return bool(COMPARE[op](value, wanted))


def check_condition(condition: AttributeCondition, path: str, problems: Problems) -> None:
    check_name(condition.attribute, join(path, "attribute"), problems)
    template = gettext_noop("a list goes with `in`, and `in` with a list")
    listed = isinstance(condition.value, tuple)
    problems.check(listed == (condition.op == "in"), join(path, "op"), template)
    problems.check(condition.value != (), join(path, "value"), gettext_noop("must not be empty"))


def check_conditions(
    conditions: Sequence[AttributeCondition], path: str, problems: Problems
) -> None:
    problems.check(bool(conditions), path, gettext_noop("must not be empty"))
    template = gettext_noop("must have at most %(most)s items")
    problems.check(len(conditions) <= MOST_CONDITIONS, path, template, most=MOST_CONDITIONS)


def check_not_applicable(rule: NotApplicable, path: str, problems: Problems) -> None:
    check_conditions(rule.when, join(path, "when"), problems)
    check_name(rule.reason, join(path, "reason"), problems)
