"""The trend of an account's page by the week and by the day, and what its numbers agree with."""

from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest
import time_machine
from django.test import Client

from accounts.models import Account, Workspace
from scoring.markup import points
from tests.factories import bearer, make_key, make_member, make_workspace
from tests.scoring.scored import DAY, document, make_scored, measure, metric, noon, publish, score

pytestmark = pytest.mark.django_db

TODAY = date(2026, 6, 10)
WEEK = timedelta(days=7)


@pytest.fixture(autouse=True)
def _today() -> Any:
    with time_machine.travel(noon(TODAY), tick=False):
        yield


@pytest.fixture
def workspace() -> Workspace:
    return make_workspace(slug="acme")


@pytest.fixture
def account(workspace: Workspace) -> Account:
    """Evaluated for ten weeks; since a week ago NPS is worse."""
    account = make_scored(workspace, TODAY - 10 * WEEK, "redhat.com", name="Red Hat")
    measure(workspace, account, TODAY - WEEK, nps=10)
    score(workspace, account, TODAY - 10 * WEEK, TODAY)
    return account


@pytest.fixture
def viewer(workspace: Workspace) -> Client:
    client = Client()
    client.force_login(make_member(workspace))
    return client


def shown(client: Client, query: str = "") -> Any:
    return client.get(f"/w/acme/accounts/redhat.com/{query}").context["page"]


def test_six_weeks_are_shown_by_the_day(viewer: Client, account: Account) -> None:
    trend = shown(viewer, "?range=6w").health.trend
    assert (trend.daily, len(trend.boxes), trend.boxes[-1].week.day) == (True, 42, TODAY)
    fallen = next(box for box in trend.boxes if box.change)
    assert fallen.week.day == TODAY - WEEK
    assert fallen.week.url.endswith(f"?range=6w&from={TODAY - WEEK - DAY}&to={TODAY - WEEK}")


def test_days_are_those_around_the_open_week(viewer: Client, account: Account) -> None:
    sunday = date(2026, 5, 3)
    trend = shown(viewer, f"?range=6w&week={sunday}").health.trend
    assert trend.boxes[-1].week.day == sunday + 2 * WEEK
    assert [box.week.day for box in trend.boxes if box.week.current] == [sunday]


def test_both_of_two_points_are_marked(viewer: Client, account: Account) -> None:
    first, last = date(2026, 5, 6), date(2026, 5, 20)
    trend = shown(viewer, f"?from={first}&to={last}").health.trend
    marked = [box.week.day for box in trend.boxes if box.week.current]
    assert marked == [date(2026, 5, 10), date(2026, 5, 24)]


def test_another_scorecard_that_held_before_is_a_mark(
    viewer: Client, workspace: Workspace, account: Account
) -> None:
    other = document(metric("nps", 1), key="growth", name="Growth", rank=0)
    publish(workspace, TODAY - 3 * WEEK, other)
    measure(workspace, account, TODAY - 3 * WEEK, nps=90)
    score(workspace, account, TODAY - 3 * WEEK, TODAY - 2 * WEEK)
    archived = document(metric("nps", 1), key="growth", name="Growth", rank=0, applies_to=NOBODY)
    publish(workspace, TODAY - 2 * WEEK + DAY, archived)
    score(workspace, account, TODAY - 2 * WEEK + DAY, TODAY)
    trend = shown(viewer).health.trend
    labels = [label for sign in trend.signs for label in sign.labels]
    assert labels == ["Profile Customer health, before it Growth"]


NOBODY = {"stage": ["nobody"]}


@pytest.mark.parametrize("day", [TODAY - 2 * WEEK, TODAY], ids=["past", "today"])
def test_numbers_are_those_of_the_api(
    viewer: Client, workspace: Workspace, account: Account, day: date
) -> None:
    told = viewer.get(
        f"/api/v1/accounts/redhat.com/health/?as_of={day}", **bearer(make_key(workspace))
    ).json()
    health = shown(viewer, f"?day={day}").health
    assert (health.scorecard.shown, health.scorecard.day) == (told["shown"], day)
    rows = {row.metric.key: row for row in health.reasons.metric_rows}
    given = {row["key"]: row for group in told["groups"] for row in group["metrics"]}
    assert {key: points(row.metric.earned) for key, row in rows.items()} == {
        key: one_place(row["earned"]) for key, row in given.items()
    }
    assert {key: points(row.at_stake) for key, row in rows.items()} == {
        key: one_place(Decimal(row["earned"]) + Decimal(row["missed"]))
        for key, row in given.items()
    }


def one_place(number: str | Decimal) -> str:
    return str(Decimal(number).quantize(Decimal("0.1"), ROUND_HALF_UP))
