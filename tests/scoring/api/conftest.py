"""A workspace whose account was evaluated for ten days, seen through the API on the tenth."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import msgspec
import pytest
import time_machine
from django.test import Client

from accounts.inputs import AccountRow
from accounts.models import Workspace
from accounts.services.accounts import upsert_accounts
from accounts.tenancy import scope
from scoring.models import RunKind
from scoring.services.configuration import publish_scorecard, save_rule
from scoring.services.measurements import MeasurementRow, record_measurements
from scoring.services.runs import start_run, work_run
from tests.factories import bearer, make_key, make_workspace
from tests.scoring.documents import DROP, health
from usage.services.ingest import ingest_events

TODAY = date(2026, 6, 10)
NOW = datetime(2026, 6, 10, 12, tzinfo=UTC)
DAY = timedelta(days=1)
FIRST = TODAY - 9 * DAY


@dataclass
class Api:
    """Requests below /api/v1/ with one key."""

    client: Client
    secret: str

    def send(self, method: str, path: str, body: Any = None, **options: Any) -> Any:
        raw = body if isinstance(body, bytes) else msgspec.json.encode(body)
        given = {"content_type": "application/json", **bearer(self.secret), **options}
        return self.client.generic(
            method, f"/api/v1/{path}", raw if body is not None else b"", **given
        )

    def get(self, path: str, **options: Any) -> Any:
        return self.send("GET", path, **options)

    def post(self, path: str, body: Any, **options: Any) -> Any:
        return self.send("POST", path, body, **options)

    def put(self, path: str, body: Any, **options: Any) -> Any:
        return self.send("PUT", path, body, **options)

    def patch(self, path: str, body: Any, **options: Any) -> Any:
        return self.send("PATCH", path, body, **options)


def problems(response: Any) -> list[tuple[str, str]]:
    """Of a refusal in the one shape."""
    body = response.json()
    assert (response.status_code, set(body)) == (400, {"code", "message", "detail", "errors"})
    return [(problem["path"], problem["message"]) for problem in body["errors"]]


def paths(response: Any) -> list[str]:
    return [path for path, _message in problems(response)]


@pytest.fixture
def workspace(db: None) -> Workspace:
    return make_workspace("ours")


@pytest.fixture
def api(workspace: Workspace) -> Api:
    return Api(Client(), make_key(workspace))


@pytest.fixture
def stranger(db: None) -> Api:
    """Of another workspace, with every scope."""
    return Api(Client(), make_key(make_workspace("theirs")))


@pytest.fixture
def clock() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


def logins(day: date, count: int, users: int = 5) -> list[dict[str, Any]]:
    return [
        {
            "event_id": f"{day}-{n}",
            "account": "acme",
            "user": f"user-{n % users}",
            "type": "login",
            "occurred_at": f"{day}T10:00:00Z",
        }
        for n in range(count)
    ]


@pytest.fixture
def scored(workspace: Workspace, clock: None) -> Workspace:
    """18 log-ins of 5 users, 10 seats, a working contact: 51.1304; the sponsor is lost on day 6."""
    live = AccountRow(
        key="acme", name="Acme", stage="live", seats=10, contract_value=Decimal(125_000)
    )
    trial = AccountRow(key="trial/1", name="Trial", stage="trial")
    with scope(workspace.pk):
        publish_scorecard(document=health(), by=None, moment=NOW)
        save_rule(document=DROP)
        upsert_accounts(rows=[live, trial], as_of=FIRST, by=None, moment=NOW)
        ingest_events(workspace=workspace, events=logins(FIRST, 18), moment=NOW)
        judge(workspace, "working", FIRST)
        judge(workspace, "none", FIRST + 5 * DAY)
    evaluate(workspace, FIRST, TODAY)
    return workspace


def judge(workspace: Workspace, level: str | None, day: date) -> None:
    moment = datetime(day.year, day.month, day.day, 9, tzinfo=UTC)
    row = MeasurementRow("acme", "sponsor", level, measured_at=moment, reason="told")
    record_measurements(workspace=workspace, rows=[row], moment=NOW)


def evaluate(workspace: Workspace, first: date, last: date) -> None:
    with scope(workspace.pk):
        run = start_run(kind=RunKind.REQUEST, first=first, last=last)
    for _ in work_run(workspace=workspace, run_id=run.pk, clock=lambda: NOW):
        pass
