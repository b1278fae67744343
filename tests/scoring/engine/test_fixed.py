from decimal import ROUND_HALF_UP, Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.engine.fixed import divide_half_up, shown, shown_array, to_decimal_string, to_fixed


@pytest.mark.parametrize(
    ("number", "fixed"),
    [
        (8.45, 84_500),
        ("40.12285", 401_229),
        (-0.00005, -1),
        (Decimal("1e2"), 1_000_000),
        (0.1, 1_000),
        (7, 70_000),
    ],
)
def test_numbers_become_exact(number: float | str | Decimal, fixed: int) -> None:
    assert to_fixed(number) == fixed


@pytest.mark.parametrize("number", [float("nan"), float("inf"), "x", 10**15, ""])
def test_what_is_no_number_is_refused(number: float | str) -> None:
    with pytest.raises(ValueError, match=r"number|large"):
        to_fixed(number)


@pytest.mark.parametrize(
    ("fixed", "text"), [(401_228, "40.1228"), (0, "0.0000"), (-15_000, "-1.5000")]
)
def test_fixed_numbers_are_written_with_four_places(fixed: int, text: str) -> None:
    assert to_decimal_string(fixed) == text


@given(st.integers(-(10**12), 10**12), st.integers(1, 10**6))
def test_division_rounds_half_up_as_decimals_do(numerator: int, denominator: int) -> None:
    quotient = Decimal(numerator) / Decimal(denominator)
    expected = int(quotient.to_integral_value(rounding=ROUND_HALF_UP))
    assert divide_half_up(numerator, denominator) == expected
    assert divide_half_up(np.array([numerator]), denominator).tolist() == [expected]


def test_shown_rounds_half_up_and_keeps_unknown() -> None:
    scores = [504_000, 505_000, 755_000, 754_999, -1]
    assert [shown(score) for score in scores] == [50, 51, 76, 75, -1]
    assert shown_array(np.array(scores, dtype=np.int32)).tolist() == [50, 51, 76, 75, -1]
