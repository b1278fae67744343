"""A scorecard's score as a metric of another: in one go, restated, and previewed."""

from datetime import UTC, date, datetime
from itertools import permutations
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.models import Account, Workspace
from accounts.services.stale import mark_stale
from accounts.tenancy import scope
from scoring.changes import changes
from scoring.models import Evaluation, Health, Scorecard
from scoring.scorecards import read_scorecard
from scoring.services.configuration import publish_scorecard, sound
from scoring.services.evaluate import evaluate, evaluated
from scoring.services.stale import evaluate_stale
from scoring.versions import compiled
from tests.factories import make_account, make_workspace
from tests.scoring.scored import DAY, document, measure, metric, noon, publish, score

pytestmark = pytest.mark.django_db

FIRST = date(2026, 6, 1)
NOW = datetime(2026, 6, 10, 12, tzinfo=UTC)


def other(key: str, weight: float = 1, **fields: Any) -> dict[str, Any]:
    source = {"type": "scorecard", "scorecard": key}
    return {"key": f"of-{key}", "name": key.title(), "weight": weight, "source": source, **fields}


def card(key: str, *metrics: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {**document(*metrics), "key": key, "name": key.title(), **fields}


CARDS = {
    "health": card("health", other("adoption"), other("care", 3)),
    "adoption": card("adoption", metric("logins", 1), other("care")),
    "care": card("care", metric("nps", 1)),
}


def built(order: Any = ("health", "adoption", "care")) -> tuple[Workspace, Account]:
    """Published in this order, which is that of their ids, and ranked by it."""
    workspace = make_workspace()
    account = make_account(workspace)
    ranked = [{**CARDS[key], "rank": rank} for rank, key in enumerate(order)]
    with scope(workspace.pk):
        beside = sound(ranked)
        for given in ranked:
            publish_scorecard(document=given, by=None, moment=noon(FIRST), beside=beside)
    return workspace, account


def scores(workspace: Workspace, account: Account, key: str) -> list[tuple[int, int, int | None]]:
    """First day, last day, shown score."""
    with scope(workspace.pk):
        card = Scorecard.objects.get(key=key)
        rows = Evaluation.objects.of(account.pk, card.pk).order_by("day")
        return [
            (row.day.day, row.to_day.day, None if row.score is None else row.score // 10_000)
            for row in rows
        ]


@pytest.mark.parametrize("order", list(permutations(CARDS)))
def test_score_of_another_scorecard_is_a_value_whatever_the_order(order: tuple[str, ...]) -> None:
    workspace, account = built(order)
    measure(workspace, account, FIRST, nps=80, logins=40)
    measure(workspace, account, FIRST + 2 * DAY, nps=20)
    score(workspace, account, FIRST, FIRST + 3 * DAY)
    assert scores(workspace, account, "care") == [(1, 2, 80), (3, 4, 20)]
    assert scores(workspace, account, "adoption") == [(1, 2, 60), (3, 4, 30)]
    assert scores(workspace, account, "health") == [(1, 2, 75), (3, 4, 22)]
    with scope(workspace.pk):
        primary = Scorecard.objects.get(pk=Health.objects.get().scorecard_id)
    assert primary.key == order[0]


def test_score_that_is_not_there_is_missing() -> None:
    workspace, account = built()
    publish(workspace, FIRST, {**CARDS["care"], "applies_to": {"stage": ["live"]}})
    measure(workspace, account, FIRST, nps=80, logins=40)
    score(workspace, account, FIRST)
    assert scores(workspace, account, "care") == []
    assert scores(workspace, account, "adoption") == [(1, 1, 40)]
    publish(workspace, FIRST, card("care", metric("silence", 1)))
    score(workspace, account, FIRST)
    assert scores(workspace, account, "care") == [(1, 1, None)]
    assert scores(workspace, account, "adoption") == [(1, 1, 40)]


def test_score_counts_as_it_was_published() -> None:
    """After the exceptions, not as it was computed."""
    workspace, account = built()
    cap = {"name": "Low", "when": [{"metric": "nps", "op": "gt", "value": 50}], "effect": "cap"}
    publish(workspace, FIRST, {**CARDS["care"], "exceptions": [{**cap, "value": 30}]})
    measure(workspace, account, FIRST, nps=80, logins=40)
    score(workspace, account, FIRST)
    assert scores(workspace, account, "adoption") == [(1, 1, 35)]


def test_late_data_restates_what_depends_on_it() -> None:
    workspace, account = built()
    measure(workspace, account, FIRST, nps=80, logins=40)
    score(workspace, account, FIRST, FIRST + 9 * DAY)
    measure(workspace, account, FIRST + 4 * DAY, nps=20)
    assert evaluate_stale(workspace=workspace, moment=NOW) == 1
    told = {key: scores(workspace, account, key) for key in CARDS}
    assert told["health"] == [(1, 4, 75), (5, 9, 22), (10, 10, 22)]
    score(workspace, account, FIRST, FIRST + 9 * DAY)
    assert {key: scores(workspace, account, key) for key in CARDS} == told


def test_each_day_is_restated_with_its_own_versions_and_their_needs() -> None:
    """First health needed care, later care needed health."""
    workspace, account = built()
    publish(workspace, FIRST, card("adoption", metric("logins", 1)))
    publish(workspace, FIRST, card("health", other("care")))
    measure(workspace, account, FIRST, nps=80, logins=40)
    score(workspace, account, FIRST, FIRST + 4 * DAY)
    publish(workspace, FIRST, card("health", metric("logins", 1)))
    publish(workspace, FIRST, card("care", other("health"), metric("nps", 0)))
    score(workspace, account, FIRST + 5 * DAY, FIRST + 9 * DAY)
    measure(workspace, account, FIRST + 2 * DAY, nps=20)
    measure(workspace, account, FIRST + 7 * DAY, logins=90)
    evaluate_stale(workspace=workspace, moment=NOW)
    expected = [(1, 2, 80), (3, 5, 20), (6, 7, 40), (8, 9, 90), (10, 10, 90)]
    assert scores(workspace, account, "health") == expected
    assert scores(workspace, account, "care") == expected


def test_evaluated_by_itself_reads_what_the_others_said() -> None:
    workspace, account = built()
    measure(workspace, account, FIRST, nps=80, logins=40)
    measure(workspace, account, FIRST + 2 * DAY, nps=20)
    score(workspace, account, FIRST, FIRST + 3 * DAY)
    with scope(workspace.pk):
        health = Scorecard.objects.active().get(key="health")
        alone = evaluated(
            compiled(health.current_version),
            workspace=workspace,
            scorecard_id=health.pk,
            version_id=health.current_version_id,
            account_ids=[account.pk],
            first=FIRST + DAY,
            last=FIRST + 4 * DAY,
        )
    assert alone.scores[:, 0].tolist() == [750_000, 225_000, 225_000, -1]


def test_reading_others_takes_as_many_queries_for_many_accounts_and_days() -> None:
    workspace, account = built()
    accounts = [account, *(make_account(workspace) for _ in range(9))]

    def queries(some: list[Account], days: int) -> int:
        with scope(workspace.pk), CaptureQueriesContext(connection) as captured:
            evaluate(
                workspace=workspace,
                account_ids=[each.pk for each in some],
                first=FIRST,
                last=FIRST + days * DAY,
                moment=noon(FIRST + days * DAY),
            )
        return len(captured)

    queries(accounts, 1)
    assert queries(accounts[:1], 1) == queries(accounts, 1)


def test_change_is_told_by_the_metric_that_is_a_scorecard() -> None:
    workspace, account = built()
    measure(workspace, account, FIRST, nps=80, logins=40)
    measure(workspace, account, FIRST + 2 * DAY, nps=20)
    score(workspace, account, FIRST, FIRST + 3 * DAY)
    with scope(workspace.pk):
        health = Scorecard.objects.get(key="health")
        found = changes(account=account, scorecard=health, first=FIRST, last=FIRST + 3 * DAY)
    assert found is not None
    assert sorted((e.metric, e.kind, e.points) for e in found.entries) == [
        ("of-adoption", "behaviour", -75_000),
        ("of-care", "behaviour", -450_000),
    ]
    assert found.delta == -525_000


def test_marked_account_is_evaluated_by_all_its_scorecards() -> None:
    workspace, account = built()
    measure(workspace, account, NOW.date() - DAY, nps=80, logins=40)
    with scope(workspace.pk):
        mark_stale(account_ids=[account.pk], from_day=NOW.date(), moment=NOW)
    evaluate_stale(workspace=workspace, moment=NOW)
    assert [scores(workspace, account, key) for key in CARDS] == [
        [(10, 10, 75)],
        [(10, 10, 60)],
        [(10, 10, 80)],
    ]


def test_account_page_finds_the_scorecard_behind_the_metric() -> None:
    workspace, account = built()
    measure(workspace, account, FIRST, nps=80, logins=40)
    score(workspace, account, FIRST)
    with scope(workspace.pk):
        health = Scorecard.objects.get(key="health")
        found = read_scorecard(workspace=workspace, account=account, scorecard=health, day=FIRST)
    assert found is not None
    told = [
        (m.text, m.source, m.other.scorecard.key, m.other.shown, m.other.band.key, m.missed)
        for m in found.metrics
        if m.other
    ]
    assert told == [
        ("60", "scorecard", "adoption", 60, "yellow", 100_000),
        ("80", "scorecard", "care", 80, "green", 150_000),
    ]


MEASURED = st.lists(
    st.tuples(
        st.integers(0, 8),
        st.sampled_from(["nps", "logins"]),
        st.integers(0, 100),
        st.sampled_from(["one", "two"]),
    ),
    max_size=6,
)


@settings(max_examples=6, deadline=None)
@given(early=MEASURED, late=MEASURED, order=st.permutations(["care", "adoption", "health"]))
def test_restating_says_what_evaluating_afresh_says(
    early: "Measured", late: "Measured", order: list[str]
) -> None:
    """Whatever came late, however the scorecards are ranked and the accounts are ordered."""
    restated, fresh = two_accounts(order), two_accounts(["care", "adoption", "health"])
    record(restated, early)
    evaluate_all(restated, ["two", "one"])
    record(restated, late)
    evaluate_stale(workspace=restated[0], moment=NOW)
    record(fresh, [*early, *late])
    for name in ("one", "two"):
        evaluate_all(fresh, [name])
    assert by_day(restated) == by_day(fresh)


Measured = list[tuple[int, str, int, str]]
World = tuple[Workspace, dict[str, Account]]


def two_accounts(order: list[str]) -> World:
    workspace, account = built(order)
    return workspace, {"one": account, "two": make_account(workspace)}


def record(world: World, given: Measured) -> None:
    for day, key, value, name in given:
        measure(world[0], world[1][name], FIRST + day * DAY, **{key: value})


def evaluate_all(world: World, names: list[str]) -> None:
    workspace, accounts = world
    with scope(workspace.pk):
        evaluate(
            workspace=workspace,
            account_ids=[accounts[name].pk for name in names],
            first=FIRST,
            last=NOW.date(),
            moment=NOW,
        )


def by_day(world: World) -> dict[tuple[str, str], list[int | None]]:
    """The shown score of each day, by account and scorecard."""
    workspace, accounts = world
    return {
        (name, key): [
            shown
            for day, to_day, shown in scores(workspace, account, key)
            for _ in range(day, to_day + 1)
        ]
        for name, account in accounts.items()
        for key in CARDS
    }
