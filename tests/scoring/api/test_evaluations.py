"""Evaluations asked for, and the jobs that do them."""

from datetime import date
from typing import Any

import pytest
import time_machine

from accounts.models import Workspace
from accounts.tenancy import scope
from scoring.models import Evaluation, Run
from scoring.tasks import evaluate_run
from tests.scoring.api.conftest import NOW, TODAY, Api, paths

pytestmark = pytest.mark.usefixtures("scored")


def job(run: Any) -> dict[str, Any]:
    return {"id": run["id"], "state": "queued", "done": 0, "total": run["total"], "error": None}


def test_evaluation_of_everything_today_is_a_job(scored: Workspace, api: Api) -> None:
    asked = api.post("evaluations/", {})
    assert (asked.status_code, asked.json()) == (202, job({**asked.json(), "total": 2}))
    pk = asked.json()["id"]
    assert api.get(f"jobs/{pk}/").json() == asked.json()
    evaluate_run(scored.pk, pk)
    assert api.get(f"jobs/{pk}/").json() == {
        "id": pk,
        "state": "done",
        "done": 2,
        "total": 2,
        "error": None,
    }


def test_days_and_accounts_make_the_total(scored: Workspace, api: Api) -> None:
    body = {"from": "2026-05-30", "as_of": "2026-06-05", "accounts": ["acme", "acme"]}
    asked = api.post("evaluations/", body).json()
    assert asked["total"] == 7
    evaluate_run(scored.pk, asked["id"])
    with scope(scored.pk):
        assert Evaluation.objects.between(date(2026, 5, 30), date(2026, 5, 30)).count() == 1
        run = Run.objects.get(pk=asked["id"])
    assert (run.from_day, run.to_day, run.state) == (date(2026, 5, 30), date(2026, 6, 5), "done")


def test_today_is_that_of_the_workspace(scored: Workspace, api: Api) -> None:
    Workspace.objects.filter(pk=scored.pk).update(time_zone="Pacific/Auckland")
    with time_machine.travel(NOW.replace(hour=23), tick=False):
        assert api.post("evaluations/", {"as_of": "2026-06-11"}).status_code == 202
        assert api.post("evaluations/", {"as_of": "2026-06-12"}).status_code == 400


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({"as_of": "2026-06-11"}, "as_of"),
        ({"as_of": "9999-12-31"}, "as_of"),
        ({"as_of": "0001-01-01"}, "as_of"),
        ({"as_of": "2026-02-30"}, "as_of"),
        ({"as_of": "today"}, "as_of"),
        ({"as_of": 20260601}, "as_of"),
        ({"from": "2026-06-10", "as_of": "2026-06-09"}, "from"),
        ({"from": "2026-06-11"}, "from"),
        ({"from": "0001-01-01"}, "from"),
        ({"from": "2016-06-01"}, "from"),
        ({"accounts": []}, "accounts"),
        ({"accounts": "acme"}, "accounts"),
        ({"accounts": ["acme", "nobody"]}, "accounts[1]"),
        ({"accounts": ["x" * 1_000_000]}, "accounts[0]"),
        ({"accounts": ["a\0"]}, "accounts[0]"),
        ({"accounts": ["acme"] * 1001}, "accounts"),
        ({"accounts": [None]}, "accounts[0]"),
        ({"to": "2026-06-01"}, "to"),
    ],
)
def test_bad_request_starts_nothing(
    scored: Workspace, api: Api, body: dict[str, Any], path: str
) -> None:
    assert paths(api.post("evaluations/", body)) == [path]
    with scope(scored.pk):
        assert Run.objects.count() == 1


@pytest.mark.parametrize("body", [b"", b"[]", b"null", b"{", b"\xff"])
def test_malformed_request_is_400(api: Api, body: bytes) -> None:
    assert api.post("evaluations/", body).status_code == 400


def test_idempotency_key_starts_one_job(scored: Workspace, api: Api) -> None:
    one, two = (api.post("evaluations/", {}, HTTP_IDEMPOTENCY_KEY="night") for _ in range(2))
    assert (two.status_code, two.json()) == (202, one.json())
    with scope(scored.pk):
        assert Run.objects.count() == 2


def test_job_that_failed_tells_its_error(scored: Workspace, api: Api) -> None:
    with scope(scored.pk):
        Run.objects.update(state="failed", error="ValueError: no")
        pk = Run.objects.get().pk
    found = api.get(f"jobs/{pk}/").json()
    assert (found["state"], found["error"], TODAY) == ("failed", "ValueError: no", TODAY)
