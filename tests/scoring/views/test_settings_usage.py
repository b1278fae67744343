from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.test import Client

from accounts.models import Role, Workspace
from accounts.models.workspace import LOGIN_NAMES
from accounts.tenancy import scope
from scoring.models import Run
from scoring.services.configuration import publish_scorecard
from scoring.services.usage_settings import change_usage_settings
from tests.factories import make_account, make_member, make_workspace

pytestmark = pytest.mark.django_db

URL = "/w/acme/settings/usage/"
GIVEN = {
    "frequency_daily": "15",
    "frequency_frequent": "6",
    "frequency_occasional": "2",
    "frequency_goal": "60",
    "login_names": " Signed In \r\n\r\nEntered\r\nSigned In",
    "event_months": "24",
}
FIELDS = tuple(GIVEN)


def values(workspace: Workspace) -> dict[str, Any]:
    found: dict[str, Any] = Workspace.objects.values(*FIELDS).get(pk=workspace.pk)
    return found


USUAL: dict[str, Any] = {
    "frequency_daily": 20,
    "frequency_frequent": 8,
    "frequency_occasional": 1,
    "frequency_goal": None,
    "login_names": LOGIN_NAMES,
    "event_months": None,
}


@pytest.fixture
def acme() -> Workspace:
    return make_workspace("acme")


@pytest.fixture
def admin(client: Client, acme: Workspace) -> Client:
    client.force_login(make_member(acme, Role.ADMIN, "admin@acme.example"))
    return client


def test_usage_settings_are_for_admins_of_the_workspace(acme: Workspace) -> None:
    people = [
        make_member(acme, Role.ADMIN),
        make_member(acme, Role.MANAGER),
        make_member(make_workspace("other"), Role.ADMIN),
    ]
    codes = []
    for person in people:
        client = Client()
        client.force_login(person)
        codes.append((client.get(URL).status_code, client.post(URL, GIVEN).status_code))
    assert codes == [(200, 302), (403, 403), (404, 404)]


def test_usage_settings_are_changed(admin: Client, acme: Workspace) -> None:
    assert values(acme) == USUAL
    response = admin.post(URL, GIVEN)
    assert (response.status_code, response["Location"]) == (302, URL)
    assert values(acme) == {
        "frequency_daily": 15,
        "frequency_frequent": 6,
        "frequency_occasional": 2,
        "frequency_goal": 60,
        "login_names": "Signed In\nEntered",
        "event_months": 24,
    }
    admin.post(URL, GIVEN | {"frequency_goal": "", "event_months": "", "login_names": ""})
    assert values(acme)["frequency_goal"] is values(acme)["event_months"] is None
    assert values(acme)["login_names"] == ""


IN_ORDER = (
    "Daily users need at least as many days as frequent ones, and these at least as many as "
    "occasional ones."
)


@pytest.mark.parametrize(
    ("changed", "errors"),
    [
        ({"frequency_frequent": "16"}, {"__all__": [IN_ORDER]}),
        ({"frequency_occasional": "7"}, {"__all__": [IN_ORDER]}),
        (
            {"frequency_daily": "31"},
            {"frequency_daily": ["Ensure this value is less than or equal to 30."]},
        ),
        (
            {"frequency_occasional": "0"},
            {"frequency_occasional": ["Ensure this value is greater than or equal to 1."]},
        ),
        ({"frequency_daily": ""}, {"frequency_daily": ["This field is required."]}),
        (
            {"frequency_goal": "101"},
            {"frequency_goal": ["Ensure this value is less than or equal to 100."]},
        ),
        (
            {"event_months": "0"},
            {"event_months": ["Ensure this value is greater than or equal to 1."]},
        ),
    ],
)
def test_wrong_usage_settings_stay_in_the_form(
    admin: Client, acme: Workspace, changed: dict[str, str], errors: dict[str, list[str]]
) -> None:
    response = admin.post(URL, GIVEN | changed)
    assert (response.status_code, response.context["form"].errors) == (422, errors)
    assert values(acme) == USUAL


def published(workspace: Workspace, source: dict[str, Any]) -> None:
    metric = {
        "key": "m",
        "name": "M",
        "weight": 1,
        "source": {"type": "usage"} | source,
        "grade": {"type": "linear", "worst": 0, "best": 100},
    }
    document = {
        "key": "health",
        "name": "Health",
        "groups": [{"key": "g", "name": "G", "weight": 1, "metrics": [metric]}],
    }
    with scope(workspace.pk):
        publish_scorecard(document=document, by=None, moment=datetime(2026, 3, 1, tzinfo=UTC))


@pytest.mark.parametrize(
    ("source", "changed", "runs"),
    [
        ({"measure": "frequency", "frequency": "daily"}, {"frequency_daily": 15}, 1),
        ({"measure": "frequency", "frequency": "daily"}, {"frequency_goal": 50}, 0),
        ({"measure": "logins"}, {"frequency_daily": 15}, 0),
    ],
)
def test_other_limits_score_today_again_where_they_count(
    acme: Workspace, source: dict[str, Any], changed: dict[str, Any], runs: int
) -> None:
    make_account(acme, "one")
    published(acme, source)
    today = date(2026, 3, 4)
    with scope(acme.pk):
        change_usage_settings(workspace=acme, today=today, **(USUAL | changed))
        found = list(Run.objects.values_list("from_day", "to_day"))
    assert found == [(today, today)] * runs
