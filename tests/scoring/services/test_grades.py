"""Growth, conditions, and limits by stage or age: from events and attributes to what the API answers."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client

from accounts.inputs import AccountRow
from accounts.models import Account, Workspace
from accounts.services.accounts import upsert_accounts
from accounts.tenancy import scope
from scoring.services.configuration import publish_scorecard
from tests.factories import bearer, make_account, make_key, make_workspace
from tests.scoring.scored import DAY, document, metric, noon, score
from usage.services.ingest import ingest_events

TODAY = date(2026, 6, 10)
LOGINS = {"type": "usage", "measure": "logins", "window_days": 7}
GROWTH = {"type": "growth", "source": LOGINS, "window": 7}
SEATS = {"type": "attribute", "attribute": "seats used"}


@pytest.fixture
def workspace(db: None) -> Workspace:
    return make_workspace()


def used(workspace: Workspace, day: date, count: int, account: str = "acme") -> None:
    events = [
        {
            "event_id": f"{account}-{day}-{n}",
            "account": account,
            "user": f"u{n}",
            "type": "login",
            "occurred_at": f"{day}T08:00:00Z",
        }
        for n in range(count)
    ]
    with scope(workspace.pk):
        ingest_events(workspace=workspace, events=events, moment=noon(TODAY))


def publish(workspace: Workspace, *metrics: dict[str, Any], day: date = TODAY) -> None:
    with scope(workspace.pk):
        publish_scorecard(document=document(*metrics), by=None, moment=noon(day))


def answered(workspace: Workspace, path: str = "") -> dict[str, Any]:
    headers = bearer(make_key(workspace))
    response = Client().get(f"/api/v1/accounts/acme/health/{path}", **headers)
    assert response.status_code == 200, response.content
    found: dict[str, Any] = response.json()
    return found


def metrics(workspace: Workspace, path: str = "") -> dict[str, tuple[Any, ...]]:
    rows = answered(workspace, path)["groups"][0]["metrics"]
    return {row["key"]: (row["value"], row["score"], row["status"]) for row in rows}


def states(workspace: Workspace, day: date, **fields: Any) -> None:
    row = AccountRow(key="acme", name="Acme", **fields)
    with scope(workspace.pk):
        upsert_accounts(rows=[row], as_of=day, by=None, moment=noon(TODAY))


def acme(workspace: Workspace, **fields: Any) -> Account:
    return make_account(workspace, "acme", **fields)


@pytest.mark.parametrize(
    ("then", "now", "expected"),
    [
        (8, 6, ("0.7500", "37.5000", "ok")),
        (3, 1, ("0.3333", "16.6667", "ok")),
        (1, 5, ("5.0000", "100.0000", "ok")),
        (0, 5, (None, "100.0000", "ok")),
        (5, 0, ("0.0000", "0.0000", "ok")),
        (0, 0, (None, None, "missing")),
    ],
)
def test_growth_is_now_against_then(
    workspace: Workspace, then: int, now: int, expected: tuple[Any, ...]
) -> None:
    account = acme(workspace)
    used(workspace, TODAY - 60 * DAY, 1)
    used(workspace, TODAY - 7 * DAY, then)
    used(workspace, TODAY, now)
    publish(workspace, metric("growth", 1, source=GROWTH, grade=None))
    score(workspace, account, TODAY)
    assert metrics(workspace) == {"growth": expected}


def test_growth_of_an_account_that_began_just_now_is_from_nothing(workspace: Workspace) -> None:
    account = acme(workspace)
    used(workspace, TODAY, 5)
    minutes = {**LOGINS, "measure": "session_minutes"}
    publish(
        workspace,
        metric("logins", 1, source=GROWTH, grade=None),
        metric("minutes", 1, source={**GROWTH, "source": minutes}, grade=None),
    )
    score(workspace, account, TODAY)
    assert metrics(workspace) == {
        "logins": (None, "100.0000", "ok"),
        "minutes": (None, None, "missing"),
    }


def test_growth_of_an_attribute_reads_both_days(workspace: Workspace) -> None:
    states(workspace, TODAY - 40 * DAY, attributes={"seats used": 40})
    states(workspace, TODAY - 3 * DAY, attributes={"seats used": 50})
    steps = [{"min": 0, "score": 0}, {"min": 1, "score": 60}, {"min": 1.25, "score": 90}]
    source = {"type": "growth", "source": SEATS, "window": 30}
    publish(workspace, metric("seats", 1, source=source, grade={"type": "steps", "steps": steps}))
    with scope(workspace.pk):
        account = Account.objects.get()
    score(workspace, account, TODAY - 4 * DAY, TODAY)
    assert metrics(workspace) == {"seats": ("1.2500", "90.0000", "ok")}
    before = metrics(workspace, f"?as_of={TODAY - 4 * DAY}")
    assert before == {"seats": ("1.0000", "60.0000", "ok")}


def test_limits_are_those_of_the_stage_of_the_day(workspace: Workspace) -> None:
    states(workspace, TODAY - 40 * DAY, stage="onboarding", attributes={"seats used": 5})
    states(workspace, TODAY, stage="live", attributes={"seats used": 5})
    grade = {
        "type": "linear",
        "worst": 0,
        "best": 20,
        "by": "stage",
        "cases": [{"stage": ["onboarding"], "worst": 0, "best": 10}],
    }
    publish(workspace, metric("seats", 1, source=SEATS, grade=grade))
    with scope(workspace.pk):
        account = Account.objects.get()
    score(workspace, account, TODAY - DAY, TODAY)
    assert metrics(workspace) == {"seats": ("5.0000", "25.0000", "ok")}
    assert metrics(workspace, f"?as_of={TODAY - DAY}") == {"seats": ("5.0000", "50.0000", "ok")}


def test_limits_are_those_of_the_age_of_the_day(workspace: Workspace) -> None:
    """Three months old today, to the day."""
    account = acme(workspace, created_on=date(2026, 3, 10), attributes={"seats used": 5})
    grade = {
        "type": "steps",
        "steps": [{"min": 0, "score": 100}],
        "by": "age_months",
        "cases": [{"min": 3, "steps": [{"min": 0, "score": 20}]}],
    }
    publish(workspace, metric("seats", 1, source=SEATS, grade=grade))
    score(workspace, account, TODAY - DAY, TODAY)
    assert metrics(workspace) == {"seats": ("5.0000", "20.0000", "ok")}
    assert metrics(workspace, f"?as_of={TODAY - DAY}") == {"seats": ("5.0000", "100.0000", "ok")}


@pytest.mark.parametrize("by", ["stage", "age_months"])
def test_other_limits_of_a_case_are_configuration_in_the_ledger(
    workspace: Workspace, by: str
) -> None:
    """The metric itself never moved: all of the change is the new version's."""
    began = TODAY - timedelta(days=200)
    account = acme(workspace, stage="live", created_on=began, attributes={"seats used": 5})
    case = {"stage": ["live"]} if by == "stage" else {"min": 1}
    for day, best in ((TODAY - DAY, 10), (TODAY, 20)):
        grade = {
            "type": "linear",
            "worst": 0,
            "best": 100,
            "by": by,
            "cases": [{**case, "worst": 0, "best": best}],
        }
        publish(workspace, metric("seats", 1, source=SEATS, grade=grade), day=day)
        score(workspace, account, day)
    path = f"changes/?from={TODAY - DAY}&to={TODAY}"
    assert answered(workspace, path)["entries"] == [
        {"metric": "seats", "kind": "configuration", "points": "-25.0000"}
    ]


def test_a_rank_that_moved_with_the_others_is_behaviour(workspace: Workspace) -> None:
    """Nothing of the account itself changed; then another version grades it by its value."""
    account = acme(workspace, attributes={"seats used": 5})
    others = [make_account(workspace, attributes={"seats used": n}) for n in (1, 2, 3, 4)]
    ranked = metric("seats", 1, source=SEATS, grade={"type": "percentile"})
    publish(workspace, ranked, day=TODAY - DAY)
    score(workspace, account, TODAY - DAY)
    for other in others:
        row = AccountRow(key=other.key, name=other.key, attributes={"seats used": 9})
        with scope(workspace.pk):
            upsert_accounts(rows=[row], as_of=TODAY, by=None, moment=noon(TODAY))
    score(workspace, account, TODAY)
    path = f"changes/?from={TODAY - DAY}&to={TODAY}"
    assert answered(workspace, path)["entries"] == [
        {"metric": "seats", "kind": "behaviour", "points": "-80.0000"}
    ]
    publish(workspace, metric("seats", 1, source=SEATS, grade={"type": "ratio"}))
    score(workspace, account, TODAY)
    assert answered(workspace, path)["entries"] == [
        {"metric": "seats", "kind": "configuration", "points": "-85.0000"}
    ]
