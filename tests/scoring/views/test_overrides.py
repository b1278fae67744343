from datetime import date
from typing import Any

import pytest
import time_machine
from django.test import Client

from accounts.models import Account, Role, Workspace
from accounts.tenancy import scope
from scoring.models import Override
from tests.factories import make_workspace
from tests.scoring.scored import DAY, make_scored, measure, noon, publish, score, three
from tests.scoring.views.test_account import as_, fragment, page, text

pytestmark = pytest.mark.django_db

TODAY = date(2026, 6, 10)
ADDRESS = "/w/acme/overrides/health/redhat.com/"
WITHDRAW = "/w/acme/withdrawn-overrides/health/redhat.com/"
GIVEN = {
    "override-score": "80",
    "override-reason": "The sponsor signed",
    "override-last_day": "2026-06-12",
}


@pytest.fixture(autouse=True)
def _today() -> Any:
    with time_machine.travel(noon(TODAY), tick=False):
        yield


@pytest.fixture
def workspace() -> Workspace:
    return make_workspace(slug="acme")


@pytest.fixture
def account(workspace: Workspace) -> Account:
    return make_scored(workspace, TODAY, "redhat.com", name="Red Hat")


@pytest.fixture
def csm(workspace: Workspace, account: Account) -> Client:
    return as_(workspace, Role.CSM)


def shown(response: Any) -> tuple[int | None, int | None, bool]:
    card = response.context["page"].health.scorecard
    return card.shown, card.computed, card.overridden


def test_what_is_set_is_shown_at_once_with_who_why_and_until(
    workspace: Workspace, csm: Client
) -> None:
    response = csm.post(ADDRESS, GIVEN, **fragment("scorecard"))
    assert (response.status_code, response["HX-Retarget"]) == (200, "#scorecard")
    assert shown(response) == (80, 660_000, True)
    with scope(workspace.pk):
        override = Override.objects.select_related("by").get()
    assert (
        f"Set by hand until 12 Jun 2026 by {override.by}: “The sponsor signed” "
        "The computed score is 66, At risk."
    ) in text(response)
    assert "set by hand" in text(as_(workspace, Role.VIEWER).get(page()))


def test_a_band_may_be_set_in_the_place_of_a_score(csm: Client) -> None:
    given = GIVEN | {"override-score": "", "override-band": "green"}
    assert csm.post(ADDRESS + "?range=1y", given)["Location"] == page(query="?range=1y")
    assert shown(csm.get(page())) == (76, 660_000, True)


def test_withdrawing_shows_the_computed_score_and_keeps_what_was(csm: Client) -> None:
    csm.post(ADDRESS, GIVEN)
    assert WITHDRAW in text(csm.get(page()))
    response = csm.post(WITHDRAW, **fragment("scorecard"))
    assert shown(response) == (66, 660_000, False)
    overriding = response.context["overriding"]
    assert [(one.what, one.ended[:17]) for one in overriding.earlier] == [
        ("80", "ended 10 Jun 2026")
    ]
    assert overriding.active is None


def test_a_past_day_shows_its_override_and_no_form(
    workspace: Workspace, account: Account, csm: Client
) -> None:
    csm.post(ADDRESS, GIVEN)
    for n in (1, 2, 3):
        score(workspace, account, TODAY + n * DAY)
    with time_machine.travel(noon(TODAY + 3 * DAY), tick=False):
        today, last = csm.get(page()), csm.get(page(query="?day=2026-06-12"))
    assert [shown(today), shown(last)] == [(66, 660_000, False), (80, 660_000, True)]
    assert (last.context["overriding"].form, last.context["overriding"].earlier) == (None, [])
    assert [one.what for one in today.context["overriding"].earlier] == ["80"]


@pytest.mark.parametrize(
    ("given", "field", "message"),
    [
        ({"override-reason": ""}, "reason", "Give the reason."),
        ({"override-score": ""}, "score", "Give either a score or a band."),
        ({"override-band": "red"}, "score", "Give either a score or a band."),
        ({"override-score": "101"}, "score", "Ensure this value is less than or equal to 100."),
        ({"override-last_day": "2026-06-09"}, "last_day", "This day is over."),
    ],
)
def test_a_bad_override_is_told_beside_its_field(
    workspace: Workspace, csm: Client, given: dict[str, str], field: str, message: str
) -> None:
    for headers in (fragment("scorecard"), {}):
        response = csm.post(ADDRESS, GIVEN | given, **headers)
        assert response.status_code == 422
        overriding = response.context["overriding"]
        assert (overriding.open, overriding.form.errors) == (True, {field: [message]})
        assert message in text(response)
    with scope(workspace.pk):
        assert Override.objects.count() == 0


def test_overrides_are_for_who_may_score(workspace: Workspace, account: Account) -> None:
    stranger = as_(make_workspace(slug="other"), Role.ADMIN)
    people = (as_(workspace, Role.CSM), as_(workspace, Role.VIEWER), stranger)
    for address in (ADDRESS, WITHDRAW):
        assert [p.post(address, GIVEN).status_code for p in people] == [302, 403, 404]
    viewed = as_(workspace, Role.VIEWER).get(page()).context["overriding"]
    assert viewed.form is None


def test_a_scorecard_that_is_not_there_is_not_found(csm: Client) -> None:
    assert csm.post(ADDRESS.replace("health", "none"), GIVEN).status_code == 404
    assert csm.get(ADDRESS).status_code == 405


def test_the_trend_marks_the_week_in_which_it_was_set(
    workspace: Workspace, account: Account, csm: Client
) -> None:
    csm.post(ADDRESS, GIVEN | {"override-last_day": ""})
    score(workspace, account, TODAY, TODAY + 8 * DAY)
    with time_machine.travel(noon(TODAY + 8 * DAY), tick=False):
        drawn = csm.get(page()).context["page"].health.trend
    assert [sign.glyph for sign in drawn.signs] == ["✎"]
    notes = [box.week.note for box in drawn.boxes if box.week.score is not None]
    assert notes == ["set by hand"] * 2


def test_the_way_to_green_leads_on_from_what_is_computed(csm: Client) -> None:
    csm.post(ADDRESS, GIVEN)
    assert csm.get(page()).context["page"].health.to_go == 10


def test_a_band_that_waits_for_confirmation_is_told(
    workspace: Workspace, account: Account, csm: Client
) -> None:
    publish(workspace, TODAY, three() | {"confirm": 3})
    measure(workspace, account, TODAY + DAY, usage=0, support=0, nps=0)
    score(workspace, account, TODAY + DAY, TODAY + 2 * DAY)
    with time_machine.travel(noon(TODAY + 2 * DAY), tick=False):
        shown = text(csm.get(page()))
    assert "“Poor” waits for confirmation: 2 of 3 evaluations." in shown


def test_the_portfolio_says_that_it_was_set_by_hand(csm: Client) -> None:
    csm.post(ADDRESS, GIVEN)
    page = csm.get("/w/acme/accounts/").content.decode()
    assert page.count("<span>80</span>") == 1
    assert page.count('<span class="sub">set by hand</span>') == 1
