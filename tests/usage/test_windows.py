import numpy as np
import pytest

from usage.windows import LARGEST, SCALE, distinct, fixed, ratio


@pytest.mark.parametrize(
    ("dividend", "divisor", "factor", "value"),
    [
        (1, 3, 1, 3333),
        (2, 3, 1, 6667),
        (1, 20_000, 1, 1),  # half a ten-thousandth: up
        (1, 20_001, 1, 0),
        (7, 10, 100, 700_000),
        (0, 5, 1, 0),
    ],
)
def test_ratio_is_rounded_half_up(dividend: int, divisor: int, factor: int, value: int) -> None:
    values, known = ratio(np.array([[dividend]]), np.array([[divisor]]), factor)
    assert (values.tolist(), known.tolist()) == ([[value]], [[True]])


def test_ratio_by_nothing_is_not_known() -> None:
    values, known = ratio(np.array([[5, 5]]), np.array([[0, -1]]))
    assert (values.tolist(), known.tolist()) == ([[0, 0]], [[False, False]])


def test_fixed_never_overflows() -> None:
    largest = np.array([[np.iinfo(np.int64).max]])
    assert fixed(largest).tolist() == [[LARGEST * SCALE]]
    assert ratio(largest, np.array([[1]]), 100)[0][0, 0] > 0


def test_distinct_counts_a_user_once_in_overlapping_windows() -> None:
    days = np.arange(10, 20)
    counts = distinct(
        np.array([0, 0, 1]),
        np.array([7, 7, 8]),
        np.array([9, 12, 19]),
        days=days,
        accounts=2,
        window=3,
    )
    assert counts[:, 0].tolist() == [1, 1, 1, 1, 1, 0, 0, 0, 0, 0]
    assert counts[:, 1].tolist() == [0] * 9 + [1]


def test_distinct_counts_users_with_enough_days_while_they_last() -> None:
    days = np.arange(10, 20)
    given = np.zeros(4, np.int64), np.array([7, 7, 7, 8]), np.array([10, 12, 13, 12])
    twice = distinct(*given, days=days, accounts=1, window=4, least=2)
    assert twice[:, 0].tolist() == [0, 0, 1, 1, 1, 1, 0, 0, 0, 0]
    lasting = distinct(*given, days=days, accounts=1, window=4, least=2, lasting=2)
    assert lasting[:, 0].tolist() == [0, 0, 1, 1, 1, 0, 0, 0, 0, 0]
    never = distinct(*given, days=days, accounts=1, window=4, least=9)
    assert never[:, 0].tolist() == [0] * 10


def test_distinct_of_days_apart_equals_that_of_every_day() -> None:
    days = np.arange(10, 40)
    given = np.array([0, 0, 0, 1]), np.array([7, 7, 7, 8]), np.array([3, 12, 30, 29])
    every = distinct(*given, days=days, accounts=2, window=9)
    assert distinct(*given, days=days[::7], accounts=2, window=9).tolist() == every[::7].tolist()
