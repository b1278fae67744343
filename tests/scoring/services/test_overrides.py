"""A score or band that a person sets: for whom, from when, until when."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.errors import InvalidInput
from accounts.models import Account, StaleAccount, Workspace
from accounts.tenancy import scope
from scoring.models import Evaluation, Override, Scorecard
from scoring.scorecards import read_scorecard
from scoring.services.configuration import switch_scorecard
from scoring.services.overrides import OverrideRow, set_override, withdraw_override
from scoring.services.stale import evaluate_stale
from tests.factories import make_workspace
from tests.scoring.scored import DAY, document, make_scored, metric, noon, publish, score

pytestmark = pytest.mark.django_db

FIRST = date(2026, 6, 1)


@pytest.fixture
def workspace() -> Workspace:
    return make_workspace()


@pytest.fixture
def account(workspace: Workspace) -> Account:
    """Computed 66, yellow, since the first of June."""
    return make_scored(workspace, FIRST)


def put(
    workspace: Workspace, account: Account, day: date, card: str = "health", **row: Any
) -> Override:
    with scope(workspace.pk):
        return set_override(
            workspace=workspace,
            account=account,
            scorecard=Scorecard.objects.get(key=card),
            row=OverrideRow(**({"reason": "We know better"} | row)),
            moment=noon(day),
            source="test",
        )


def withdraw(workspace: Workspace, account: Account, day: date, card: str = "health") -> bool:
    with scope(workspace.pk):
        return withdraw_override(
            workspace=workspace,
            account=account,
            scorecard=Scorecard.objects.get(key=card),
            moment=noon(day),
        )


def days(
    workspace: Workspace, account: Account, last: date, card: str = "health"
) -> list[tuple[int | None, bool]]:
    """For each day since the first: the shown score and whether a person set it."""
    with scope(workspace.pk):
        scorecard = Scorecard.objects.get(key=card)
        found = []
        for n in range((last - FIRST).days + 1):
            on = read_scorecard(
                workspace=workspace, account=account, scorecard=scorecard, day=FIRST + n * DAY
            )
            assert on is not None
            assert (on.computed, on.overridden) == (660_000, on.override is not None)
            found.append((on.shown, on.overridden))
        return found


COMPUTED, SET = (66, False), (30, True)


@pytest.mark.parametrize("at_once", [True, False], ids=["one run", "night by night"])
def test_an_override_holds_on_its_last_day_and_not_on_the_day_after(
    workspace: Workspace, account: Account, at_once: bool
) -> None:
    put(workspace, account, FIRST + DAY, score=30, last_day=FIRST + 3 * DAY)
    if at_once:
        score(workspace, account, FIRST, FIRST + 5 * DAY)
    else:
        for n in range(6):
            score(workspace, account, FIRST + n * DAY)
    assert days(workspace, account, FIRST + 5 * DAY) == [
        COMPUTED, SET, SET, SET, COMPUTED, COMPUTED,
    ]  # fmt: skip


def test_thirty_days_ahead_are_the_usual_end(workspace: Workspace, account: Account) -> None:
    made = put(workspace, account, FIRST, score=30)
    assert (made.first_day, made.last_day) == (FIRST, FIRST + timedelta(days=30))
    score(workspace, account, FIRST, FIRST + 31 * DAY)
    found = days(workspace, account, FIRST + 31 * DAY)
    assert (found[30], found[31]) == (SET, COMPUTED)


def test_an_override_is_evaluated_with_the_stale_accounts(
    workspace: Workspace, account: Account
) -> None:
    with scope(workspace.pk):
        StaleAccount.objects.all().delete()
    put(workspace, account, FIRST, band="red")
    assert evaluate_stale(workspace=workspace, moment=noon(FIRST)) == 1
    # The whole score that shows the band and is nearest to what was computed.
    assert days(workspace, account, FIRST) == [(50, True)]
    withdraw(workspace, account, FIRST)
    assert evaluate_stale(workspace=workspace, moment=noon(FIRST)) == 1
    assert days(workspace, account, FIRST) == [COMPUTED]


def test_withdrawing_ends_it_today_and_leaves_the_past(
    workspace: Workspace, account: Account
) -> None:
    put(workspace, account, FIRST, score=30)
    score(workspace, account, FIRST, FIRST + 2 * DAY)
    assert withdraw(workspace, account, FIRST + 2 * DAY) is True
    assert withdraw(workspace, account, FIRST + 2 * DAY) is False
    score(workspace, account, FIRST, FIRST + 3 * DAY)
    assert days(workspace, account, FIRST + 3 * DAY) == [SET, SET, COMPUTED, COMPUTED]


def test_a_new_override_takes_the_place_of_the_one_that_held(
    workspace: Workspace, account: Account
) -> None:
    old = put(workspace, account, FIRST, score=30)
    new = put(workspace, account, FIRST + 2 * DAY, score=90, last_day=FIRST + 2 * DAY)
    score(workspace, account, FIRST, FIRST + 3 * DAY)
    assert days(workspace, account, FIRST + 3 * DAY) == [SET, SET, (90, True), COMPUTED]
    with scope(workspace.pk):
        ended = {o.pk: (o.last_day, o.ended_on) for o in Override.objects.all()}
    assert ended == {
        old.pk: (FIRST + timedelta(days=30), FIRST + 2 * DAY),
        new.pk: (FIRST + 2 * DAY, None),
    }


def test_the_same_override_again_is_left_as_it_is(workspace: Workspace, account: Account) -> None:
    made = [put(workspace, account, FIRST, score=30).pk for _ in range(2)]
    assert made[0] == made[1]
    other = put(workspace, account, FIRST, score=30, reason="Another")
    assert other.pk != made[0]


def test_a_past_day_tells_the_override_that_held_then(
    workspace: Workspace, account: Account
) -> None:
    put(workspace, account, FIRST, score=30, reason="First")
    score(workspace, account, FIRST)
    put(workspace, account, FIRST + DAY, score=30, reason="Second")
    score(workspace, account, FIRST + DAY)
    with scope(workspace.pk):
        assert Evaluation.objects.count() == 1
        found = [
            read_scorecard(workspace=workspace, account=account, day=FIRST + n * DAY)
            for n in (0, 1)
        ]
    assert [f and f.override and f.override.reason for f in found] == ["First", "Second"]


def test_two_scorecards_are_overridden_apart(workspace: Workspace, account: Account) -> None:
    publish(workspace, FIRST, document(metric("usage", 1)) | {"key": "other", "name": "Other"})
    put(workspace, account, FIRST, card="other", score=10)
    score(workspace, account, FIRST)
    assert days(workspace, account, FIRST) == [COMPUTED]
    with scope(workspace.pk):
        row = Evaluation.objects.get(scorecard_id=Scorecard.objects.get(key="other").pk)
        assert (row.score, row.computed) == (100_000, 900_000)
    assert withdraw(workspace, account, FIRST) is False


def test_a_band_that_a_later_version_has_not_is_the_one_that_took_its_place(
    workspace: Workspace, account: Account
) -> None:
    put(workspace, account, FIRST, band="green")
    publish(
        workspace,
        FIRST,
        document(metric("usage", 40), metric("support", 30), metric("nps", 30), scheme="letter"),
    )
    score(workspace, account, FIRST)
    with scope(workspace.pk):
        found = read_scorecard(workspace=workspace, account=account, day=FIRST)
    assert found is not None
    assert (found.band.key, found.overridden) == ("c", True)


def test_an_account_without_a_score_gets_the_one_that_was_set(workspace: Workspace) -> None:
    account = make_scored(workspace, FIRST)
    publish(workspace, FIRST, document(metric("never", 1)))
    put(workspace, account, FIRST, band="yellow")
    score(workspace, account, FIRST)
    with scope(workspace.pk):
        found = read_scorecard(workspace=workspace, account=account, day=FIRST)
    assert found is not None
    assert (found.score, found.computed, found.band.key) == (510_000, None, "yellow")


@pytest.mark.parametrize(
    ("row", "path"),
    [
        ({}, "score"),
        ({"score": 5, "band": "red"}, "score"),
        ({"score": -1}, "score"),
        ({"score": 100.1}, "score"),
        ({"score": "many"}, "score"),
        ({"score": float("nan")}, "score"),
        ({"score": "1e99999999"}, "score"),
        ({"band": "purple"}, "band"),
        ({"score": 5, "reason": " "}, "reason"),
        ({"score": 5, "last_day": FIRST - DAY}, "last_day"),
        ({"score": 5, "last_day": date(9999, 12, 31)}, "last_day"),
    ],
)
def test_a_bad_override_is_refused(
    workspace: Workspace, account: Account, row: dict[str, Any], path: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        put(workspace, account, FIRST, **row)
    assert [problem.path for problem in refused.value.problems] == [path]


def test_a_scorecard_that_is_switched_off_takes_none(
    workspace: Workspace, account: Account
) -> None:
    with scope(workspace.pk):
        switch_scorecard(scorecard=Scorecard.objects.get(), active=False)
    with pytest.raises(InvalidInput):
        put(workspace, account, FIRST, score=1)


@pytest.mark.parametrize("field", ["score", "reason", "first_day", "last_day"])
def test_what_was_set_is_never_changed(workspace: Workspace, account: Account, field: str) -> None:
    made = put(workspace, account, FIRST, score=30)
    with scope(workspace.pk), pytest.raises(DatabaseError), transaction.atomic():
        made.save(update_fields=[field])


STEPS = st.lists(
    st.tuples(st.sampled_from(["set", "withdraw"]), st.integers(0, 3), st.integers(0, 6)),
    max_size=6,
)


@settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps=STEPS)
def test_whatever_was_set_and_withdrawn_each_day_shows_what_held_at_its_end(
    workspace: Workspace, steps: list[tuple[str, int, int]]
) -> None:
    """Against the simplest model: a list of days that every step writes anew from its day on."""
    horizon = 30
    account = make_scored(workspace, FIRST)
    expected: list[int | None] = [None] * horizon
    day = 0
    for n, (kind, wait, length) in enumerate(steps):
        day += wait
        expected[day:] = [None] * (horizon - day)
        if kind == "set":
            expected[day : day + length + 1] = [n] * (length + 1)
            last_day = FIRST + (day + length) * DAY
            put(workspace, account, FIRST + day * DAY, score=n, last_day=last_day)
        else:
            withdraw(workspace, account, FIRST + day * DAY)
    score(workspace, account, FIRST, FIRST + (horizon - 1) * DAY)
    assert stored(workspace, account, horizon) == [66 if n is None else n for n in expected]


def stored(workspace: Workspace, account: Account, count: int) -> list[int]:
    with scope(workspace.pk):
        rows = list(
            Evaluation.objects.filter(account_id=account.pk).values_list("day", "to_day", "score")
        )
    return [
        fixed // 10_000
        for n in range(count)
        for first, last, fixed in rows
        if first <= FIRST + n * DAY <= last
    ]


def test_moments_decide_in_the_zone_of_the_workspace(
    account: Account, workspace: Workspace
) -> None:
    workspace.time_zone = "Asia/Tokyo"
    with scope(workspace.pk):
        made = set_override(
            workspace=workspace,
            account=account,
            scorecard=Scorecard.objects.get(),
            row=OverrideRow(score=1, reason="Late"),
            moment=datetime.fromisoformat("2026-06-01T20:00:00+00:00"),
        )
    assert made.first_day == FIRST + DAY
