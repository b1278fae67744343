"""The entries of a ledger add up, whatever happened between the two days."""

from dataclasses import replace
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring.engine.compiled import Compiled, compile_card
from scoring.engine.document import parse
from scoring.engine.evaluate import Inputs
from scoring.engine.explained import Explained
from scoring.engine.fixed import HUNDRED
from scoring.engine.ledger import Entry, Reason, ledger, reasons
from scoring.engine.points import path_to_green, points
from scoring.engine.publish import Overrides
from scoring.engine.status import Status
from tests.scoring.engine.cards import (
    MISSING,
    OK,
    by_day,
    compiled,
    explained,
    group,
    number,
    publish,
    weighted,
)
from tests.scoring.engine.strategies import STATUSES, VALUES, cards

FEW = settings(max_examples=60, deadline=None)


def drawn_days(data: st.DataObject, card: Compiled, days: int) -> Inputs:
    def matrix(cell: Any) -> Any:
        row = st.lists(cell, min_size=len(card.metrics), max_size=len(card.metrics))
        return np.array([[data.draw(row)] for _ in range(days)])

    return Inputs(values=matrix(VALUES).astype(np.int64), status=matrix(STATUSES).astype(np.uint8))


def on_days(card: Compiled, days: Inputs, version: object = 1) -> list[Explained]:
    published = publish(card, days)
    return [
        explained(card, published, day, version, values=days.values[day, 0])
        for day in range(len(days.values))
    ]


def total(entries: tuple[Entry, ...]) -> int:
    return sum(entry.points for entry in entries)


def check(before: Explained, after: Explained) -> None:
    found = ledger(before, after)
    if -1 in (before.final, after.final):
        assert (found.delta, found.entries) == (None, ())
    else:
        assert total(found.entries) == found.delta == after.final - before.final


@FEW
@given(st.data())
def test_ledger_sums_exactly_within_a_version(data: st.DataObject) -> None:
    card = compile_card(parse(data.draw(cards())))
    check(*on_days(card, drawn_days(data, card, 2)))


@FEW
@given(st.data())
def test_ledger_sums_exactly_between_versions(data: st.DataObject) -> None:
    old, new = (compile_card(parse(data.draw(cards()))) for _ in range(2))
    before = on_days(old, drawn_days(data, old, 1), 1)[0]
    after = on_days(new, drawn_days(data, new, 1), 2)[0]
    check(before, after)


@FEW
@given(st.data())
def test_earned_points_are_the_computed_score(data: st.DataObject) -> None:
    card = compile_card(parse(data.draw(cards())))
    day = on_days(card, drawn_days(data, card, 1))[0]
    found = points(card, day.scores.tolist(), day.counts.tolist())
    assert sum(found.earned) == max(day.computed, 0)
    assert sum(found.earned) + sum(found.missed) == (HUNDRED if day.computed >= 0 else 0)
    assert sum(found.shares) == (1 if day.computed >= 0 else 0)


def test_path_to_green_starts_with_what_could_add_most() -> None:
    found = points(weighted(1, 2, 1), [0, 800_000, 1_000_000], [True] * 3)
    assert path_to_green(found) == [(0, 250_000), (1, 100_000)]


def test_a_new_version_alone_is_configuration() -> None:
    old, new = weighted(1, 1), weighted(1, 3)
    days = by_day([[80, 40]])
    before, after = on_days(old, days, 1)[0], on_days(new, days, 2)[0]
    assert ledger(before, after).entries == (
        Entry("configuration", -200_000, "a"),
        Entry("configuration", 100_000, "b"),
    )


def test_a_new_version_and_new_values_are_told_apart() -> None:
    old, new = weighted(1, 1), weighted(1, 3)
    before = on_days(old, by_day([[80, 40]]), 1)[0]
    after = on_days(new, by_day([[80, 60]]), 2)[0]
    assert ledger(before, after).entries == (
        Entry("configuration", -200_000, "a"),
        Entry("configuration", 100_000, "b"),
        Entry("behaviour", 150_000, "b"),
    )


def test_a_metric_of_the_new_version_alone_is_configuration() -> None:
    old = compiled(group("g", [number("a")]))
    new = compiled(group("g", [number("a"), number("b")]))
    before = on_days(old, by_day([[80]]), 1)[0]
    after = on_days(new, by_day([[80, 40]]), 2)[0]
    assert ledger(before, after).entries == (
        Entry("configuration", -400_000, "a"),
        Entry("configuration", 200_000, "b"),
    )


def test_a_policy_s_score_is_data() -> None:
    card = compiled(group("g", [number("a"), number("b", missing="zero")]))
    before, after = on_days(card, by_day([[80, 40], [80, 0]], [[OK, OK], [OK, MISSING]]))
    assert ledger(before, after).entries == (Entry("data", -200_000, "b", Status.MISSING),)


def test_exceptions_and_overrides_have_their_own_entries() -> None:
    rule = {
        "name": "Sponsor lost",
        "when": [{"metric": "a", "op": "lt", "value": 40}],
        "effect": "cap",
        "value": 20,
    }
    card = weighted(1, 1, exceptions=[rule])
    overrides = Overrides(
        score=np.array([[-1], [-1], [900_000]], dtype=np.int32),
        band=np.full((3, 1), -1, dtype=np.int8),
    )
    published = publish(card, by_day([[80, 80], [30, 80], [30, 80]]), overrides=overrides)
    first, second, third = (explained(card, published, day) for day in range(3))
    assert ledger(first, second).entries == (
        Entry("behaviour", -250_000, "a"),
        Entry("exception", -350_000, name="Sponsor lost"),
    )
    assert ledger(second, third).entries == (Entry("override", 700_000),)


def test_no_score_on_one_side_has_no_delta() -> None:
    before, after = on_days(weighted(1), by_day([[80], [0]], [[OK], [MISSING]]))
    assert ledger(before, after) == replace(
        ledger(before, after), before=800_000, after=None, delta=None, entries=()
    )


def test_reasons_merge_by_metric_the_largest_first() -> None:
    entries = [
        Entry("behaviour", 10, "a"),
        Entry("data", -50, "b", Status.EXPIRED),
        Entry("data", 5, "a"),
        Entry("exception", -20, name="Cap"),
    ]
    assert reasons(entries) == [
        Reason(-50, ("data",), "b", Status.EXPIRED),
        Reason(-20, ("exception",), name="Cap"),
        Reason(15, ("behaviour", "data"), "a"),
    ]
