from datetime import date, timedelta
from typing import Any

import pytest

from accounts.models import AccountState, Workspace
from accounts.tenancy import scope
from scoring.changes import changes
from scoring.histories import history, week_end
from scoring.models import Evaluation, Scorecard
from scoring.scorecards import read_scorecard
from tests.factories import make_account, make_workspace
from tests.scoring.scored import (
    DAY,
    document,
    make_scored,
    measure,
    metric,
    publish,
    score,
    three,
)

pytestmark = pytest.mark.django_db

MONDAY = date(2026, 6, 1)


@pytest.fixture
def workspace() -> Workspace:
    return make_workspace()


def test_read_scorecard_gives_shares_and_points_that_add_up(workspace: Workspace) -> None:
    account = make_scored(workspace, MONDAY)
    with scope(workspace.pk):
        found = read_scorecard(workspace=workspace, account=account, day=MONDAY)
    assert found is not None
    assert (found.score, found.shown, found.band.key, found.version) == (660_000, 66, "yellow", 1)
    assert (found.coverage, found.provisional, found.held, found.exception) == (
        10_000,
        False,
        False,
        None,
    )
    assert [(m.key, m.text, m.share, m.earned, m.missed, m.status) for m in found.metrics] == [
        ("usage", "90", 4_000, 360_000, 40_000, "ok"),
        ("support", "80", 3_000, 240_000, 60_000, "ok"),
        ("nps", "20", 3_000, 60_000, 240_000, "ok"),
    ]
    (group,) = found.groups
    assert (group.score, group.share, group.earned, group.missed) == (
        660_000,
        10_000,
        660_000,
        340_000,
    )
    assert found.metrics[0].measured_on == MONDAY - DAY
    assert found.metrics[0].measured_at is not None


def test_read_scorecard_before_the_first_evaluation_is_none(workspace: Workspace) -> None:
    account = make_scored(workspace, MONDAY)
    with scope(workspace.pk):
        assert read_scorecard(workspace=workspace, account=account, day=MONDAY - DAY) is None


def test_read_scorecard_after_the_last_evaluation_gives_that_one(workspace: Workspace) -> None:
    account = make_scored(workspace, MONDAY)
    with scope(workspace.pk):
        found = read_scorecard(workspace=workspace, account=account, day=MONDAY + 5 * DAY)
    assert found is not None
    assert found.day == MONDAY


def test_read_scorecard_prefers_the_lowest_rank_that_holds_on_the_day(workspace: Workspace) -> None:
    account = make_scored(workspace, MONDAY)
    other = document(metric("usage", 1), rank=0) | {"key": "first", "name": "First"}
    publish(workspace, MONDAY, other)
    score(workspace, account, MONDAY + DAY)
    with scope(workspace.pk):
        on_monday = read_scorecard(workspace=workspace, account=account, day=MONDAY)
        later = read_scorecard(workspace=workspace, account=account, day=MONDAY + DAY)
        named = read_scorecard(
            workspace=workspace,
            account=account,
            scorecard=Scorecard.objects.get(key="health"),
            day=MONDAY + DAY,
        )
    assert [f and f.scorecard.key for f in (on_monday, later, named)] == [
        "health",
        "first",
        "health",
    ]


def test_an_expired_value_is_shown_and_does_not_count(workspace: Workspace) -> None:
    account = make_scored(workspace, MONDAY)
    publish(workspace, MONDAY, three(validity_days=3))
    score(workspace, account, MONDAY + 10 * DAY)
    with scope(workspace.pk):
        found = read_scorecard(workspace=workspace, account=account, day=MONDAY + 10 * DAY)
    assert found is not None
    nps = found.metrics[2]
    assert (nps.status, nps.text, nps.score, nps.share, nps.earned) == (
        "expired",
        "20",
        None,
        0,
        None,
    )
    assert (found.score, found.coverage) == (857_143, 7_000)


def test_a_past_day_keeps_what_its_version_said(workspace: Workspace) -> None:
    account = make_scored(workspace, MONDAY)
    publish(workspace, MONDAY + DAY, document(metric("usage", 1)))
    score(workspace, account, MONDAY + DAY)
    with scope(workspace.pk):
        found = read_scorecard(workspace=workspace, account=account, day=MONDAY)
    assert found is not None
    assert (found.version, found.score, len(found.metrics)) == (1, 660_000, 3)


def test_changes_add_up_to_the_difference(workspace: Workspace) -> None:
    """T-41."""
    account = make_scored(workspace, MONDAY)
    measure(workspace, account, MONDAY + DAY, usage=60)
    score(workspace, account, MONDAY + DAY)
    with scope(workspace.pk):
        card = Scorecard.objects.get()
        found = changes(account=account, scorecard=card, first=MONDAY, last=MONDAY + DAY)
    assert found is not None
    assert (found.delta, found.sentence) == (-120_000, "54, down 12 in 1 day: Usage −12.")
    assert [(e.metric, e.name, e.kind, e.points) for e in found.entries] == [
        ("usage", "Usage", "behaviour", -120_000)
    ]


def test_changes_with_a_day_that_was_not_evaluated_are_none(workspace: Workspace) -> None:
    account = make_scored(workspace, MONDAY)
    with scope(workspace.pk):
        card = Scorecard.objects.get()
        assert changes(account=account, scorecard=card, first=MONDAY - DAY, last=MONDAY) is None


def test_history_by_week_takes_the_last_evaluated_day(workspace: Workspace) -> None:
    account = make_scored(workspace, MONDAY)
    score(workspace, account, MONDAY + DAY, MONDAY + 3 * DAY)
    measure(workspace, account, MONDAY + 8 * DAY, usage=60)
    score(workspace, account, MONDAY + 8 * DAY)
    with scope(workspace.pk):
        found = history(
            account=account,
            scorecard=Scorecard.objects.get(),
            first=MONDAY,
            last=MONDAY + 8 * DAY,
            step="week",
        )
    assert [(p.day, p.to, p.shown, p.version) for p in found] == [
        (MONDAY + 3 * DAY, MONDAY + 6 * DAY, 66, 1),
        (MONDAY + 8 * DAY, MONDAY + 8 * DAY, 54, 1),
    ]


def test_history_marks_versions_contract_and_stage(workspace: Workspace) -> None:
    account = make_scored(workspace, MONDAY, contract_value_cents=100)
    publish(workspace, MONDAY + DAY, document(metric("usage", 1)))
    with scope(workspace.pk):
        AccountState.objects.create(
            account_id=account.pk,
            from_day=MONDAY + DAY,
            stage="live",
            status="active",
            contract_value_cents=250,
        )
    score(workspace, account, MONDAY + DAY)
    with scope(workspace.pk):
        card = Scorecard.objects.get()
        found = history(account=account, scorecard=card, first=MONDAY, last=MONDAY + DAY)
    assert [[(m.kind, m.before, m.after) for m in point.marks] for point in found] == [
        [],
        [("contract", 100, 250), ("stage", "", "live"), ("version", 1, 2)],
    ]


@pytest.mark.parametrize(
    ("day", "expected"), [(MONDAY, MONDAY + 6 * DAY), (MONDAY + 6 * DAY, MONDAY + 6 * DAY)]
)
def test_week_end_is_the_sunday(day: date, expected: date) -> None:
    assert week_end(day) == expected


def test_query_count_does_not_grow_with_metrics(
    workspace: Workspace, django_assert_num_queries: Any
) -> None:
    account = make_account(workspace, from_day=MONDAY - timedelta(days=400))
    for count in (1, 30):
        publish(workspace, MONDAY, document(*(metric(f"metric-{n}", 1) for n in range(count))))
        measure(workspace, account, MONDAY, **{f"metric-{n}": 50 for n in range(count)})
        score(workspace, account, MONDAY)
        with scope(workspace.pk):
            read_scorecard(workspace=workspace, account=account, day=MONDAY)
            with django_assert_num_queries(4):
                found = read_scorecard(workspace=workspace, account=account, day=MONDAY)
            assert found is not None
            assert len(found.metrics) == count
            assert Evaluation.objects.count() == 1
