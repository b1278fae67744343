from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring.engine.compiled import compile_card
from scoring.engine.document import parse
from scoring.engine.evaluate import Inputs, evaluate
from tests.scoring.engine import reference
from tests.scoring.engine.cards import run, weighted
from tests.scoring.engine.strategies import cards, rows

MINIMA = [0, 51, 76]
FEW = settings(max_examples=60, deadline=None)


def arrays(portfolio: list[tuple[list[int], list[int]]]) -> Inputs:
    return Inputs(
        values=np.array([values for values, _ in portfolio], dtype=np.int64),
        status=np.array([statuses for _, statuses in portfolio], dtype=np.uint8),
    )


@FEW
@given(st.data())
def test_evaluate_is_bit_equal_to_the_plain_reference(data: st.DataObject) -> None:
    card = data.draw(cards())
    portfolio = data.draw(rows(len(reference.metrics_of(card)), 8))
    results = evaluate(compile_card(parse(card)), arrays(portfolio))
    expected = [
        reference.computed(card, values, statuses, MINIMA) for values, statuses in portfolio
    ]
    assert results.computed.tolist() == expected
    covered = [reference.coverage(card, statuses) for _, statuses in portfolio]
    assert results.coverage.tolist() == covered


@FEW
@given(st.data())
def test_scores_stay_within_0_and_100(data: st.DataObject) -> None:
    card = data.draw(cards())
    portfolio = data.draw(rows(len(reference.metrics_of(card)), 8))
    results = evaluate(compile_card(parse(card)), arrays(portfolio))
    for scores in (results.scores, results.groups, results.computed):
        assert bool(((scores >= -1) & (scores <= 1_000_000)).all())


@FEW
@given(st.data())
def test_order_of_accounts_is_irrelevant(data: st.DataObject) -> None:
    card = compile_card(parse(data.draw(cards())))
    inputs = arrays(data.draw(rows(len(card.metrics), 8)))
    order = np.array(data.draw(st.permutations(range(len(inputs.values)))))
    shuffled = Inputs(values=inputs.values[order], status=inputs.status[order])
    expected = evaluate(card, inputs).computed[order]
    assert evaluate(card, shuffled).computed.tolist() == expected.tolist()


def scaled(node: dict[str, Any], factor: int) -> dict[str, Any]:
    """Every weight of the document times a whole factor, written exactly."""
    metrics = [m | {"weight": times(m["weight"], factor)} for m in node.get("metrics", [])]
    groups = [scaled(g, factor) | {"weight": times(g["weight"], factor)} for g in node["groups"]]
    return node | {"groups": groups} | ({"metrics": metrics} if "metrics" in node else {})


def times(weight: float, factor: int) -> float:
    return float(Fraction(str(weight)) * factor)


@FEW
@given(st.data(), st.sampled_from([2, 3, 10]))
def test_scaling_all_weights_changes_nothing(data: st.DataObject, factor: int) -> None:
    card = data.draw(cards())
    inputs = arrays(data.draw(rows(len(reference.metrics_of(card)), 8)))
    expected = evaluate(compile_card(parse(card)), inputs).computed.tolist()
    assert evaluate(compile_card(parse(scaled(card, factor))), inputs).computed.tolist() == expected


@pytest.mark.parametrize(
    ("scores", "expected"), [([50.0, 50.0001], 500_001), ([50.0001, 50.0], 500_000)]
)
def test_a_value_beside_a_half_is_decided_with_fractions(
    scores: list[float], expected: int
) -> None:
    """Nearer to the half than floating point can tell."""
    assert run(weighted(999_999.999999, 1_000_000), scores).computed[0] == expected


def test_no_accounts_are_no_results() -> None:
    none = Inputs(values=np.zeros((0, 2), np.int64), status=np.zeros((0, 2), np.uint8))
    results = evaluate(weighted(1, 2), none)
    assert (results.scores.shape, results.computed.shape) == ((0, 2), (0,))


def test_blocks_of_rows_join_to_the_whole() -> None:
    draw = np.random.default_rng(1)
    values = draw.integers(0, 1_000_000, size=(10_000, 3))
    whole = evaluate(weighted(3, 2, 1), Inputs(values, np.zeros(values.shape, np.uint8)))
    parts = [
        evaluate(weighted(3, 2, 1), Inputs(values[at : at + 100], np.zeros((100, 3), np.uint8)))
        for at in range(0, 10_000, 100)
    ]
    assert whole.computed.tolist() == [score for part in parts for score in part.computed.tolist()]
