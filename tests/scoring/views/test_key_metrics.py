from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from accounts.models import Account, Role, Workspace
from accounts.tenancy import scope
from scoring.services.layouts import save_layout
from scoring.services.peer_summaries import summarize_day
from tests.factories import make_account, make_member, make_workspace
from tests.scoring.scored import LEVELS, document, measure, metric, noon, publish, score

pytestmark = pytest.mark.django_db

TODAY = date(2026, 6, 10)
DAY = timedelta(days=1)
HTMX: dict[str, Any] = {"HTTP_HX_REQUEST": "true", "HTTP_HX_TARGET": "key-metrics"}


@pytest.fixture(autouse=True)
def _today() -> Any:
    with time_machine.travel(noon(TODAY), tick=False):
        yield


@pytest.fixture
def workspace() -> Workspace:
    return make_workspace(slug="acme")


@pytest.fixture
def account(workspace: Workspace) -> Account:
    """Usage 60 until a week ago, then 90; support 80; a level."""
    account = make_account(workspace, "red", from_day=TODAY - 365 * DAY)
    level = metric("sponsor", 5, grade={"type": "level", "levels": LEVELS})
    publish(
        workspace, TODAY - 80 * DAY, document(metric("usage", 60), metric("support", 30), level)
    )
    measure(workspace, account, TODAY - 70 * DAY, usage=60, support=80, sponsor="none")
    measure(workspace, account, TODAY - 6 * DAY, usage=90, sponsor="working")
    score(workspace, account, TODAY - 65 * DAY, TODAY)
    return account


def get(workspace: Workspace, query: str = "", **extra: Any) -> Any:
    client = Client()
    client.force_login(make_member(workspace, Role.CSM))
    return client.get(f"/w/acme/accounts/red/{query}", **extra)


def keys(workspace: Workspace, query: str = "") -> Any:
    return get(workspace, query).context["page"].health.key_metrics


def arrange(workspace: Workspace, stage: str = "", **given: Any) -> None:
    with scope(workspace.pk):
        save_layout(stage=stage, document=given, moment=noon(TODAY), by=None)


def test_the_heaviest_numbers_are_charted_and_listed(
    workspace: Workspace, account: Account
) -> None:
    found = keys(workspace)
    assert [row.metric.key for row in found.charts] == ["usage", "support"]
    assert [row.metric.key for row in found.rows] == ["usage", "support"]
    usage, support = found.rows
    assert usage.weeks == ("60", "60", "60", "60", "60", "60", "60", "90")
    assert (usage.change, usage.css, usage.before, usage.window) == ("+30", "up", "60", 14)
    assert (support.change, support.css) == ("0", "same")


def test_an_admin_chooses_and_orders(workspace: Workspace, account: Account) -> None:
    arrange(workspace, metrics=["sponsor", "support", "gone"], charts=["support"])
    found = keys(workspace)
    assert [row.metric.key for row in found.charts] == ["support"]
    assert [row.metric.key for row in found.rows] == ["sponsor", "support"]
    level = found.rows[0]
    assert (level.metric.text, level.change, level.css) == (
        "Working contact",
        "was No contact",
        "up",
    )
    assert level.url == ""


def test_a_metric_opens_its_180_days(workspace: Workspace, account: Account) -> None:
    response = get(workspace, "?chart=usage", **HTMX)
    assert response.content.decode().strip().startswith('<section class="card" id="key-metrics"')
    course = response.context["page"].health.key_metrics.course
    assert len(course.chart.slots) == 180
    assert [slot.value for slot in course.chart.slots[-8:]] == [600_000, *[900_000] * 7]
    assert course.chart.slots[-1].url == f"/w/acme/accounts/red/?day={TODAY}"
    assert keys(workspace).course is None
    assert keys(workspace, "?chart=sponsor").course is None


def test_the_range_of_all_accounts_is_as_it_was_summarized_last(
    workspace: Workspace, account: Account
) -> None:
    for n in range(5):
        other = make_account(workspace, f"other-{n}", from_day=TODAY - 365 * DAY)
        measure(workspace, other, TODAY - 9 * DAY, usage=10 * n, support=50)
        score(workspace, other, TODAY - 8 * DAY, TODAY)
    assert keys(workspace).rows[0].peers is None
    with scope(workspace.pk):
        summarize_day(first=TODAY - DAY, last=TODAY - DAY)
    peers = keys(workspace).rows[0].peers
    assert (peers.low, peers.median, peers.high, peers.count) == ("0", "25", "90", 6)
    assert peers.day == TODAY - DAY


def test_days_before_the_first_value_are_gaps(workspace: Workspace, account: Account) -> None:
    found = keys(workspace, f"?day={TODAY - 60 * DAY}")
    assert found.rows[0].weeks == ("–", "–", "–", "–", "–", "–", "–", "60")
    assert found.rows[0].change == ""


def test_parts_are_hidden_named_and_ordered_by_stage(
    workspace: Workspace, account: Account
) -> None:
    arrange(
        workspace,
        widgets=[
            {"key": "metrics", "name": "Figures"},
            {"key": "trend", "hidden": True},
            {"key": "timeline", "name": "Story"},
        ],
    )
    response = get(workspace)
    main = [w.key for w in response.context["page"].widgets if w.area == "main"]
    assert main == ["metrics", "reasons", "usage"]
    assert '<h2 id="key-metrics-title">Figures</h2>' in response.content.decode()
    assert '<h2 id="timeline-title">Story</h2>' in response.content.decode()
    assert "Health by week" not in response.content.decode()
    with scope(workspace.pk):
        Account.objects.update(stage="onboarding")
    arrange(workspace, "onboarding", facts=["renewal", "attribute:tier"])
    page = get(workspace).context["page"]
    assert [fact.key for fact in page.header.facts] == ["renewal", "attribute:tier"]
    assert [w.key for w in page.widgets if w.area == "main"] == [
        "trend",
        "reasons",
        "metrics",
        "usage",
    ]
