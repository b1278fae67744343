"""The contract of POST /api/v1/events/: good events are stored when some are bad."""

import gzip
import json
from typing import Any

import pytest
from django.test import Client

from accounts.models import Account, Workspace
from accounts.tenancy import scope
from tests.factories import bearer, make_key, make_workspace
from usage.models import EventKey, RejectedEvent, UsageEvent

pytestmark = pytest.mark.django_db

ADDRESS = "/api/v1/events/"


def event(event_id: str = "1", **fields: Any) -> dict[str, Any]:
    return {
        "event_id": event_id,
        "account": "acme",
        "user": "ann",
        "type": "login",
        "occurred_at": "2026-02-10T10:00:00Z",
    } | fields


def post(workspace: Workspace, body: Any, scopes: list[str] | None = None, **headers: Any) -> Any:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    key = make_key(workspace, scopes or ["ingest"])
    sent: dict[str, Any] = bearer(key) | headers
    return Client().post(ADDRESS, data, "application/json", **sent)


def stored(workspace: Workspace) -> list[str]:
    with scope(workspace.pk):
        keys = sorted(EventKey.objects.values_list("event_id", flat=True))
        assert sorted(UsageEvent.objects.values_list("event_id", flat=True)) == keys
        return keys


def test_events_are_accepted_and_counted_once() -> None:
    workspace = make_workspace()
    batch = {"events": [event("1"), event("2", type="feature", feature="reports"), event("1")]}
    answer = post(workspace, batch)
    assert (answer.status_code, answer.json()) == (
        200,
        {"accepted": 2, "duplicates": 1, "rejected": []},
    )
    again = post(workspace, batch)
    assert again.json() == {"accepted": 0, "duplicates": 3, "rejected": []}
    assert stored(workspace) == ["1", "2"]


BAD: list[tuple[dict[str, Any], str]] = [
    ({"occurred_at": "2026-02-10T10:00:00"}, "occurred_at: has no time zone: write it like"),
    ({"occurred_at": "yesterday"}, "occurred_at: not a time: write it like"),
    ({"occurred_at": 1770000000}, "occurred_at: Expected `datetime`, got `int`"),
    ({"occurred_at": "2199-01-01T00:00:00Z"}, "occurred_at: more than 24 hours in the future"),
    ({"occurred_at": "1999-12-31T23:59:59Z"}, "occurred_at: before the year 2000"),
    ({"occurred_at": "0001-01-01T00:00:00+23:59"}, "occurred_at: before the year 2000"),
    ({"event_id": ""}, "event_id: must not be empty"),
    ({"event_id": "x" * 65}, "event_id: longer than 64"),
    ({"event_id": 5}, "event_id: Expected `str`, got `int`"),
    ({"account": "x" * 1_000_000}, "account: longer than 200"),
    ({"account": ""}, "account: must not be empty"),
    ({"account": " "}, "account: must not be empty"),
    ({"account": " acme"}, "account: without spaces at the ends and without control characters"),
    ({"account": "ac\nme"}, "account: without spaces at the ends and without control characters"),
    ({"account": None}, "account: Expected `str`, got `null`"),
    ({"user": "x" * 1_000_000}, "user: longer than 200"),
    ({"user": "a\0b"}, "contains a NUL character"),
    ({"user": "\ud83d"}, "contains text that is not valid Unicode"),
    ({"properties": {"a": {"b\0": 1}}}, "contains a NUL character"),
    ({"properties": [1]}, "properties: Expected `object | null`, got `array`"),
    ({"type": ""}, "type: must not be empty"),
    ({"type": "feature"}, "feature: is required where the type is “feature”"),
    ({"count": 0}, "count: must be at least 1"),
    ({"count": 1.5}, "count: Expected `int`, got `float`"),
    ({"count": "2"}, "count: Expected `int`, got `str`"),
    ({"count": True}, "count: Expected `int`, got `bool`"),
    ({"count": 2**31}, "count: must be at most 2147483647"),
    ({"count": 10**30}, "count: must be at most 2147483647"),
    ({"duration_seconds": -1}, "duration_seconds: must be at least 0"),
    ({"duration_seconds": 2**63}, "duration_seconds: must be at most 2147483647"),
    ({"colour": "red"}, "colour: unknown field"),
]


@pytest.mark.parametrize(("fields", "message"), BAD)
def test_bad_event_is_rejected_and_the_good_ones_stored(
    fields: dict[str, Any], message: str
) -> None:
    workspace = make_workspace()
    bad = event("bad") | fields
    answer = post(workspace, {"events": [event("1"), bad, event("2")]})
    assert answer.status_code == 200
    (rejected,) = answer.json()["rejected"]
    assert rejected["index"] == 1
    assert rejected["message"].startswith(message)
    wanted = bad["event_id"][:100] if isinstance(bad["event_id"], str) else None
    assert rejected["event_id"] == (wanted or None)
    assert answer.json()["accepted"] == 2
    assert stored(workspace) == ["1", "2"]
    with scope(workspace.pk):
        kept = RejectedEvent.objects.get()
        assert kept.message == rejected["message"]
        assert len(json.dumps(kept.body)) < 33_000
        assert [account.key for account in Account.objects.all()] == ["acme"]


@pytest.mark.parametrize("field", ["event_id", "account", "user", "type", "occurred_at"])
def test_event_without_a_field_is_rejected(field: str) -> None:
    workspace = make_workspace()
    answer = post(workspace, {"events": [{k: v for k, v in event().items() if k != field}]})
    assert answer.json()["rejected"][0]["message"] == f"{field}: is required"
    assert stored(workspace) == []


@pytest.mark.parametrize("raw", ["5", "null", "[]", '"x"', "{}"])
def test_event_that_is_no_object_is_rejected(raw: str) -> None:
    workspace = make_workspace()
    answer = post(workspace, f'{{"events": [{raw}]}}'.encode())
    assert (answer.status_code, len(answer.json()["rejected"])) == (200, 1)
    assert answer.json()["rejected"][0]["event_id"] is None


def test_body_nested_too_deeply_is_refused() -> None:
    workspace = make_workspace()
    deep = '{"a":' * 50_000 + "1" + "}" * 50_000
    bad = json.dumps(event("bad"))[:-1] + f', "properties": {deep}}}'
    assert post(workspace, f'{{"events": [{bad}]}}'.encode()).status_code == 400
    assert stored(workspace) == []


@pytest.mark.parametrize(
    "fields",
    [
        {"occurred_at": "2026-02-10T10:00:00.123456789+15:59"},
        {"occurred_at": "2026-02-10T10:00:00-23:59"},
        {"type": "invoice {paid}, \"now\" \\ 'NULL'", "user": "NULL", "event_id": "a,b\\\"{}'%s"},
        {"properties": {"text": "\\u0000 \\ \" ' {}", "π": [1, None, {"a": 1.5}]}},
        {"duration_seconds": 12.5, "count": 2**31 - 1},
        {"feature": None, "duration_seconds": None, "properties": None},
        {"user": "汉字 😀"},
    ],
)
def test_unusual_but_good_event_is_stored_as_sent(fields: dict[str, Any]) -> None:
    workspace = make_workspace()
    sent = event() | fields
    assert post(workspace, {"events": [sent]}).json()["accepted"] == 1
    with scope(workspace.pk):
        found = UsageEvent.objects.get()
        assert (found.event_id, found.type) == (sent["event_id"], sent["type"])
        assert found.properties == sent.get("properties")
        assert found.count == sent.get("count", 1)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"{", 400),
        (b'{"events": [}', 400),
        (b"[]", 400),
        (b"null", 400),
        (b"{}", 400),
        (b'{"events": {}}', 400),
        (b'{"events": [], "more": 1}', 400),
        (b'{"events": [{"event_id": "\\ud800"}], "x": NaN}', 400),
        (b'{"events": ["\xff"]', 400),
    ],
)
def test_unreadable_envelope_is_refused(body: bytes, status: int) -> None:
    workspace = make_workspace()
    answer = post(workspace, body)
    assert answer.status_code == status
    assert set(answer.json()) == {"code", "message", "detail", "errors"}


def test_batch_over_the_limit_stores_nothing() -> None:
    workspace = make_workspace()
    answer = post(workspace, {"events": [event(str(n)) for n in range(5001)]})
    assert answer.status_code == 413
    assert "5000" in answer.json()["message"]
    assert stored(workspace) == []


def test_body_over_the_limit_is_refused(settings: Any) -> None:
    settings.API_BODY_LIMIT = 1000
    workspace = make_workspace()
    body = json.dumps({"events": [event(str(n)) for n in range(50)]}).encode()
    assert post(workspace, body).status_code == 413
    packed = post(workspace, gzip.compress(body), HTTP_CONTENT_ENCODING="gzip")
    assert packed.status_code == 413
    assert stored(workspace) == []


def test_gzip_body_is_inflated() -> None:
    workspace = make_workspace()
    body = gzip.compress(json.dumps({"events": [event()]}).encode())
    assert post(workspace, body, HTTP_CONTENT_ENCODING="gzip").json()["accepted"] == 1
    broken = post(workspace, body[:-9], HTTP_CONTENT_ENCODING="gzip")
    assert broken.status_code == 400


def test_unknown_account_is_rejected_where_the_workspace_says_so() -> None:
    workspace = make_workspace(unknown_accounts="reject")
    with scope(workspace.pk):
        Account.objects.create(key="acme", name="Acme")
    batch = {"events": [event("1", account="other"), event("1"), event("2", account="other")]}
    answer = post(workspace, batch).json()
    assert (answer["accepted"], [bad["index"] for bad in answer["rejected"]]) == (1, [0, 2])
    with scope(workspace.pk):
        Account.objects.create(key="other", name="Other")
    assert post(workspace, {"events": [event("2", account="other")]}).json()["accepted"] == 1


@pytest.mark.parametrize(("scopes", "status"), [(["ingest"], 200), (["read", "write"], 403)])
def test_events_need_the_ingest_scope(scopes: list[str], status: int) -> None:
    assert post(make_workspace(), {"events": []}, scopes).status_code == status


def test_events_need_a_key() -> None:
    wrong: dict[str, Any] = bearer("sk_wrong")
    answer = Client().post(ADDRESS, {"events": []}, "application/json", **wrong)
    assert answer.status_code == 401
    assert Client().post(ADDRESS, {"events": []}, "application/json").status_code == 401


def test_events_of_another_workspace_are_its_own() -> None:
    one, other = make_workspace(), make_workspace()
    assert post(one, {"events": [event("1")]}).json()["accepted"] == 1
    assert post(other, {"events": [event("1")]}).json()["accepted"] == 1
    assert stored(one) == stored(other) == ["1"]
