"""The peers of every metric, as the API answers them for any day and scorecard."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Account, Workspace
from accounts.tenancy import scope
from scoring.models import PeerSummary, RunKind
from scoring.services import peer_summaries
from scoring.services.configuration import publish_scorecard
from scoring.services.runs import start_run, work_run
from scoring.services.stale import evaluate_stale
from tests.factories import bearer, make_account, make_key, make_workspace
from tests.scoring.scored import DAY, LEVELS, document, measure, metric, noon, score
from usage.services.ingest import ingest_events

TODAY = date(2026, 6, 10)
SPONSOR: dict[str, Any] = {"grade": {"type": "level", "levels": LEVELS}}
CONTRACT: dict[str, Any] = {
    "source": {"type": "attribute", "attribute": "signed"},
    "grade": {"type": "boolean"},
}
LOGINS = {"type": "usage", "measure": "logins", "window_days": 5}
GROWTH: dict[str, Any] = {
    "source": {"type": "growth", "source": LOGINS, "window": 5},
    "grade": {"type": "growth"},
}


@pytest.fixture(autouse=True)
def _today() -> Iterator[None]:
    with time_machine.travel(noon(TODAY), tick=False):
        yield


@pytest.fixture
def workspace(db: None) -> Workspace:
    """Six accounts: NPS 10, 20, … 60 since yesterday, three levels, and a signed contract for two."""
    workspace = make_workspace("ours")
    card = document(
        metric("nps", 1), metric("sponsor", 1, **SPONSOR), metric("signed", 1, **CONTRACT)
    )
    with scope(workspace.pk):
        publish_scorecard(document=card, by=None, moment=noon(TODAY - DAY))
    for n in range(6):
        account = make_account(workspace, f"a{n}", attributes={"signed": n < 2})
        level = LEVELS[n // 2]["key"]
        measure(workspace, account, TODAY - DAY, nps=10 * n + 10, sponsor=level)
    return workspace


def run(workspace: Workspace, first: date = TODAY, last: date = TODAY) -> None:
    with scope(workspace.pk):
        started = start_run(kind=RunKind.REQUEST, first=first, last=last)
    for _ in work_run(workspace=workspace, run_id=started.pk, clock=lambda: noon(TODAY)):
        pass


def account(workspace: Workspace, key: str) -> Account:
    with scope(workspace.pk):
        found: Account = Account.objects.get(key=key)
    return found


def answered(workspace: Workspace, key: str, query: str = "") -> dict[str, Any]:
    path = f"/api/v1/accounts/{key}/health/{query}"
    response = Client().get(path, **bearer(make_key(workspace)))
    assert response.status_code == 200, response.content
    (group,) = response.json()["groups"]
    return {row["key"]: row["peers"] for row in group["metrics"]}


def told(count: int, least: str, median: str, most: str, percentile: str | None) -> dict[str, Any]:
    return {"count": count, "min": least, "median": median, "max": most, "percentile": percentile}


def test_peers_tell_count_range_and_place(workspace: Workspace) -> None:
    run(workspace)
    assert answered(workspace, "a4") == {
        "nps": told(6, "10.0000", "35.0000", "60.0000", "75.0000"),
        "sponsor": told(6, "1.0000", "2.0000", "3.0000", "83.3333"),
        "signed": told(6, "0.0000", "0.0000", "1.0000", "33.3333"),
    }


def test_an_account_without_a_value_has_no_place(workspace: Workspace) -> None:
    make_account(workspace, "new", attributes={})
    run(workspace)
    assert answered(workspace, "new")["nps"] == told(6, "10.0000", "35.0000", "60.0000", None)


def test_under_five_valid_values_there_are_no_peers(workspace: Workspace) -> None:
    for key in ("a0", "a1"):
        with scope(workspace.pk):
            Account.objects.filter(key=key).delete()
    run(workspace)
    assert answered(workspace, "a4") == {"nps": None, "sponsor": None, "signed": None}


def test_growth_from_nothing_is_no_number(workspace: Workspace) -> None:
    events = [
        {
            "event_id": f"{n}-{day}-{i}",
            "account": f"a{n}",
            "user": "u",
            "type": "login",
            "occurred_at": f"{day}T08:00:00Z",
        }
        for n in range(6)
        for day, count in ((TODAY, 4), (TODAY - 5 * DAY, n), (TODAY - 50 * DAY, 1))
        for i in range(count)
    ]
    with scope(workspace.pk):
        ingest_events(workspace=workspace, events=events, moment=noon(TODAY))
        card = document(metric("growth", 1, **GROWTH))
        publish_scorecard(document=card, by=None, moment=noon(TODAY))
    run(workspace)
    assert answered(workspace, "a0")["growth"] == {
        "count": 6,
        "min": "0.8000",
        "median": "1.6667",
        "max": None,
        "percentile": "91.6667",
    }


def test_peers_as_of_a_past_day_are_that_days(workspace: Workspace) -> None:
    run(workspace, TODAY - DAY, TODAY - DAY)
    measure(workspace, account(workspace, "a0"), TODAY, nps=100)
    run(workspace)
    assert answered(workspace, "a0")["nps"] == told(6, "20.0000", "45.0000", "100.0000", "91.6667")
    before = answered(workspace, "a0", f"?as_of={TODAY - DAY}")["nps"]
    assert before == told(6, "10.0000", "35.0000", "60.0000", "8.3333")


def test_each_scorecard_has_its_own_peers(workspace: Workspace) -> None:
    other = document(
        metric("nps", 1), key="other", rank=2, applies_to={"attributes": {"signed": [True]}}
    )
    with scope(workspace.pk):
        publish_scorecard(document=other, by=None, moment=noon(TODAY))
    run(workspace)
    assert answered(workspace, "a0", "?scorecard=other") == {"nps": None}
    assert answered(workspace, "a0", "?scorecard=health")["nps"]["count"] == 6


def test_a_change_of_today_is_told_at_once(workspace: Workspace) -> None:
    run(workspace)
    measure(workspace, account(workspace, "a0"), TODAY, nps=90)
    evaluate_stale(workspace=workspace, moment=noon(TODAY))
    expected = told(6, "20.0000", "45.0000", "90.0000", "91.6667")
    assert answered(workspace, "a0")["nps"] == expected


def test_a_restated_day_is_told_as_it_is_known_now(workspace: Workspace) -> None:
    run(workspace, TODAY - DAY, TODAY)
    yesterday = f"?as_of={TODAY - DAY}"
    assert answered(workspace, "a1", yesterday)["nps"]["percentile"] == "25.0000"
    measure(workspace, account(workspace, "a0"), TODAY - DAY, nps=90)
    evaluate_stale(workspace=workspace, moment=noon(TODAY))
    expected = told(6, "20.0000", "45.0000", "90.0000", "8.3333")
    assert answered(workspace, "a1", yesterday)["nps"] == expected


def test_many_accounts_are_summarized_by_the_next_run(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The account itself stands where it is; what it is compared with waits."""
    monkeypatch.setattr(peer_summaries, "FEW", 5)
    run(workspace)
    measure(workspace, account(workspace, "a0"), TODAY, nps=90)
    evaluate_stale(workspace=workspace, moment=noon(TODAY))
    before = told(6, "10.0000", "35.0000", "60.0000", "100.0000")
    assert answered(workspace, "a0")["nps"] == before
    run(workspace)
    assert answered(workspace, "a0")["nps"]["max"] == "90.0000"


def test_means_are_kept_of_the_scorecard_its_groups_and_metrics(workspace: Workspace) -> None:
    run(workspace)
    with scope(workspace.pk):
        rows = {(row.kind, row.key): row for row in PeerSummary.objects.filter(day=TODAY)}
    metrics = {
        key: (row.mean, row.mean_score) for (kind, key), row in rows.items() if kind == "metric"
    }
    assert metrics == {
        "nps": (350_000, 350_000),
        "sponsor": (20_000, 500_000),
        "signed": (3_333, 333_333),
    }
    assert [(rows[key].count, rows[key].mean) for key in (("group", "all"), ("scorecard", ""))] == [
        (6, 394_445),
        (6, 394_445),
    ]


def test_peers_cost_one_query(workspace: Workspace) -> None:
    run(workspace)
    headers = bearer(make_key(workspace))
    Client().get("/api/v1/accounts/a1/health/", **headers)
    with CaptureQueriesContext(
        connection,
    ) as captured:
        Client().get("/api/v1/accounts/a1/health/", **headers)
    asked = [query["sql"] for query in captured if "scoring_peersummary" in query["sql"]]
    assert (len(asked), len(captured) <= 12) == (1, True)


def test_another_workspaces_accounts_are_no_peers(workspace: Workspace) -> None:
    theirs = make_workspace("theirs")
    with scope(theirs.pk):
        publish_scorecard(document=document(metric("nps", 1)), by=None, moment=noon(TODAY))
    for n in range(4):
        stranger = make_account(theirs, f"a{n}")
        measure(theirs, stranger, TODAY, nps=5)
        score(theirs, stranger, TODAY)
    run(workspace)
    assert answered(theirs, "a0") == {"nps": None}
    assert answered(workspace, "a0")["nps"]["count"] == 6
