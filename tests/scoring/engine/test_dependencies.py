from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.engine.dependencies import circle, in_order, uses
from scoring.engine.document import parse
from tests.scoring.engine.cards import card, group, number

KEYS = "abcdef"


def test_uses_are_told_with_the_paths_of_their_metrics() -> None:
    other = {"source": {"type": "scorecard", "scorecard": "other"}, "grade": {"type": "ratio"}}
    inner = group("inner", [number("deep", **other)])
    document = card(group("g", [number("a"), number("b", **other)], groups=[inner]))
    assert uses(parse(document)) == {
        "groups[0].metrics[1]": "other",
        "groups[0].groups[0].metrics[0]": "other",
    }


@pytest.mark.parametrize(
    ("needs", "key", "needed", "expected"),
    [
        ({"a": "b", "b": "c", "c": ""}, "a", "b", None),
        ({"a": "bc", "b": "c", "c": ""}, "a", "c", None),
        ({"a": "a"}, "a", "a", ("a", "a")),
        ({"a": "b", "b": "c", "c": "b"}, "b", "c", ("b", "c", "b")),
        ({"a": "b", "b": "c", "c": "b"}, "a", "b", None),
        ({"a": "bd", "b": "c", "c": "", "d": "ca"}, "a", "d", ("a", "d", "a")),
        ({"a": "x"}, "a", "x", None),
    ],
)
def test_a_circle_is_found_with_its_path(
    needs: dict[str, str], key: str, needed: str, expected: tuple[str, ...] | None
) -> None:
    assert circle(key, needed, needs) == expected


@given(st.permutations(KEYS), st.data())
def test_order_puts_every_scorecard_after_those_that_it_needs(
    keys: list[str], data: st.DataObject
) -> None:
    needs = {
        key: data.draw(st.lists(st.sampled_from(keys[:n]), unique=True)) if n else []
        for n, key in enumerate(keys)
    }
    shuffled = data.draw(st.permutations(keys))
    order = in_order({key: needs[key] for key in shuffled})
    assert sorted(order) == sorted(keys)
    assert all(order.index(needed) < order.index(key) for key in keys for needed in needs[key])


@given(st.dictionaries(st.sampled_from(KEYS), st.lists(st.sampled_from(KEYS + "x"))))
def test_order_names_every_scorecard_once_even_in_a_circle(needs: dict[str, list[str]]) -> None:
    assert sorted(in_order(needs)) == sorted(needs)


@given(st.dictionaries(st.sampled_from(KEYS), st.lists(st.sampled_from(KEYS))))
def test_circle_is_a_way_along_the_needs(needs: dict[str, list[str]]) -> None:
    for one, other in [(key, other) for key, others in needs.items() for other in others]:
        found = circle(one, other, needs)
        if found is not None:
            assert (found[0], found[1], found[-1]) == (one, other, one)
            assert all(after in needs[before] for before, after in pairwise(found))
