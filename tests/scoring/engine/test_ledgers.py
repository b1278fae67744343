"""Many ledgers at once say exactly what single ones say."""

from dataclasses import fields
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring.engine.compiled import Compiled, compile_card
from scoring.engine.document import parse
from scoring.engine.evaluate import Inputs
from scoring.engine.explained import Explained
from scoring.engine.fixed import NONE
from scoring.engine.ledger import ledger, reasons
from scoring.engine.ledgers import Side, largest_reasons
from scoring.engine.publish import Overrides, Published, evaluate_days
from scoring.engine.timeline import State
from tests.scoring.engine.cards import compiled, group, number
from tests.scoring.engine.strategies import STATUSES, VALUES, cards

FEW = settings(max_examples=150, deadline=None)
RULE = {
    "name": "Little use",
    "when": [{"attribute": "use", "op": "lt", "value": 40}],
    "effect": "cap",
    "value": 20,
}


def published(card: Compiled, inputs: Inputs, overrides: Overrides | None = None) -> Published:
    state = State.initial(inputs.values.shape[1], len(card.metrics))
    return evaluate_days(card, inputs, state, overrides)[0]


def side(days: Published, day: int) -> Side:
    of_results = {"scores", "counts", "status", "computed"}
    found = {name: getattr(days.results, name)[day] for name in of_results}
    rest: dict[str, Any] = {
        "adjusted": days.adjusted,
        "final": days.score,
        "exception": days.exception,
    }
    rest |= {"held": days.held, "overridden": days.overridden}
    made = Side(**found, **{name: column[day] for name, column in rest.items()})
    assert {field.name for field in fields(Side)} == found.keys() | rest.keys()
    return made


def single(card: Compiled, days: Published, day: int, n: int) -> Explained:
    applied = int(days.exception[day, n])
    return Explained(
        compiled=card,
        version=1,
        values=np.zeros(len(card.metrics), np.int64),
        status=days.results.status[day, n],
        scores=days.results.scores[day, n],
        counts=days.results.counts[day, n],
        computed=int(days.results.computed[day, n]),
        adjusted=int(days.adjusted[day, n]),
        final=int(days.score[day, n]),
        band=int(days.band[day, n]),
        held=bool(days.held[day, n]),
        exception=None if applied == NONE else card.card.exceptions[applied].name,
        override=bool(days.overridden[day, n]),
    )


def check(card: Compiled, days: Published, accounts: int) -> None:
    one_by_one = [
        tuple(reasons(ledger(single(card, days, 0, n), single(card, days, 1, n)).entries)[:3])
        for n in range(accounts)
    ]
    assert largest_reasons(card, side(days, 0), side(days, 1)) == one_by_one


def drawn(data: st.DataObject, cell: Any, *shape: int) -> Any:
    count = int(np.prod(shape))
    return np.array(data.draw(st.lists(cell, min_size=count, max_size=count))).reshape(shape)


@FEW
@given(st.data())
def test_reasons_are_those_of_single_ledgers(data: st.DataObject) -> None:
    raw = data.draw(cards(rollups=False))
    card = compile_card(parse(raw | {"exceptions": data.draw(st.sampled_from([[], [RULE]]))}))
    shape = (2, data.draw(st.integers(1, 6)), len(card.metrics))
    inputs = Inputs(
        values=drawn(data, VALUES, *shape).astype(np.int64),
        status=drawn(data, STATUSES, *shape).astype(np.uint8),
        attributes={"use": drawn(data, st.sampled_from([10, 90]), *shape[:2]).astype(object)},
    )
    score = drawn(data, st.sampled_from([NONE, NONE, 0, 420_000]), *shape[:2])
    overrides = Overrides(score.astype(np.int32), np.full(shape[:2], NONE, np.int8))
    check(card, published(card, inputs, overrides), shape[1])


@pytest.mark.parametrize("weights", [(1, 1, 1), (99_991, 99_989, 33.3331)])
def test_shares_past_64_bits_are_counted_exactly(weights: tuple[float, ...]) -> None:
    """Ten groups of uneven weights have shares whose denominators have dozens of digits."""
    names = "abcdefghij"
    groups = [
        group(g, [number(f"{g}{i}", w + n) for i, w in enumerate(weights)])
        for n, g in enumerate(names)
    ]
    card = compiled(*groups)
    draw = np.random.default_rng(1)
    shape = (2, 40, len(card.metrics))
    inputs = Inputs(
        values=draw.integers(0, 1_000_000, shape),
        status=(draw.random(shape) < 0.1).astype(np.uint8),
    )
    check(card, published(card, inputs), 40)


def test_an_account_without_a_score_has_no_reasons() -> None:
    card = compiled(group("g", [number("a")]))
    inputs = Inputs(
        values=np.array([[[100_000]], [[200_000]]]), status=np.array([[[1]], [[0]]], np.uint8)
    )
    days = published(card, inputs)
    assert largest_reasons(card, side(days, 0), side(days, 1)) == [()]


def test_without_metrics_an_override_is_the_only_reason() -> None:
    card = compiled(group("g", []))
    inputs = Inputs(values=np.zeros((2, 1, 0), np.int64), status=np.zeros((2, 1, 0), np.uint8))
    scores, bands = np.array([[0], [420_000]], np.int32), np.full((2, 1), NONE, np.int8)
    days = published(card, inputs, Overrides(scores, bands))
    check(card, days, 1)
    (found,) = largest_reasons(card, side(days, 0), side(days, 1))
    assert [(r.kinds, r.points) for r in found] == [(("override",), 420_000)]


def test_a_reason_names_its_metric_and_what_became_of_it() -> None:
    card = compiled(group("g", [number("a"), number("b")]))
    values = np.array([[[800_000, 400_000]], [[800_000, 0]]])
    inputs = Inputs(values=values, status=np.array([[[0, 0]], [[0, 1]]], np.uint8))
    days = published(card, inputs)
    (found,) = largest_reasons(card, side(days, 0), side(days, 1))
    assert [(r.metric, r.points, r.kinds, r.status and r.status.key) for r in found] == [
        ("a", 400_000, ("data",), None),
        ("b", -200_000, ("data",), "missing"),
        (None, 0, ("held",), None),
    ]
