from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.explorer.groups import Group
from scoring.explorer.ranking import Place, Ranking


def ranking(values: list[int | None], sort: str) -> Ranking:
    known = np.array([value is not None for value in values], np.bool_)
    numbers = np.array([value or 0 for value in values], np.int64)
    ids = np.arange(10, 10 + len(values), dtype=np.int64)
    before = np.zeros(len(values), np.int64), np.ones(len(values), np.bool_)
    return Ranking(Group("all", "All", ids), (numbers, known), before, sort)


def wanted(values: list[int | None], sort: str) -> list[int]:
    sign = -1 if sort.startswith("-") else 1
    places: list[tuple[bool, int, int]] = [
        (value is None, sign * (value or 0), n) for n, value in enumerate(values)
    ]
    return [n for _unknown, _value, n in sorted(places)]


@given(
    st.lists(st.one_of(st.none(), st.integers(0, 4)), max_size=40),
    st.sampled_from(["-value", "value", "-change", "change"]),
)
def test_order_is_by_value_and_every_place_is_found_again(
    values: list[int | None], sort: str
) -> None:
    ranked = ranking(values, sort)
    assert ranked.order.tolist() == wanted(values, sort)
    for at in range(len(values)):
        place = Place.read(str(ranked._place(at)))
        assert place is not None
        assert ranked._start(place) == at + 1


@pytest.mark.parametrize("text", ["", "x", "1", "1.", ".1", "1.x", "1.2.3", "9" * 30 + ".1"])
def test_what_is_no_place_is_read_as_none(text: str) -> None:
    assert Place.read(text) is None


def test_quartiles_need_five_accounts() -> None:
    few: list[Any] = [1, 2, None, 3, 4]
    assert ranking(few, "value").quartiles == (None, None, None)
    assert ranking([*few, 5], "value").quartiles == (2, 3, 4)
