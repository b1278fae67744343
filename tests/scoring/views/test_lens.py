"""The page of an account as it was believed, and as another version would have scored it."""

from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from accounts.models import Account, Role, Workspace
from accounts.tenancy import scope
from scoring.models import Evaluation
from scoring.services.measurements import MeasurementRow, record_measurements
from scoring.services.stale import evaluate_stale
from tests.factories import make_workspace
from tests.scoring.scored import DAY, document, make_scored, metric, noon, publish, score
from tests.scoring.views.test_account import as_, fragment, page, text

pytestmark = pytest.mark.django_db

TODAY = date(2026, 6, 10)
PAST = TODAY - 2 * DAY
RESTATED = noon(TODAY) + timedelta(hours=1)


@pytest.fixture(autouse=True)
def _today() -> Any:
    with time_machine.travel(RESTATED, tick=False):
        yield


@pytest.fixture
def workspace() -> Workspace:
    return make_workspace(slug="acme")


@pytest.fixture
def account(workspace: Workspace) -> Account:
    """66 on each of the last nine days."""
    with time_machine.travel(noon(TODAY), tick=False):
        account = make_scored(workspace, TODAY - 8 * DAY, "redhat.com", name="Red Hat")
        score(workspace, account, TODAY - 7 * DAY, TODAY)
    return account


@pytest.fixture
def viewer(workspace: Workspace, account: Account) -> Client:
    return as_(workspace, Role.VIEWER)


@pytest.fixture
def late(workspace: Workspace, account: Account) -> None:
    """An hour later somebody sets what usage was two days ago: 66 becomes 54."""
    row = MeasurementRow("redhat.com", "usage", 60, measured_at=noon(PAST))
    with scope(workspace.pk):
        record_measurements(workspace=workspace, rows=[row], moment=RESTATED, source="test")
    evaluate_stale(workspace=workspace, moment=RESTATED)


def health(response: Any) -> Any:
    return response.context["page"].health


def test_the_page_of_a_past_day_is_the_same_whatever_was_published_since(
    workspace: Workspace, account: Account, viewer: Client
) -> None:
    other = document(metric("nps", 1)) | {"key": "other", "name": "Other", "rank": 2}
    publish(workspace, TODAY, other)
    score(workspace, account, PAST, TODAY)
    address = page(query=f"?day={PAST}&metric=nps")
    before = viewer.get(address, **fragment("scorecard")).content
    changed = document(metric("nps", 7, name="Promoters"), metric("new", 1), scheme="letter")
    publish(workspace, TODAY, changed | {"name": "Renamed", "rank": 9})
    publish(workspace, TODAY, other | {"name": "Also renamed", "trend_days": 5})
    score(workspace, account, TODAY)
    assert "Also renamed" in text(viewer.get(page()))
    assert viewer.get(address, **fragment("scorecard")).content == before


@pytest.mark.usefixtures("late")
def test_a_restated_day_says_so_and_leads_to_what_was_believed(viewer: Client) -> None:
    now = viewer.get(page(query=f"?day={PAST}"))
    assert (health(now).scorecard.shown, health(now).scorecard.restated) == (54, True)
    (belief,) = health(now).beliefs
    assert (belief.score, belief.until) == (660_000, RESTATED)
    before = viewer.get(belief.url)
    found = health(before)
    assert (found.scorecard.shown, found.lens.until, found.beliefs) == (66, RESTATED, [])
    assert (found.lens.change.delta, found.scorecard.metrics[0].text) == (-120_000, "90")
    assert "As it was believed until" in text(before)
    assert text(before).count("From what was believed to what holds now") == 1


@pytest.mark.usefixtures("late")
def test_the_weeks_and_reasons_are_as_believed_too(viewer: Client) -> None:
    until = noon(TODAY).isoformat().replace("+", "%2B")
    found = health(viewer.get(page(query=f"?day={PAST}&believed={until}")))
    assert [box.week.score for box in found.trend.boxes if box.week.score] == [660_000, 660_000]
    assert [m.measured_on for m in found.scorecard.metrics] == [TODAY - 9 * DAY] * 3
    assert found.scorecard.metrics[0].history == [
        ("90", found.scorecard.metrics[0].measurements[0])
    ]


@pytest.mark.parametrize(
    "query",
    ["believed=2026-06-10T13:00:00Z", "believed=2026-06-10", "believed=x", "version=x",
     "version=0", "version=99999999999999999999", "version=²"],
)  # fmt: skip
@pytest.mark.usefixtures("late")
def test_what_can_not_be_looked_at_is_shown_as_usual(viewer: Client, query: str) -> None:
    found = health(viewer.get(page(query=f"?day={PAST}&{query}")))
    assert (found.scorecard.shown, found.lens.until, found.lens.version) == (54, None, None)


def test_another_version_is_computed_and_labelled_and_nothing_is_stored(
    workspace: Workspace, viewer: Client
) -> None:
    publish(workspace, TODAY, document(metric("usage", 1)))
    with scope(workspace.pk):
        stored = list(Evaluation.objects.order_by("day").values_list("day", "version_id", "score"))
    response = viewer.get(page(query=f"?day={PAST}&version=2"))
    found = health(response)
    assert (found.scorecard.shown, found.scorecard.version, len(found.scorecard.metrics)) == (
        90,
        2,
        1,
    )
    assert [box.week.score for box in found.trend.boxes if box.week.score] == [900_000, 900_000]
    assert "Computed now by version 2: this was not shown on 8 Jun 2026." in text(response)
    assert "Health by week, computed by version 2" in text(response)
    assert (found.lens.shown.evaluation.score, response.context["can_set"]) == (660_000, False)
    with scope(workspace.pk):
        rows = Evaluation.objects.order_by("day").values_list("day", "version_id", "score")
        assert list(rows) == stored
    assert health(viewer.get(page(query=f"?day={PAST}"))).scorecard.shown == 66


def test_a_version_that_does_not_apply_is_refused_in_words(
    workspace: Workspace, viewer: Client
) -> None:
    publish(workspace, TODAY, document(metric("usage", 1), applies_to={"stage": ["none"]}))
    for number in (2, 7):
        response = viewer.get(page(query=f"?version={number}"))
        assert f"There is no version {number} that would measure this account" in text(response)
        assert health(response).scorecard.shown == 66


def test_the_versions_are_offered_where_there_are_several(
    workspace: Workspace, viewer: Client
) -> None:
    assert "As another version" not in text(viewer.get(page()))
    publish(workspace, TODAY, document(metric("usage", 1)))
    assert [v.number for v in viewer.get(page()).context["page"].versions] == [2]
    # A week keeps what is looked at.
    week = viewer.get(page(query=f"?version=2&week={TODAY}"), **fragment("reasons"))
    assert health(week).reasons.scorecard.shown == 90


@pytest.mark.parametrize("query", ["", "?version=1"])
def test_values_are_set_only_where_now_is_shown(
    workspace: Workspace, account: Account, query: str
) -> None:
    response = as_(workspace, Role.CSM).get(page(query=query))
    assert response.context["can_set"] == (query == "")
    assert (response.context["overriding"] is None) == (query != "")


def test_a_version_that_ranks_is_computed_on_single_days(
    workspace: Workspace, account: Account, viewer: Client
) -> None:
    """Ranks are a question to every account, so that the weeks between are left out."""
    ranked = metric("usage", 1, source={"type": "attribute", "attribute": "size"})
    publish(workspace, TODAY, document(ranked | {"grade": {"type": "percentile"}}))
    found = health(viewer.get(page(query="?version=2")))
    assert (found.scorecard.version, found.lens.ranks, found.scorecard.score) == (2, True, None)
    assert [box.week.score for box in found.trend.boxes if box.week.score] == []
