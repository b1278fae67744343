"""Measurements in: what a person or another system says of an account."""

from datetime import timedelta
from typing import Any

import pytest

from accounts.models import StaleAccount, Workspace
from accounts.tenancy import scope
from scoring.models import Measurement
from tests.factories import make_account
from tests.scoring.api.conftest import NOW, TODAY, Api, paths, problems
from tests.scoring.documents import health

EXTRA = [
    {"key": "nps", "name": "NPS", "weight": 1, "source": {"type": "manual"}, "grade": {"type": "number"}},
    {"key": "onboarded", "name": "Onboarded", "weight": 1, "source": {"type": "milestone"}},
]  # fmt: skip


@pytest.fixture
def card(clock: None, workspace: Workspace, api: Api) -> None:
    document = health()
    document["groups"][1]["metrics"] += EXTRA
    assert api.put("scorecards/health/", document).status_code == 200
    make_account(workspace, "acme")
    make_account(workspace, "a/b ü")


pytestmark = pytest.mark.usefixtures("card")


def row(**fields: Any) -> dict[str, Any]:
    return {"account": "acme", "metric": "sponsor", "value": "working", **fields}


def post(api: Api, *rows: Any, **options: Any) -> Any:
    return api.post("measurements/", {"measurements": list(rows)}, **options)


def stored(workspace: Workspace) -> list[tuple[Any, ...]]:
    fields = ("metric", "value", "not_applicable", "measured_at", "comment", "reason", "source")
    with scope(workspace.pk):
        return list(Measurement.objects.order_by("id").values_list(*fields))


def test_each_kind_of_value_is_stored(workspace: Workspace, api: Api) -> None:
    earlier = "2026-06-09T23:30:00+02:00"
    answer = post(
        api,
        row(comment="Spoke to the CFO"),
        row(metric="nps", value=70.5, measured_at=earlier, scorecard="health"),
        row(metric="onboarded", value=True),
        row(metric="nps", value=None, reason="No survey in their contract"),
        row(account="a/b ü", metric="nps", value=0),
    )
    assert (answer.status_code, answer.json()) == (200, {"created": 5, "unchanged": 0})
    assert stored(workspace) == [
        ("sponsor", "working", False, NOW, "Spoke to the CFO", "", "test"),
        ("nps", 70.5, False, NOW - timedelta(hours=14, minutes=30), "", "", "test"),
        ("onboarded", True, False, NOW, "", "", "test"),
        ("nps", None, True, NOW, "", "No survey in their contract", "test"),
        ("nps", 0, False, NOW, "", "", "test"),
    ]
    with scope(workspace.pk):
        days = StaleAccount.objects.order_by("account_id").values_list("from_day", flat=True)
        assert list(days) == [TODAY - timedelta(days=1), TODAY]


def test_same_measurement_again_is_none(workspace: Workspace, api: Api) -> None:
    told = row(measured_at="2026-06-01T10:00:00Z")
    assert post(api, told, told).json() == {"created": 1, "unchanged": 1}
    assert post(api, told).json() == {"created": 0, "unchanged": 1}
    assert post(api, {**told, "value": "none"}).json() == {"created": 1, "unchanged": 0}
    assert len(stored(workspace)) == 2


def test_idempotency_key_makes_a_judgement_without_moment_repeatable(
    workspace: Workspace, api: Api
) -> None:
    once = post(api, row(), HTTP_IDEMPOTENCY_KEY="once")
    again = post(api, row(), HTTP_IDEMPOTENCY_KEY="once")
    assert (again.status_code, again.content) == (200, once.content)
    assert post(api, row(value="none"), HTTP_IDEMPOTENCY_KEY="once").status_code == 422
    assert len(stored(workspace)) == 1


@pytest.mark.parametrize(
    ("fields", "path"),
    [
        ({"account": "nobody"}, "account"),
        ({"account": ""}, "account"),
        ({"account": 5}, "account"),
        ({"account": "x" * 1_000_000}, "account"),
        ({"metric": "nothing"}, "metric"),
        ({"metric": "logins"}, "metric"),
        ({"scorecard": "nothing"}, "scorecard"),
        ({"value": "perfect"}, "value"),
        ({"value": 3}, "value"),
        ({"value": True}, "value"),
        ({"value": []}, "value"),
        ({"value": {"level": "none"}}, "value"),
        ({"value": "w" * 1_000_000}, "value"),
        ({"metric": "nps", "value": 101}, "value"),
        ({"metric": "nps", "value": -0.0001}, "value"),
        ({"metric": "nps", "value": "70"}, "value"),
        ({"metric": "nps", "value": True}, "value"),
        ({"metric": "nps", "value": 10**400}, "value"),
        ({"metric": "onboarded", "value": 1}, "value"),
        ({"metric": "onboarded", "value": "yes"}, "value"),
        ({"value": None}, "reason"),
        ({"measured_at": "2026-06-10T12:06:00Z"}, "measured_at"),
        ({"measured_at": "9999-12-31T23:59:59-12:00"}, "measured_at"),
        ({"measured_at": "0001-01-01T00:00:00+14:00"}, "measured_at"),
        ({"measured_at": "2026-06-01T10:00:00"}, "measured_at"),
        ({"measured_at": "yesterday"}, "measured_at"),
        ({"measured_at": 5}, "measured_at"),
        ({"comment": "c" * 2001}, "comment"),
        ({"comment": "a\0b"}, "comment"),
        ({"reason": 5}, "reason"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_bad_measurement_is_refused_and_nothing_of_the_batch_is_stored(
    workspace: Workspace, api: Api, fields: dict[str, Any], path: str
) -> None:
    answer = post(api, row(), row(**fields))
    assert paths(answer) == [f"measurements[1].{path}"]
    assert all(len(message) <= 500 for _path, message in problems(answer))
    assert stored(workspace) == []


def test_every_bad_measurement_is_told(api: Api) -> None:
    answer = post(api, row(account="x"), row(), row(value="perfect"), row(metric="y"))
    assert paths(answer) == [
        "measurements[0].account",
        "measurements[2].value",
        "measurements[3].metric",
    ]


def test_account_of_another_workspace_is_unknown(stranger: Api, workspace: Workspace) -> None:
    assert paths(post(stranger, row())) == ["measurements[0].account"]
    assert stored(workspace) == []


@pytest.mark.parametrize("body", [{}, {"measurements": []}, {"measurements": {}}, {"rows": []}])
def test_body_without_measurements_is_refused(api: Api, body: Any) -> None:
    assert api.post("measurements/", body).status_code == 400


def test_more_than_a_thousand_are_refused(workspace: Workspace, api: Api) -> None:
    rows = [row(measured_at=f"2026-05-01T10:{n // 60:02}:{n % 60:02}Z") for n in range(1001)]
    assert paths(post(api, *rows)) == ["measurements"]
    assert post(api, *rows[1:]).json() == {"created": 1000, "unchanged": 0}
    assert len(stored(workspace)) == 1000


@pytest.mark.parametrize("end", [b"", b"]", b', {"account": "\xff"}]}', b"[" * 200_000])
def test_body_that_is_wrong_first_and_malformed_then_is_400(api: Api, end: bytes) -> None:
    body = b'{"measurements": [{"account": 5, "metric": "sponsor", "value": "none"}' + end
    assert api.post("measurements/", body).status_code == 400
