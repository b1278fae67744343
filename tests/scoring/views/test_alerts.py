from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Role, User, Workspace
from accounts.tenancy import scope
from scoring.models import Alert
from tests.factories import make_account, make_member, make_workspace
from tests.scoring.portfolios import LOGINS, NOON, TODAY, make_alert

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_noon")]

EXPIRED = {"metric": "nps", "name": "NPS", "kinds": ["data"], "points": -60000, "status": "expired"}


@pytest.fixture
def at_noon() -> Any:
    with time_machine.travel(NOON, tick=False):
        yield


@pytest.fixture
def workspace() -> Workspace:
    return make_workspace("northwind")


@pytest.fixture
def csm(workspace: Workspace, client: Client) -> User:
    user = make_member(workspace, Role.CSM)
    client.force_login(user)
    return user


def get(client: Client, query: str = "") -> Any:
    return client.get(f"/w/northwind/alerts/{query}")


def post(client: Client, path: str, **given: Any) -> Any:
    headers = given.pop("headers", {})
    return client.post(f"/w/northwind/alerts/{path}/", given, headers=headers)


def shown(response: Any) -> list[int]:
    return [row.alert.pk for row in response.context["rows"]]


def stored(alert: Alert) -> tuple[str, date | None, int | None]:
    with scope(alert.workspace_id):
        now = Alert.objects.get(pk=alert.pk)
    return now.state, now.snoozed_until, now.changed_by_id


def test_alerts_are_open_to_members_and_nothing_to_strangers(
    client: Client, workspace: Workspace
) -> None:
    alert = make_alert(workspace)
    make_alert(make_workspace())
    assert get(client)["Location"] == "/login/?next=/w/northwind/alerts/"
    client.force_login(make_member(workspace, Role.VIEWER))
    assert shown(get(client)) == [alert.pk]
    client.force_login(make_member(make_workspace()))
    assert get(client).status_code == 404


def test_alert_is_a_sentence_with_a_next_step(
    client: Client, workspace: Workspace, csm: User
) -> None:
    make_alert(workspace, account=make_account(workspace, "contoso"))
    (row,) = get(client).context["rows"]
    assert (row.sentence, row.next_step, row.url) == (
        "Down 12 in 30 days: Log-ins −7.1.",
        "Ask them about Log-ins first: it cost the most points.",
        "/w/northwind/accounts/contoso/?day=2026-03-10&from=2026-02-08&to=2026-03-10",
    )


@pytest.mark.parametrize(
    ("fields", "step"),
    [
        ({"entries": [LOGINS, EXPIRED]}, "Ask them about Log-ins first: it cost the most points."),
        ({"entries": [EXPIRED]}, "Set NPS again: its last value has expired."),
        (
            {"entries": [EXPIRED | {"status": "ok"}]},
            "Look at NPS: it was not measured before, and now it is.",
        ),
        ({"entries": []}, "Open the account and look for what changed."),
        (
            {"entries": [LOGINS | {"kinds": ["configuration"]}]},
            "The scorecard changed: check whether it still says what you mean.",
        ),
        (
            {"severity": "opportunity", "entries": [LOGINS | {"points": 50000}, EXPIRED]},
            "Ask what they gain from it, and what more they need: Log-ins rose most.",
        ),
        (
            {"severity": "info", "entries": [LOGINS | {"points": 50000}, EXPIRED]},
            "Find out what went well: Log-ins rose most.",
        ),
    ],
)
def test_next_step_follows_what_moved_the_score(
    client: Client, workspace: Workspace, csm: User, fields: dict[str, Any], step: str
) -> None:
    make_alert(workspace, **fields)
    assert [row.next_step for row in get(client).context["rows"]] == [step]


def test_filters_leave_what_they_say(client: Client, workspace: Workspace, csm: User) -> None:
    mine = make_account(workspace, "mine", owner=csm)
    opened = make_alert(workspace, account=mine)
    info = make_alert(workspace, severity="info")
    gone = make_alert(workspace, state="resolved", recovered_on=TODAY)
    waiting = make_alert(workspace, state="snoozed", snoozed_until=TODAY + timedelta(days=1))
    assert shown(get(client)) == [info.pk, opened.pk]
    assert shown(get(client, "?state=resolved")) == [gone.pk]
    assert shown(get(client, "?state=snoozed")) == [waiting.pk]
    assert shown(get(client, "?state=all")) == [waiting.pk, gone.pk, info.pk, opened.pk]
    assert shown(get(client, "?state=nonsense&severity=nonsense")) == [info.pk, opened.pk]
    assert shown(get(client, "?severity=info")) == [info.pk]
    assert shown(get(client, "?owner=me")) == [opened.pk]
    assert shown(get(client, "?account=mine")) == [opened.pk]
    assert [tab["count"] for tab in get(client).context["tabs"]] == [2, 0, 1, None, None]
    assert "recovered 10 Mar" in get(client, "?state=resolved").content.decode()


def test_pages_lead_on_and_back(
    client: Client, workspace: Workspace, csm: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("scoring.views.alerts.PAGE", 2)
    account = make_account(workspace)
    days = [TODAY - timedelta(days=n) for n in range(5)]
    pks = [make_alert(workspace, account=account, day=day).pk for day in days]
    first = get(client)
    second = get(client, first.context["next_url"])
    third = get(client, second.context["next_url"])
    assert [shown(page) for page in (first, second, third)] == [pks[:2], pks[2:4], pks[4:]]
    assert shown(get(client, third.context["previous_url"])) == pks[2:4]
    assert shown(get(client, second.context["previous_url"])) == pks[:2]
    assert shown(get(client, "?after=nonsense&before=2026-99-99.1")) == pks[:2]


def test_steps_change_the_alert_and_lead_back(
    client: Client, workspace: Workspace, csm: User
) -> None:
    alert = make_alert(workspace)
    later = TODAY + timedelta(days=7)
    response = post(client, f"{alert.pk}/acknowledge", next="/w/northwind/alerts/?owner=me")
    assert response["Location"] == "/w/northwind/alerts/?owner=me"
    assert stored(alert) == ("acknowledged", None, csm.pk)
    post(client, f"{alert.pk}/snooze", until=later.isoformat())
    assert stored(alert) == ("snoozed", later, csm.pk)
    post(client, f"{alert.pk}/resolve")
    assert stored(alert) == ("resolved", None, csm.pk)
    post(client, f"{alert.pk}/reopen", next="https://evil.example/")
    assert stored(alert) == ("open", None, csm.pk)


@pytest.mark.parametrize("address", ["https://evil.example/", "//evil.example", "javascript:1", ""])
def test_steps_never_lead_elsewhere(
    client: Client, workspace: Workspace, csm: User, address: str
) -> None:
    alert = make_alert(workspace)
    response = post(client, f"{alert.pk}/acknowledge", next=address)
    assert response["Location"] == "/w/northwind/alerts/"


def test_step_in_place_answers_with_the_line(
    client: Client, workspace: Workspace, csm: User
) -> None:
    alert = make_alert(workspace)
    response = post(client, f"{alert.pk}/acknowledge", headers={"HX-Request": "true"})
    text = response.content.decode()
    assert (response.status_code, "<html" in text) == (200, False)
    assert f'id="alert-{alert.pk}"' in text
    assert "Acknowledged" in text
    again = post(client, f"{alert.pk}/acknowledge", headers={"HX-Request": "true"})
    assert again.status_code == 422
    assert "cannot become acknowledged" in again["HX-Trigger"]


@pytest.mark.parametrize("until", ["", "2026-03-10", "2026-02-30", "tomorrow"])
def test_snooze_needs_a_day_to_come(
    client: Client, workspace: Workspace, csm: User, until: str
) -> None:
    alert = make_alert(workspace)
    post(client, f"{alert.pk}/snooze", until=until)
    assert stored(alert) == ("open", None, None)


@pytest.mark.parametrize("step", ["acknowledge", "snooze", "resolve", "reopen"])
def test_steps_are_for_scorers_of_the_workspace(
    client: Client, workspace: Workspace, step: str
) -> None:
    alert = make_alert(workspace)
    foreign = make_alert(make_workspace())
    before = stored(alert), stored(foreign)
    assert post(client, f"{alert.pk}/{step}").status_code == 302
    client.force_login(make_member(workspace, Role.VIEWER))
    assert post(client, f"{alert.pk}/{step}").status_code == 403
    assert "/acknowledge/" not in get(client).content.decode()
    client.force_login(make_member(make_workspace()))
    assert post(client, f"{alert.pk}/{step}").status_code == 404
    client.force_login(make_member(workspace, Role.CSM))
    assert post(client, f"{foreign.pk}/{step}").status_code == 404
    assert client.get(f"/w/northwind/alerts/{alert.pk}/{step}/").status_code == 405
    assert (stored(alert), stored(foreign)) == before


def test_acknowledge_alerts_takes_those_that_were_shown(
    client: Client, workspace: Workspace, csm: User
) -> None:
    one, two = make_alert(workspace), make_alert(workspace)
    post(client, "acknowledge", alert=[one.pk, "x", "9" * 30])
    assert (stored(one)[0], stored(two)[0]) == ("acknowledged", "open")


def test_number_of_queries_is_the_same_at_1_and_at_30_rows(
    client: Client, workspace: Workspace, csm: User
) -> None:
    def counted() -> int:
        with CaptureQueriesContext(connection) as queries:
            get(client)
        noise = ("SAVEPOINT", "RELEASE", "SELECT set_config")
        return sum(not query["sql"].startswith(noise) for query in queries)

    make_alert(workspace)
    get(client)
    one = counted()
    for _ in range(29):
        make_alert(workspace, account=make_account(workspace, owner=make_member(workspace)))
    assert (one, counted()) == (6, 6)
