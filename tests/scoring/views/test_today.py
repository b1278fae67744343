from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Account, Role, TeamMember, User, Workspace
from accounts.services.tasks import create_task
from accounts.tenancy import scope
from tests.factories import make_account, make_member, make_workspace
from tests.scoring.portfolios import LOGINS, NOON, TODAY, make_alert, make_health

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_noon")]
DAY = timedelta(days=1)


@pytest.fixture
def at_noon() -> Any:
    with time_machine.travel(NOON, tick=False):
        yield


@pytest.fixture
def workspace() -> Workspace:
    return make_workspace("northwind")


@pytest.fixture
def me(workspace: Workspace, client: Client) -> User:
    user = make_member(workspace, Role.CSM)
    client.force_login(user)
    return user


def get(client: Client, query: str = "?owner=all") -> Any:
    return client.get(f"/w/northwind/today/{query}")


def names(response: Any) -> list[str]:
    return [need.row.line.name for need in response.context["rows"]]


def give_task(workspace: Workspace, account: Account, by: User, days: int) -> None:
    with scope(workspace.pk):
        create_task(
            account=account,
            title="Call the sponsor",
            due_on=TODAY + days * DAY,
            by=by,
            moment=NOON,
        )


def test_today_is_of_members_alone(client: Client, workspace: Workspace) -> None:
    make_health(workspace, "fell", change=-20)
    assert get(client)["Location"] == "/login/?next=/w/northwind/today/%3Fowner%3Dall"
    client.force_login(make_member(workspace, Role.VIEWER))
    assert names(get(client)) == ["fell"]
    client.force_login(make_member(make_workspace()))
    assert get(client).status_code == 404


def test_who_is_named_fell_renews_below_good_or_waits_for_somebody(
    client: Client, workspace: Workspace, me: User
) -> None:
    soon, later = TODAY + 90 * DAY, TODAY + 91 * DAY
    make_health(workspace, "fell", score=90, change=-4.5)
    make_health(workspace, "little", score=90, change=-4.4)
    make_health(workspace, "renews", score=60, renewal_on=soon)
    make_health(workspace, "renews later", score=60, renewal_on=later)
    make_health(workspace, "renews well", score=90, renewal_on=soon)
    make_alert(workspace, account=make_health(workspace, "alarmed", score=90))
    make_alert(workspace, account=make_health(workspace, "seen", score=90), state="acknowledged")
    give_task(workspace, make_health(workspace, "waits", score=90), me, -1)
    give_task(workspace, make_health(workspace, "has time", score=90), me, 0)
    make_account(workspace, "never")
    make_health(make_workspace(), "foreign", change=-20)
    assert sorted(names(get(client))) == ["alarmed", "fell", "renews", "waits"]


def test_ranking_multiplies_risk_money_and_nearness(
    client: Client, workspace: Workspace, me: User
) -> None:
    def make(name: str, change: float, value: int, days: int, score: int = 60) -> None:
        make_health(
            workspace,
            name,
            score=score,
            change=change,
            contract_value_cents=value,
            renewal_on=TODAY + days * DAY,
        )

    make("usual", -10, 100_000, 90)  # 14 × 1,000 × ½
    make("nearer", -10, 100_000, 0)
    make("overdue", -10, 100_001, -30)
    make("fell more", -30, 100_000, 90)
    make("smaller", -10, 50_000, 90)
    make("low", -10, 100_000, 90, score=10)
    assert names(get(client)) == ["fell more", "overdue", "nearer", "low", "usual", "smaller"]


def test_row_has_one_reason_and_the_next_step(
    client: Client, workspace: Workspace, me: User
) -> None:
    money = [{"contract_value_cents": 1000 * n} for n in (1, 20, 1000)]
    make_health(workspace, "path", change=-9, reasons=[LOGINS], **money[0])
    alarmed = make_health(workspace, "alarmed", score=90, **money[1])
    make_alert(workspace, account=alarmed)
    late = make_health(workspace, "late", change=-9, reasons=[LOGINS], **money[2])
    make_alert(workspace, account=late)
    give_task(workspace, late, me, -2)
    told = [
        (need.row.line.name, need.reason, need.step.label) for need in get(client).context["rows"]
    ]
    assert told == [
        ("late", "Log-ins −7.1", "Call the sponsor"),
        ("alarmed", "Alert: Significant drop", "Significant drop"),
        ("path", "Log-ins −7.1", "Path to green"),
    ]
    steps = [need.step for need in get(client).context["rows"]]
    assert [step.text for step in steps] == [
        "Due 2 days ago",
        "Ask them about Log-ins first: it cost the most points.",
        "",
    ]


def test_mine_come_first_and_my_teams_and_everyones_are_a_click_away(
    client: Client, workspace: Workspace, me: User
) -> None:
    make_health(workspace, "mine", change=-9, owner=me)
    shared = make_health(workspace, "shared", change=-9, owner=make_member(workspace))
    make_health(workspace, "other", change=-9)
    with scope(workspace.pk):
        TeamMember.objects.create(account=shared, user=me, role="AE")
    for query in ("", "?owner=me", "?owner=nonsense"):
        assert names(get(client, query)) == ["mine"]
    assert sorted(names(get(client, "?owner=team"))) == ["mine", "shared"]
    assert sorted(names(get(client))) == ["mine", "other", "shared"]


def test_nobody_needs_anybody(client: Client, workspace: Workspace, me: User) -> None:
    assert b"Nobody needs you today" in get(client, "").content
    assert b"Nobody needs anybody today" in get(client).content


def test_number_of_queries_is_the_same_at_1_and_at_20_rows(
    client: Client, workspace: Workspace, me: User
) -> None:
    def fill(number: int) -> None:
        for _ in range(number):
            account = make_health(workspace, change=-9, owner=make_member(workspace))
            give_task(workspace, account, me, -1)

    def queries() -> int:
        get(client)
        with CaptureQueriesContext(connection) as found:
            get(client)
        return len(found)

    fill(1)
    before = queries()
    fill(19)
    assert (queries(), len(names(get(client)))) == (before, 20)
