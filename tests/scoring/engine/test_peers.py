"""Where a value stands among its peers, against counting them one by one in fractions."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.engine.fixed import LARGEST
from scoring.engine.peers import Distribution, Knots, mean, median
from tests.scoring.engine.reference import half_up

VALUES = st.one_of(st.integers(-5, 5), st.integers(-LARGEST, LARGEST))
PEERS = st.lists(VALUES, min_size=1, max_size=60)


def of(values: list[int]) -> Distribution:
    return Distribution.of(np.array(values, dtype=np.int64))


def rank(value: int, peers: list[int]) -> Fraction:
    """The mean of the ranks that those equal to the value share, in percent."""
    below = sum(peer < value for peer in peers)
    equal = sum(peer == value for peer in peers)
    return Fraction(100 * (2 * below + equal), 2 * len(peers))


@given(PEERS, st.lists(VALUES))
def test_ranks_are_those_of_counting(peers: list[int], strangers: list[int]) -> None:
    asked = [*peers, *strangers]
    expected = [half_up(rank(value, peers) * 10_000) if len(peers) >= 5 else -1 for value in asked]
    assert of(peers).ranks(np.array(asked, dtype=np.int64)).tolist() == expected


@given(PEERS, st.lists(VALUES))
def test_knots_of_all_values_are_exact(peers: list[int], strangers: list[int]) -> None:
    knots = Knots.of(of(peers), 60)
    for value in [*peers, *strangers]:
        below = sum(peer < value for peer in peers)
        assert knots.place(value) == (below, below + peers.count(value))
        assert knots.percentile(value) == half_up(rank(value, peers) * 10_000)


@given(st.lists(st.integers(0, 10**9), min_size=10, max_size=300), st.integers(0, 10**9))
def test_few_knots_are_right_to_the_space_between_them(peers: list[int], value: int) -> None:
    knots = Knots.of(of(peers), 10)
    assert len(knots.values) <= 10
    assert (knots.values[0], knots.values[-1]) == (min(peers), max(peers))
    assert knots.count == len(peers)
    below, up_to = knots.place(value)
    error = len(peers) / 9 + 1
    assert abs(below - sum(peer < value for peer in peers)) <= error
    assert abs(up_to - sum(peer <= value for peer in peers)) <= error


@given(PEERS)
def test_median_and_mean_are_those_of_the_whole(peers: list[int]) -> None:
    ordered, count = sorted(peers), len(peers)
    middle = Fraction(ordered[(count - 1) // 2] + ordered[count // 2], 2)
    if ordered[count // 2] == LARGEST:
        middle = Fraction(LARGEST)
    assert median(of(peers)) == half_up(middle)
    assert mean(of(peers)) == half_up(Fraction(sum(peers), count))


@pytest.mark.parametrize("count", [0, 4])
def test_fewer_than_five_peers_rank_nobody(count: int) -> None:
    assert of([7] * count).ranks(np.array([7, 8])).tolist() == [-1, -1]
