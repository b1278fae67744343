"""Users and features on the page of an account: whose and when are chosen in place."""

from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from accounts.models import Account, Role, Workspace
from accounts.tenancy import scope
from tests.factories import make_account, make_member, make_workspace
from tests.scoring.scored import DAY, make_scored, measure, noon, score
from usage.services.ingest import ingest_events

pytestmark = pytest.mark.django_db

TODAY = date(2026, 6, 10)
PART: dict[str, Any] = {"HTTP_HX_REQUEST": "true", "HTTP_HX_TARGET": "usage"}


@pytest.fixture(autouse=True)
def _today() -> Any:
    with time_machine.travel(noon(TODAY), tick=False):
        yield


@pytest.fixture
def workspace() -> Workspace:
    return make_workspace(slug="acme")


def used(workspace: Workspace, account: str, user: str, feature: str, *ago: int) -> None:
    events = [
        {
            "event_id": f"{account} {user} {feature} {days}",
            "account": account,
            "user": user,
            "type": "feature",
            "feature": feature,
            "occurred_at": noon(TODAY - timedelta(days=days)).isoformat(),
        }
        for days in ago
    ]
    with scope(workspace.pk):
        ingest_events(workspace=workspace, events=events, moment=noon(TODAY))


@pytest.fixture
def account(workspace: Workspace) -> Account:
    """`ann` comes, `bob` is new, `cid` stayed away; four more accounts are scored alike."""
    account = make_scored(workspace, TODAY, "redhat.com", name="Red Hat")
    used(workspace, account.key, "ann", "reports", 1, 2, 40, 100)
    used(workspace, account.key, "bob", "reports", 3)
    used(workspace, account.key, "cid", "alarms", 45)
    for n in range(4):
        other = make_account(workspace, f"other-{n}", from_day=TODAY - 365 * DAY)
        measure(workspace, other, TODAY - DAY, usage=50, support=50, nps=50)
        score(workspace, other, TODAY)
        used(workspace, other.key, "dan", "exports", 5, 6)
        used(workspace, other.key, "eve", "reports", 5)
    return account


def part(workspace: Workspace, query: str = "", **headers: Any) -> Any:
    client = Client()
    client.force_login(make_member(workspace, Role.VIEWER))
    return client.get(f"/w/acme/accounts/redhat.com/{query}", **headers)


@pytest.mark.parametrize(
    ("query", "users"),
    [
        ("", ["ann", "bob"]),
        ("?users=new", ["bob"]),
        ("?users=lost", ["cid"]),
        ("?users=lost&days=90", []),
        ("?users=lost&days=7", []),
        ("?users=nobody&days=1000", ["ann", "bob"]),
    ],
)
def test_users_are_of_the_kind_and_period_that_are_asked_for(
    workspace: Workspace, account: Account, query: str, users: list[str]
) -> None:
    whole, alone = part(workspace, query), part(workspace, query, **PART)
    for shown in (whole.context["page"].beside.usage, alone.context["usage"]):
        assert [user.key for user in shown.users] == users
    assert alone.content.startswith(b'<section class="stack close usage-part" id="usage"')


def test_features_stand_beside_what_similar_accounts_do(
    workspace: Workspace, account: Account
) -> None:
    lines = part(workspace, **PART).context["usage"].lines
    told = [(x.key, x.users, x.mean_users, x.uses, x.mean_uses, x.share) for x in lines]
    assert told == [
        ("reports", 2, "1.2", 3, "1.4", 100),
        ("alarms", 0, "–", 0, "–", None),
        ("exports", 0, "0.8", 0, "1.6", 80),
    ]
    assert [line.no_longer for line in lines] == [False, True, False]
    assert [line.against and line.against.text for line in lines] == ["+114 %", None, "−100 %"]


def test_of_few_accounts_nothing_is_usual(workspace: Workspace) -> None:
    make_scored(workspace, TODAY, "redhat.com")
    used(workspace, "redhat.com", "ann", "reports", 1, 35)
    shown = part(workspace, **PART).context["usage"]
    assert (shown.compared, [(x.uses, x.mean, x.seen.uses_before) for x in shown.lines]) == (
        "",
        [(1, None, 1)],
    )


def test_all_users_are_asked_for_the_same_kind_and_days(
    workspace: Workspace, account: Account
) -> None:
    shown = part(workspace, "?users=lost&days=90&day=2026-06-01", **PART)
    assert "/accounts/redhat.com/users/?days=90&amp;to=2026-06-01&amp;kind=lost" in (
        shown.content.decode()
    )
