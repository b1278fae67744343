"""What happens to bands from one day to the next."""

from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring.engine.compiled import Compiled, compile_card
from scoring.engine.document import parse
from scoring.engine.evaluate import Inputs
from scoring.engine.publish import Overrides, evaluate_days
from scoring.engine.timeline import State
from tests.scoring.engine.cards import (
    EXPIRED,
    MISSING,
    NOT_APPLICABLE,
    OK,
    by_day,
    compiled,
    group,
    number,
    publish,
    weighted,
)
from tests.scoring.engine.strategies import STATUSES, VALUES, cards

GREEN, YELLOW, RED = 2, 1, 0


def two(**extra: Any) -> Compiled:
    """A heavy metric and one that may be lost."""
    return compiled(group("g", [number("a", 50), number("b", 50)]), **extra)


def test_a_real_improvement_ends_the_hold() -> None:
    days = by_day([[70, 40], [90, 0], [100, 0]], [[OK, OK], [OK, MISSING], [OK, MISSING]])
    published = publish(weighted(60, 40), days)
    assert published.score[:, 0].tolist() == [580_000, 900_000, 1_000_000]
    assert published.band[:, 0].tolist() == [YELLOW, YELLOW, GREEN]
    assert published.held[:, 0].tolist() == [False, True, False]


def test_the_band_stops_where_the_known_scores_would_be() -> None:
    """Red; then the good metric really improves to yellow while the other one is lost."""
    days = by_day([[50, 20], [90, 20]], [[OK, OK], [OK, EXPIRED]])
    published = publish(two(), days)
    assert published.band[:, 0].tolist() == [RED, YELLOW]
    assert published.held[:, 0].tolist() == [False, True]


def test_not_applicable_is_no_loss() -> None:
    days = by_day([[90, 20], [90, 0]], [[OK, OK], [OK, NOT_APPLICABLE]])
    assert publish(two(), days).band[:, 0].tolist() == [YELLOW, GREEN]


def test_a_band_is_held_over_days_without_a_score() -> None:
    statuses = [[OK, OK], [MISSING, MISSING], [OK, MISSING]]
    published = publish(two(), by_day([[90, 0], [0, 0], [90, 0]], statuses))
    assert published.band[:, 0].tolist() == [RED, -1, RED]
    assert published.reference[:, 0].tolist() == [RED] * 3


def test_a_neutral_policy_does_not_improve_a_band() -> None:
    card = compiled(group("g", [number("a", 50), number("b", 50, missing="neutral")]))
    published = publish(card, by_day([[60, 10], [60, 0]], [[OK, OK], [OK, MISSING]]))
    assert published.score[:, 0].tolist() == [350_000, 550_000]
    assert published.band[:, 0].tolist() == [RED, RED]


def test_a_change_is_confirmed_before_it_is_published() -> None:
    days = by_day([[80], [40], [80], [40], [40], [40]])
    published = publish(weighted(1, confirm=2), days)
    assert published.band[:, 0].tolist() == [GREEN, GREEN, GREEN, GREEN, RED, RED]
    assert published.pending[:, 0].tolist() == [-1, RED, -1, RED, -1, -1]


def test_days_in_one_call_equal_single_nights() -> None:
    values = [[80, 20], [40, 30], [80, 0], [90, 0], [40, 0], [40, 90]]
    statuses = [[0, 0], [0, 0], [0, 1], [0, 3], [2, 1], [0, 0]]
    card, state = two(confirm=2), State.initial(1, 2)
    whole = publish(card, by_day(values, statuses))
    for day in range(len(values)):
        single, state = evaluate_days(card, by_day([values[day]], [statuses[day]]), state)
        for name in ("score", "band", "held", "reference", "pending", "pending_count"):
            assert getattr(single, name)[0].tolist() == getattr(whole, name)[day].tolist()


def test_overrides_win_and_leave_the_computed_score() -> None:
    overrides = Overrides(
        score=np.array([[-1], [200_000], [-1], [-1]], dtype=np.int32),
        band=np.array([[-1], [-1], [YELLOW], [-1]], dtype=np.int8),
    )
    published = publish(weighted(1), by_day([[90]] * 4), overrides=overrides)
    assert published.score[:, 0].tolist() == [900_000, 200_000, 750_000, 900_000]
    assert published.band[:, 0].tolist() == [GREEN, RED, YELLOW, GREEN]
    assert published.results.computed[:, 0].tolist() == [900_000] * 4


def exceptions(*rules: dict[str, Any]) -> Compiled:
    return two(exceptions=list(rules))


def lost_sponsor(effect: str, **extra: Any) -> dict[str, Any]:
    when = [{"metric": "b", "op": "lt", "value": 40}]
    return {"name": "Sponsor lost", "when": when, "effect": effect} | extra


def test_exceptions_set_cap_floor_and_shift() -> None:
    day = by_day([[100, 39]])
    found = [
        publish(exceptions(lost_sponsor(effect, **extra)), day).score[0, 0]
        for effect, extra in (
            ("set", {"value": 12}),
            ("cap", {"value": 50}),
            ("cap", {"value": 90}),
            ("floor", {"value": 80}),
            ("shift", {"bands": -1}),
            ("shift", {"bands": 1}),
        )
    ]
    assert found == [120_000, 500_000, 695_000, 800_000, 500_000, 760_000]


def test_the_first_exception_that_matches_wins() -> None:
    card = exceptions(
        {
            "name": "Never",
            "when": [{"group": "g", "op": "gt", "value": 99}],
            "effect": "set",
            "value": 1,
        },
        {
            "name": "Stage",
            "when": [{"attribute": "stage", "op": "in", "value": ["Trial", "new"]}],
            "effect": "set",
            "value": 2,
        },
        lost_sponsor("set", value=3),
    )
    days = by_day(
        [[50, 0]] * 2, attributes={"stage": np.array([["trial"], ["live"]], dtype=object)}
    )
    published = publish(card, days)
    assert published.exception[:, 0].tolist() == [1, 2]
    assert published.score[:, 0].tolist() == [20_000, 30_000]


def test_an_exception_that_ends_with_lost_data_holds_the_band() -> None:
    days = by_day([[100, 39], [100, 0]], [[OK, OK], [OK, EXPIRED]])
    published = publish(exceptions(lost_sponsor("cap", value=50)), days)
    assert published.band[:, 0].tolist() == [RED, RED]
    assert published.held[:, 0].tolist() == [False, True]


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_lost_data_never_improves_a_band(data: st.DataObject) -> None:
    """The same values day after day; what was known gets lost in every way."""
    card = compile_card(parse(data.draw(cards())))
    count = len(card.metrics)
    values = data.draw(st.lists(VALUES, min_size=count, max_size=count))
    losses = data.draw(
        st.lists(
            st.lists(STATUSES.filter(lambda s: s != 4), min_size=count, max_size=count),
            min_size=1,
            max_size=5,
        )
    )
    statuses = np.array([[0] * count, *losses], dtype=np.uint8)[:, None]
    repeated = np.array([values] * len(statuses), dtype=np.int64)[:, None]
    bands = publish(card, Inputs(values=repeated, status=statuses)).band[:, 0]
    assert bool((bands <= bands[0]).all())
