"""Alerts: listed with the ledger that caused them, and their life cycle."""

from typing import Any

import pytest

from accounts.models import Workspace
from accounts.tenancy import scope
from scoring.models import Alert
from tests.scoring.api.conftest import Api, paths

pytestmark = pytest.mark.usefixtures("scored")


@pytest.fixture
def pk(scored: Workspace) -> int:
    with scope(scored.pk):
        number: int = Alert.objects.get().pk
        return number


def test_alert_answers_with_its_sentence_and_its_ledger(api: Api, pk: int) -> None:
    alert = {
        "id": pk,
        "account": "acme",
        "rule": "drop",
        "scorecard": "health",
        "severity": "risk",
        "state": "open",
        "day": "2026-06-06",
        "compared_day": "2026-06-03",
        "score": "31.1304",
        "band": "red",
        "delta": "-20.0000",
        "sentence": "31, down 20 in 3 days: Executive relationship −20.",
        "entries": [
            {
                "metric": "sponsor",
                "name": "Executive relationship",
                "kinds": ["behaviour"],
                "points": "-20.0000",
                "status": None,
            },
            {
                "metric": None,
                "name": "Sponsor lost",
                "kinds": ["exception"],
                "points": "0.0000",
                "status": None,
            },
        ],
        "recovered_on": "2026-06-09",
        "snoozed_until": None,
    }
    assert api.get("alerts/").json() == {"results": [alert], "next": None}
    assert api.get(f"alerts/{pk}/").json() == alert


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("state=open", 1),
        ("state=resolved", 0),
        ("severity=risk", 1),
        ("severity=info", 0),
        ("account=acme", 1),
        ("account=trial/1", 0),
        ("account=nobody", 0),
        ("state=open&severity=risk&account=acme&ordering=day&limit=1", 1),
    ],
)
def test_filters_narrow_the_list(api: Api, query: str, count: int) -> None:
    assert len(api.get(f"alerts/?{query}").json()["results"]) == count


@pytest.mark.parametrize(
    ("query", "path"),
    [
        ("state=lost", "state"),
        ("severity=bad", "severity"),
        ("ordering=colour", "ordering"),
        ("limit=0", "limit"),
        ("cursor=x", "cursor"),
        ("colour=red", "colour"),
    ],
)
def test_bad_parameter_is_refused(api: Api, query: str, path: str) -> None:
    assert paths(api.get(f"alerts/?{query}")) == [path]


def test_life_cycle_is_walked_and_the_same_state_again_changes_nothing(api: Api, pk: int) -> None:
    def patch(**body: Any) -> list[Any]:
        answer = api.patch(f"alerts/{pk}/", body)
        assert answer.status_code == 200, answer.content
        return [answer.json()["state"], answer.json()["snoozed_until"]]

    assert patch(state="acknowledged") == ["acknowledged", None]
    assert patch(state="acknowledged") == ["acknowledged", None]
    assert patch(state="snoozed", snoozed_until="2026-06-20") == ["snoozed", "2026-06-20"]
    assert patch(state="resolved") == ["resolved", None]
    assert patch(state="open") == ["open", None]
    assert api.get("alerts/?state=open").json()["results"][0]["id"] == pk


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({}, "state"),
        ({"state": "lost"}, "state"),
        ({"state": None}, "state"),
        ({"state": 1}, "state"),
        ({"state": "snoozed"}, "snoozed_until"),
        ({"state": "snoozed", "snoozed_until": "2026-06-10"}, "snoozed_until"),
        ({"state": "snoozed", "snoozed_until": "soon"}, "snoozed_until"),
        ({"state": "resolved", "snoozed_until": "2026-06-20"}, "snoozed_until"),
        ({"state": "open", "severity": "info"}, "severity"),
    ],
)
def test_bad_change_is_refused(
    scored: Workspace, api: Api, pk: int, body: dict[str, Any], path: str
) -> None:
    assert paths(api.patch(f"alerts/{pk}/", body)) == [path]
    with scope(scored.pk):
        assert Alert.objects.get().state == "open"


def test_step_that_the_life_cycle_does_not_have_is_refused(api: Api, pk: int) -> None:
    api.patch(f"alerts/{pk}/", {"state": "resolved"})
    assert paths(api.patch(f"alerts/{pk}/", {"state": "acknowledged"})) == ["state"]


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b"\xff"])
def test_malformed_change_is_400(api: Api, pk: int, body: bytes) -> None:
    assert api.patch(f"alerts/{pk}/", body).status_code == 400


def test_idempotency_key_changes_once(api: Api, pk: int) -> None:
    once = api.patch(f"alerts/{pk}/", {"state": "resolved"}, HTTP_IDEMPOTENCY_KEY="r")
    api.patch(f"alerts/{pk}/", {"state": "open"})
    again = api.patch(f"alerts/{pk}/", {"state": "resolved"}, HTTP_IDEMPOTENCY_KEY="r")
    assert again.json() == once.json()
    assert api.get(f"alerts/{pk}/").json()["state"] == "open"
