"""Events that come one by one, of names that are known, are stored and counted as a batch of them is."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from functools import partial
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import ApiKey, StaleAccount, Workspace
from accounts.services.keys import revoke_api_key
from accounts.tenancy import scope
from tests.factories import bearer, make_key, make_workspace
from tests.usage.derived import derived
from usage.models import IntakeHour, UsageEvent
from usage.services.ingest import ingest_events

MOMENT = datetime(2026, 3, 1, 12, tzinfo=UTC)
NEW = {"accepted": 1, "duplicates": 0, "rejected": []}
KNOWN = {"accepted": 0, "duplicates": 1, "rejected": []}

pytestmark = pytest.mark.usefixtures("committed", "then")


@pytest.fixture
def then() -> Iterator[None]:
    """Events of this month and the last one may come alone."""
    with time_machine.travel(MOMENT):
        yield


def event(event_id: str, **fields: Any) -> dict[str, Any]:
    return {
        "event_id": event_id,
        "account": "acme",
        "user": "ann",
        "type": "login",
        "occurred_at": "2026-02-10T10:00:00Z",
    } | fields


FIRST = [event("first"), event("second", type="feature", feature="b")]
LATER = [
    event("1", duration_seconds=90.5, count=3),
    event("2", type="feature", feature="b", count=2, duration_seconds=7),
    event("3", type="feature", feature="a"),
    event("4", type="feature", feature="b", occurred_at="2026-02-28T23:30:00Z"),
    event("5", type="export", feature="a", occurred_at="2026-02-11T23:30:00-05:00"),
    event("6", type="export", properties={"size": 'a "b" \\ {é}', "none": None}),
    event("7", occurred_at="2026-01-31T22:59:59.999999Z"),
    event("8", occurred_at="2026-01-31T23:00:00Z", duration_seconds=0),
    event("9", user="bob", type="feature", feature="c"),
    event("10", user="bob", type="feature", feature="a"),
    event("%s '", user="bob", type="%", feature="b"),
]


def post(secret: str, sent: dict[str, Any]) -> Any:
    try:
        data = json.dumps({"events": [sent]})
        return Client().post("/api/v1/events/", data, "application/json", **bearer(secret))
    finally:
        connection.close()


def stored(workspace: Workspace) -> dict[str, Any]:
    fields = ("event_id", "occurred_at", "type", "duration_seconds", "count", "properties")
    with scope(workspace.pk):
        return derived(workspace) | {
            "events": sorted(UsageEvent.objects.values_list(*fields)),
            "stale": list(StaleAccount.objects.values_list("from_day", flat=True)),
            "intake": sum(IntakeHour.objects.values_list("accepted", flat=True)),
        }


def test_one_by_one_is_the_same_as_at_once() -> None:
    alone, batch = (make_workspace(time_zone="Europe/Berlin") for _ in range(2))
    secret = make_key(alone, ["ingest"])
    assert [post(secret, sent).json() for sent in FIRST + LATER] == [NEW] * 13
    with scope(batch.pk):
        ingest_events(workspace=batch, events=FIRST + LATER, moment=MOMENT)
    assert stored(alone) == stored(batch)
    assert stored(alone)["stale"] == [date(2026, 1, 31)]


def test_known_names_take_one_statement_and_the_same_event_counts_once() -> None:
    workspace = make_workspace()
    secret = make_key(workspace, ["ingest"])
    for sent in FIRST:
        post(secret, sent)
    with CaptureQueriesContext(connection) as queries:
        data = json.dumps({"events": [LATER[0]]})
        Client().post("/api/v1/events/", data, "application/json", **bearer(secret))
    assert len(queries) == 1
    again = post(secret, LATER[0])
    assert again.json() == KNOWN
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(partial(post, secret), [LATER[1]] * 4))
    assert sum(answer.json()["accepted"] for answer in answers) == 1
    assert len(stored(workspace)["events"]) == stored(workspace)["intake"] == 4


def test_key_that_is_revoked_stores_nothing_more() -> None:
    workspace = make_workspace()
    secret = make_key(workspace, ["ingest"])
    assert [post(secret, sent).status_code for sent in [*FIRST, LATER[0]]] == [200] * 3
    with scope(workspace.pk):
        revoke_api_key(key=ApiKey.objects.get(), moment=MOMENT)
    assert post(secret, LATER[1]).status_code == 401
    assert len(stored(workspace)["events"]) == 3


def test_what_must_go_both_ways_is_one_request_of_the_rate(settings: Any) -> None:
    settings.API_RATE = "4/d"
    secret = make_key(make_workspace(), ["ingest"])
    sent = [*FIRST, event("1", user="bob"), event("1"), event("2")]
    assert [post(secret, each).status_code for each in sent] == [200] * 4 + [429]
