"""The current health agrees with the history, however the days came to be evaluated."""

import random
from datetime import UTC, date, datetime, timedelta

import pytest

from accounts.models import Account, Workspace
from accounts.tenancy import scope
from scoring.models import Evaluation, Health, Scorecard
from scoring.recent import WEEKS
from scoring.services.stale import evaluate_stale
from tests.factories import make_account, make_workspace
from tests.scoring.scored import document, make_scored, measure, metric, publish, score, three

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
START = date(2026, 3, 2)


def stored_score(account: Account, day: date) -> int | None:
    row = Evaluation.objects.filter(account_id=account.pk).between(day, day).first()
    return None if row is None else row.score


def check(workspace: Workspace, account: Account) -> None:
    with scope(workspace.pk):
        health = Health.objects.get(account_id=account.pk)
        days = [health.day - timedelta(weeks=n) for n in range(WEEKS)][::-1]
        assert health.trend == [stored_score(account, day) for day in days]
        now, then = (stored_score(account, health.day - n * DAY) for n in (0, 30))
        assert health.score == now
        assert health.change == (None if None in (now, then) else (now or 0) - (then or 0))


@pytest.mark.parametrize("seed", range(4))
def test_trend_is_that_of_the_history_whatever_is_evaluated(seed: int) -> None:
    """Nights, gaps, today again, past days while a later one is current."""
    draw = random.Random(seed)  # noqa: S311
    workspace = make_workspace()
    account = make_scored(workspace, START)
    last = START
    for _ in range(14):
        measure(workspace, account, last, usage=draw.randint(0, 100))
        first = last + draw.choice([-40, -3, 0, 1, 1, 1, 8, 35]) * DAY
        until = first + draw.choice([0, 0, 0, 5, 90]) * DAY
        score(workspace, account, first, until)
        last = max(last, until)
    with scope(workspace.pk):
        assert Health.objects.get(account_id=account.pk).day == last
    score(workspace, account, last)
    check(workspace, account)


def test_trend_follows_a_past_day_that_is_restated() -> None:
    workspace = make_workspace()
    account = make_scored(workspace, START)
    score(workspace, account, START + DAY, START + 20 * DAY)
    measure(workspace, account, START + 9 * DAY, usage=10)
    today = START + 20 * DAY
    evaluate_stale(workspace=workspace, moment=datetime(2026, 3, 22, 12, tzinfo=UTC))
    check(workspace, account)
    with scope(workspace.pk):
        health = Health.objects.get(account_id=account.pk)
        assert (health.day, health.trend[-3:]) == (today, [660_000, 340_000, 340_000])


def test_trend_is_that_of_the_scorecard_that_is_primary_now() -> None:
    workspace = make_workspace()
    account = make_scored(workspace, START)
    score(workspace, account, START + DAY, START + 7 * DAY)
    other = {**document(metric("support", 1)), "key": "other", "name": "Other"}
    with scope(workspace.pk):
        Scorecard.objects.update(rank=5)
    publish(workspace, START + 8 * DAY, other)
    score(workspace, account, START + 8 * DAY)
    with scope(workspace.pk):
        health = Health.objects.get(account_id=account.pk)
        assert health.scorecard_id == Scorecard.objects.get(key="other").pk
        assert health.trend == [None] * (WEEKS - 1) + [800_000]


def test_account_that_no_scorecard_measures_any_more_has_no_health() -> None:
    workspace = make_workspace()
    account = make_account(workspace, "a", from_day=START - 9 * DAY)
    publish(workspace, START - DAY, three())
    score(workspace, account, START)
    with scope(workspace.pk):
        assert Health.objects.count() == 1
        Scorecard.objects.update(active=False)
    score(workspace, account, START + DAY)
    with scope(workspace.pk):
        assert Health.objects.count() == 0
