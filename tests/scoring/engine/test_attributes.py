from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.engine.attributes import all_hold, column_holds
from scoring.engine.card import AttributeCondition

VALUES = st.one_of(
    st.none(), st.booleans(), st.integers(-3, 3), st.sampled_from([0.5, "", "pro", "Pro", "3"])
)


@pytest.mark.parametrize(
    ("value", "op", "wanted", "expected"),
    [
        ("Pro", "eq", "pro", True),
        ("Pro", "in", ("free", "PRO"), True),
        (Decimal("50000.00"), "gte", 50_000, True),
        (49_999.99, "gte", 50_000, False),
        (0.1, "eq", 0.1, True),
        (True, "eq", True, True),
        (True, "eq", 1, False),
        (1, "in", (True, 1), True),
        ("3", "eq", 3, False),
        ("3", "ne", 3, True),
        ("3", "lt", 4, False),
        (date(2026, 6, 1), "lt", "2026-06-02", True),
        (None, "eq", "", False),
        (None, "ne", "x", False),
        ("", "eq", "", True),
    ],
)
def test_values_are_compared_by_their_kind(
    value: Any, op: Any, wanted: Any, expected: bool
) -> None:
    condition = AttributeCondition(attribute="x", op=op, value=wanted)
    assert all_hold([condition], {"x": value}.get) == expected


def test_all_conditions_must_hold() -> None:
    conditions = [
        AttributeCondition(attribute="a", op="gt", value=1),
        AttributeCondition(attribute="b", op="eq", value="x"),
    ]
    told = [{"a": 2, "b": "x"}, {"a": 1, "b": "x"}, {"a": 2}, {}]
    assert [all_hold(conditions, row.get) for row in told] == [True, False, False, False]


@given(
    st.lists(VALUES, min_size=1, max_size=8),
    st.sampled_from(["lt", "lte", "eq", "ne", "gte", "gt"]),
    VALUES.filter(lambda value: value is not None),
)
def test_column_says_of_each_value_what_it_says_alone(
    values: list[Any], op: Any, wanted: Any
) -> None:
    condition = AttributeCondition(attribute="x", op=op, value=wanted)
    alone = [all_hold([condition], {"x": value}.get) for value in values]
    column = np.array([*values, None], dtype=object)[:-1]
    assert column_holds(op, wanted, column).tolist() == alone
