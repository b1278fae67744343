from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import quote

import pytest
from django.test import Client

from accounts.models import Workspace
from accounts.tenancy import scope
from tests.factories import bearer, make_key, make_workspace
from usage.services.ingest import ingest_events

pytestmark = pytest.mark.django_db


@pytest.fixture
def workspace() -> Workspace:
    """Three users of acme; ann is the most active, eve is new in February."""
    workspace = make_workspace()
    uses = [
        ("ann", "2026-01-31", "login"),
        ("ann", "2026-02-01", "login"),
        ("ann", "2026-02-02", "reports"),
        ("bob", "2026-01-10", "login"),
        ("bob", "2026-02-02", "search"),
        ("eve", "2026-02-03", "reports"),
        ("eve", "2026-03-03", "reports"),
    ]
    events = [
        {
            "event_id": str(number),
            "account": "ac/me",
            "user": user,
            "type": "login" if what == "login" else "feature",
            "feature": None if what == "login" else what,
            "occurred_at": f"{day}T10:00:00Z",
        }
        for number, (user, day, what) in enumerate(uses)
    ]
    with scope(workspace.pk):
        moment = datetime(2026, 3, 4, tzinfo=UTC)
        ingest_events(workspace=workspace, events=events, moment=moment)
    return workspace


def get(
    workspace: Workspace, what: str, query: str = "", account: str = "ac/me", **headers: Any
) -> Any:
    sent: dict[str, Any] = bearer(make_key(workspace, ["read"])) | headers
    return Client().get(f"/api/v1/accounts/{quote(account)}/{what}/?{query}", **sent)


def test_usage_answers_one_value(workspace: Workspace) -> None:
    answer = get(workspace, "usage", "measure=logins&window_days=30&as_of=2026-02-01")
    assert answer.json() == {
        "account": "ac/me",
        "measure": "logins",
        "window_days": 30,
        "day": "2026-02-01",
        "value": "3.0000",
    }


def test_usage_answers_a_series(workspace: Workspace) -> None:
    query = "measure=active_users&window_days=2&from=2026-01-09&to=2026-01-12"
    assert get(workspace, "usage", query).json()["series"] == [
        {"day": "2026-01-09", "value": None},
        {"day": "2026-01-10", "value": "1.0000"},
        {"day": "2026-01-11", "value": "1.0000"},
        {"day": "2026-01-12", "value": "0.0000"},
    ]


def test_usage_narrows_to_features(workspace: Workspace) -> None:
    query = "measure=feature_uses&window_days=30&as_of=2026-02-05&features="
    values = [
        get(workspace, "usage", query + names).json()["value"] for names in ("reports", "x", "")
    ]
    assert values == ["2.0000", "0.0000", "3.0000"]
    both = get(workspace, "usage", query + "reports,search").json()["value"]
    assert both == get(workspace, "usage", query + "reports&features=search").json()["value"]
    assert both == "3.0000"


def test_usage_counts_the_users_of_features(workspace: Workspace) -> None:
    query = "measure=feature_users&window_days=400&as_of=2026-03-05&features="
    values = [
        get(workspace, "usage", query + names).json()["value"]
        for names in ("reports", "search", "x", "reports,search", "")
    ]
    assert values == ["2.0000", "1.0000", "0.0000", "3.0000", "3.0000"]


def test_usage_tells_how_often_users_come(workspace: Workspace) -> None:
    Workspace.objects.filter(pk=workspace.pk).update(
        frequency_daily=3, frequency_frequent=2, frequency_occasional=1
    )
    query = "measure=frequency&as_of=2026-02-08&frequency="
    values = [
        get(workspace, "usage", query + level).json()["value"]
        for level in ("daily", "frequent", "occasional")
    ]
    assert values == ["33.3333", "66.6667", "100.0000"]
    query = "measure=frequency&frequency=frequent&window_days=2&from=2026-02-01&to=2026-02-03"
    series = get(workspace, "usage", query).json()["series"]
    assert [day["value"] for day in series] == ["50.0000", "50.0000", "0.0000"]


@pytest.mark.parametrize(
    ("query", "path", "message"),
    [
        (
            "measure=logins&window_days=401",
            "window_days",
            "Expected int <= 400",
        ),
        (
            "measure=frequency",
            "frequency",
            "Goes with the measure frequency, which needs it: daily, frequent or occasional.",
        ),
        (
            "measure=logins&frequency=daily",
            "frequency",
            "Goes with the measure frequency, which needs it: daily, frequent or occasional.",
        ),
        ("measure=frequency&frequency=never", "frequency", "Invalid enum value 'never'"),
    ],
)
def test_usage_says_what_is_wrong(
    workspace: Workspace, query: str, path: str, message: str
) -> None:
    answer = get(workspace, "usage", query)
    assert answer.status_code == 400
    assert [(e["path"], e["message"]) for e in answer.json()["errors"]] == [(path, message)]


@pytest.mark.parametrize(
    "query",
    [
        "",
        "measure=happiness",
        "measure=logins&window_days=0",
        "measure=logins&window_days=x",
        "measure=logins&as_of=today",
        "measure=logins&as_of=0001-01-01",
        "measure=logins&as_of=9999-12-31",
        "measure=logins&as_of=2026-01-01&from=2026-01-01",
        "measure=logins&from=2026-02-01&to=2026-01-01",
        "measure=logins&from=2000-01-01&to=2026-01-01",
        "measure=logins&colour=red",
    ],
)
def test_usage_refuses_what_it_does_not_understand(workspace: Workspace, query: str) -> None:
    answer = get(workspace, "usage", query)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")


@pytest.mark.parametrize("what", ["usage", "users", "features"])
def test_account_of_another_workspace_is_not_found(workspace: Workspace, what: str) -> None:
    query = "measure=logins" if what == "usage" else ""
    assert get(workspace, what, query).status_code == 200
    assert get(make_workspace(), what, query).status_code == 404
    assert get(workspace, what, query, account="nobody").status_code == 404
    assert Client().get(f"/api/v1/accounts/acme/{what}/").status_code == 401


def test_users_are_ranked_by_their_active_days(workspace: Workspace) -> None:
    answer = get(workspace, "users", "days=30&as_of=2026-02-28").json()
    assert answer == {
        "results": [
            {
                "key": "ann",
                "active_days": 3,
                "login_days": 2,
                "first_seen_on": "2026-01-31",
                "last_seen_on": "2026-02-02",
                "new": True,
                "name": "",
                "active_days_before": 0,
                "logins": 2,
                "minutes": 0,
                "features": 1,
            },
            {
                "key": "bob",
                "active_days": 1,
                "login_days": 0,
                "first_seen_on": "2026-01-10",
                "last_seen_on": "2026-02-02",
                "new": False,
                "name": "",
                "active_days_before": 1,
                "logins": 0,
                "minutes": 0,
                "features": 1,
            },
            {
                "key": "eve",
                "active_days": 1,
                "login_days": 0,
                "first_seen_on": "2026-02-03",
                "last_seen_on": "2026-02-03",
                "new": True,
                "name": "",
                "active_days_before": 0,
                "logins": 0,
                "minutes": 0,
                "features": 1,
            },
        ],
        "next": None,
    }


def test_features_are_ranked_by_their_uses(workspace: Workspace) -> None:
    answer = get(workspace, "features", "days=28&as_of=2026-03-03").json()["results"]
    assert answer == [
        {
            "key": "reports",
            "name": "reports",
            "uses": 1,
            "active_days": 1,
            "last_used_on": str(date(2026, 3, 3)),
            "uses_before": 2,
            "users": 1,
            "peers_mean": None,
            "peers_share": None,
        }
    ]


def test_leaderboard_comes_in_pages(workspace: Workspace) -> None:
    query, keys, cursor = "days=90&as_of=2026-03-03&limit=1", [], ""
    while cursor is not None:
        page = get(workspace, "users", f"{query}&cursor={cursor}").json()
        keys += [row["key"] for row in page["results"]]
        cursor = page["next"]
    assert keys == ["ann", "bob", "eve"]
    assert get(workspace, "users", "cursor=!!").status_code == 400
    assert get(workspace, "users", "cursor=WzFd").status_code == 400


def test_users_are_told_by_kind_and_order(workspace: Workspace) -> None:
    def keys(query: str) -> list[str]:
        rows = get(workspace, "users", f"days=28&as_of=2026-03-03&{query}").json()["results"]
        return [row["key"] for row in rows]

    assert (keys("kind=top"), keys("kind=new"), keys("kind=lost")) == (["eve"], [], ["ann", "bob"])
    assert get(workspace, "users", "kind=best").status_code == 400
    assert get(workspace, "users", "order=key").status_code == 400


def test_cursor_of_another_order_is_refused(workspace: Workspace) -> None:
    query = "days=90&as_of=2026-03-03&limit=1"
    cursor = get(workspace, "users", query).json()["next"]
    assert get(workspace, "users", f"{query}&order=logins&cursor={cursor}").status_code == 400


def test_leaderboard_as_csv(workspace: Workspace) -> None:
    answer = get(workspace, "users", "as_of=2026-02-28&days=30", HTTP_ACCEPT="text/csv")
    assert answer.content.decode().splitlines()[:2] == [
        (
            "key,active_days,login_days,first_seen_on,last_seen_on,new,name,active_days_before,"
            "logins,minutes,features"
        ),
        "ann,3,2,2026-01-31,2026-02-02,true,,0,2,0,1",
    ]
