"""Overrides in, and what health, ledger and history say of them."""

from datetime import timedelta
from typing import Any

import pytest

from accounts.models import Workspace
from scoring.services.stale import evaluate_stale
from tests.scoring.api.conftest import DAY, NOW, TODAY, Api, paths

pytestmark = pytest.mark.usefixtures("scored")

CALM: dict[str, Any] = {"score": 80, "reason": "The sponsor signed today"}
ADDRESS = "accounts/acme/override/"


def told(api: Api, path: str = "") -> Any:
    return api.get(f"accounts/acme/health/{path}").json()


def test_an_override_is_set_and_shown_beside_what_is_computed(
    workspace: Workspace, api: Api
) -> None:
    before = told(api)
    answer = api.put(ADDRESS, CALM)
    assert (answer.status_code, answer.json()) == (
        200,
        {
            "score": "80.0000",
            "band": None,
            "reason": "The sponsor signed today",
            "first_day": "2026-06-10",
            "last_day": "2026-07-10",
            "by": "test",
        },
    )
    evaluate_stale(workspace=workspace, moment=NOW)
    after = told(api)
    assert before["override"] is None
    assert after == before | {
        "score": "80.0000",
        "shown": 80,
        "band": "green",
        "label": "Good",
        "override": answer.json(),
    }
    yesterday = told(api, f"?as_of={TODAY - DAY}")
    assert (yesterday["score"], yesterday["override"]) == (before["score"], None)


def test_the_ledger_and_the_history_tell_of_it(workspace: Workspace, api: Api) -> None:
    api.put(ADDRESS, {"band": "green", "reason": "Known", "last_day": "2026-06-10"})
    evaluate_stale(workspace=workspace, moment=NOW)
    changes = told(api, f"changes/?from={TODAY - DAY}")
    computed, score = (told(api)[name] for name in ("computed", "score"))
    assert score == "76.0000"
    own = [entry for entry in changes["entries"] if entry["kind"] == "override"]
    # The exception caps what is computed at 50; the override goes on from there.
    assert own == [
        {"metric": None, "kind": "override", "points": f"{76 - min(50, float(computed)):.4f}"}
    ]
    days = told(api, f"history/?from={TODAY - DAY}")["results"]
    assert [[mark["kind"] for mark in day["marks"]] for day in days] == [[], ["override"]]


def test_delete_withdraws_and_may_be_repeated(workspace: Workspace, api: Api) -> None:
    before = told(api)
    api.put(ADDRESS, CALM)
    evaluate_stale(workspace=workspace, moment=NOW)
    assert [api.send("DELETE", ADDRESS).status_code for _ in range(2)] == [204, 204]
    evaluate_stale(workspace=workspace, moment=NOW)
    assert told(api) == before


def test_put_again_is_the_same_override(api: Api) -> None:
    assert api.put(ADDRESS, CALM).json() == api.put(f"{ADDRESS}?scorecard=health", CALM).json()


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({"score": 80}, "reason"),
        ({"score": 80, "reason": ""}, "reason"),
        ({"score": "80,5", "reason": "x"}, "score"),
        ({"score": True, "reason": "x"}, "score"),
        ({"reason": "x"}, "score"),
        ({"band": "blue", "reason": "x"}, "band"),
        ({"score": 1, "reason": "x", "last_day": "2026-06-09"}, "last_day"),
        ({"score": 1, "reason": "x", "until": "2026-06-19"}, "until"),
    ],
)
def test_a_bad_override_is_refused(api: Api, body: dict[str, Any], path: str) -> None:
    assert paths(api.put(ADDRESS, body)) == [path]
    assert told(api)["override"] is None


@pytest.mark.parametrize(
    "address",
    ["accounts/nobody/override/", f"{ADDRESS}?scorecard=none", "accounts/trial/1/override/"],
)
def test_what_is_not_there_is_404(api: Api, address: str) -> None:
    assert api.put(address, CALM).status_code == 404
    assert api.send("DELETE", address).status_code == 404


def test_the_last_day_may_be_today(api: Api) -> None:
    answer = api.put(ADDRESS, CALM | {"last_day": str(TODAY)}).json()
    assert (answer["first_day"], answer["last_day"]) == (str(TODAY), str(TODAY))
    longest = str(TODAY + timedelta(days=3660))
    assert api.put(ADDRESS, CALM | {"last_day": longest}).status_code == 200
