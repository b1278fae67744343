"""What came in, by hour and day, by key and source."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import ApiKey, Role, Workspace
from accounts.services.keys import revoke_api_key
from accounts.tenancy import scope
from tests.factories import bearer, make_key, make_member, make_workspace
from usage.bars import Piece, stacked_bars
from usage.events import Source
from usage.intake import Counts, came_in, reasons, starts_of
from usage.services.ingest import ingest_events

pytestmark = pytest.mark.django_db

MOMENT = datetime(2026, 3, 10, 12, 20, tzinfo=UTC)
PAGE = "/w/{}/settings/intake/"


def events(*ids: str) -> list[dict[str, Any]]:
    return [
        {
            "event_id": event_id,
            "account": "acme",
            "user": "ann",
            "type": "login",
            "occurred_at": "2026-03-01T10:00:00Z",
        }
        for event_id in ids
    ]


def send(workspace: Workspace, given: list[Any], *, hours: int = 0, **source: Any) -> None:
    moment = MOMENT - timedelta(hours=hours)
    with scope(workspace.pk):
        ingest_events(workspace=workspace, events=given, moment=moment, source=Source(**source))


def signed_in(workspace: Workspace, role: str = Role.ADMIN) -> Client:
    client = Client()
    client.force_login(make_member(workspace, role))
    return client


def test_batches_are_counted_by_hour_key_and_source() -> None:
    workspace = make_workspace()
    make_key(workspace)
    with scope(workspace.pk):
        key = ApiKey.objects.get().pk
    send(workspace, events("1", "2", "2"), api_key_id=key)
    send(workspace, [*events("2", "3"), {}], api_key_id=key)
    send(workspace, events("4"), name="import", hours=3)
    with scope(workspace.pk):
        rows = came_in(starts_of("hour", MOMENT, workspace.zone), MOMENT)
    assert [(row.number, row.sender.api_key_id, row.sender.source) for row in rows] == [
        (47, key, "api"),
        (44, None, "import"),
    ]
    assert [row.counts for row in rows] == [Counts(3, 2, 1), Counts(1, 0, 0)]
    assert rows[0].last_at == MOMENT


def test_days_are_those_of_the_time_zone() -> None:
    workspace = make_workspace(time_zone="America/New_York")
    send(workspace, events("1"), hours=9)
    send(workspace, events("2"), hours=1)
    with scope(workspace.pk):
        rows = came_in(starts_of("day", MOMENT, workspace.zone), MOMENT)
    assert [(row.number, row.counts.accepted) for row in rows] == [(29, 1), (28, 1)]


def test_reasons_have_an_example_each() -> None:
    workspace = make_workspace()
    send(workspace, [{"event_id": "a"}, {"event_id": "b"}, *events("")])
    send(workspace, [{"event_id": "a"}])
    with scope(workspace.pk):
        found = reasons()
    assert {(r.message, r.events, r.occurrences) for r in found} == {
        ("account: is required", 2, 3),
        ("event_id: must not be empty", 1, 1),
    }
    assert {r.example.message for r in found} == {r.message for r in found}


def test_bars_fill_the_height_and_none_is_too_small_to_be_seen() -> None:
    low, high, nothing = stacked_bars([(1, 0, 1), (10_000, 0, 0), (0, 0, 0)], height=100)
    assert low.pieces == (Piece(98.0, 2.0), None, Piece(96.0, 2.0))
    assert high.pieces == (Piece(4.0, 96.0), None, None)
    assert nothing.pieces == (None, None, None)


@time_machine.travel(MOMENT, tick=False)
def test_page_shows_numbers_keys_and_reasons() -> None:
    workspace = make_workspace()
    make_key(workspace)
    with scope(workspace.pk):
        key = ApiKey.objects.get()
    send(workspace, [*events("1", "1", "2"), {"event_id": "x"}], api_key_id=key.pk)
    client = signed_in(workspace)
    page = client.get(PAGE.format(workspace.slug))
    text = page.content.decode()
    assert page.context["total"] == Counts(2, 1, 1)
    for shown in ("account: is required", key.prefix, "2 accepted, 1 duplicates, 1 rejected"):
        assert shown in text, shown
    narrowed = client.get(PAGE.format(workspace.slug), {"sender": "import-"})
    assert narrowed.context["total"] == Counts(2, 1, 1), "an unknown sender narrows nothing"
    fragment = client.get(
        PAGE.format(workspace.slug), headers={"HX-Request": "true", "HX-Target": "intake"}
    )
    assert fragment.content.decode().lstrip().startswith('<div class="stack" id="intake"')


@time_machine.travel(MOMENT, tick=False)
def test_csv_has_a_line_for_each_hour_and_sender() -> None:
    workspace = make_workspace(time_zone="Asia/Kolkata")
    send(workspace, [*events("1", "2"), {}], name="segment", hours=2)
    answer = signed_in(workspace).get(PAGE.format(workspace.slug), {"format": "csv"})
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.content.decode().splitlines() == [
        "from,key,key_name,source,accepted,duplicates,rejected,last_at",
        "2026-03-10T15:30:00+05:30,,,segment,2,0,1,2026-03-10T10:20:00+00:00",
    ]


def test_empty_page_says_how_to_send_the_first_event() -> None:
    workspace = make_workspace()
    text = signed_in(workspace).get(PAGE.format(workspace.slug)).content.decode()
    assert "curl -H" in text
    assert "http://testserver/api/v1/events/" in text


def test_page_has_the_same_queries_for_any_number_of_keys() -> None:
    workspace = make_workspace()
    client = signed_in(workspace)
    counts = []
    for number in (1, 12):
        for _ in range(number):
            make_key(workspace)
        with scope(workspace.pk):
            keys = list(ApiKey.objects.values_list("pk", flat=True))
        for key in keys:
            send(workspace, [*events(str(key)), {"event_id": str(key)}, {}], api_key_id=key)
        client.get(PAGE.format(workspace.slug))
        with CaptureQueriesContext(connection) as queries:
            client.get(PAGE.format(workspace.slug))
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_only_admins_of_the_workspace_see_what_came_in() -> None:
    workspace = make_workspace()
    url = PAGE.format(workspace.slug)
    assert signed_in(workspace).get(url).status_code == 200
    assert signed_in(workspace, Role.MANAGER).get(url).status_code == 403
    assert signed_in(make_workspace()).get(url).status_code == 404


@time_machine.travel(MOMENT, tick=False)
def test_api_answers_the_same_rows(client: Client) -> None:
    workspace = make_workspace()
    secret = make_key(workspace, ["read"])
    send(workspace, [*events("1", "2"), {}], name="segment", hours=2)
    answer = client.get("/api/v1/intake/", **bearer(secret))
    row = {
        "from": "2026-03-10T10:00:00Z",
        "key": None,
        "key_name": None,
        "source": "segment",
        "accepted": 2,
        "duplicates": 0,
        "rejected": 1,
        "last_at": "2026-03-10T10:20:00Z",
    }
    assert answer.json() == {"results": [row], "next": None}
    days = client.get("/api/v1/intake/", {"step": "day"}, **bearer(secret)).json()["results"]
    assert days == [{**row, "from": "2026-03-10T00:00:00Z"}]
    other = make_key(make_workspace(), ["read"])
    assert client.get("/api/v1/intake/", **bearer(other)).json()["results"] == []
    ingest = make_key(workspace, ["ingest"])
    assert client.get("/api/v1/intake/", **bearer(ingest)).status_code == 403


def test_requests_that_were_refused_whole_are_told_by_key(client: Client) -> None:
    workspace = make_workspace()
    good, poor = make_key(workspace, ["ingest"]), make_key(workspace, ["read"])
    revoked = make_key(workspace, ["ingest"])
    with scope(workspace.pk):
        newest = ApiKey.objects.order_by("-pk")[0]
        revoke_api_key(key=newest, moment=timezone.now())
    for secret, body in ((good, "{"), (good, "{"), (poor, "{}"), (revoked, "{}"), ("sk_x", "{}")):
        client.post("/api/v1/events/", body, "application/json", **bearer(secret))
    page = signed_in(workspace).get(PAGE.format(workspace.slug))
    found = sorted((row.status, row.number) for row in page.context["refused"])
    assert found == [(400, 2), (401, 1), (403, 1)]
    assert "The key was revoked or has expired." in page.content.decode()
    other = make_workspace()
    assert signed_in(other).get(PAGE.format(other.slug)).context["refused"] == []
