"""DELETE /api/v1/events/: events taken back."""

from typing import Any

import pytest
from django.test import Client

from accounts.models import Workspace
from accounts.tenancy import scope
from tests.factories import bearer, make_key, make_workspace
from usage.models import AccountDay, UsageEvent

pytestmark = pytest.mark.django_db

URL = "/api/v1/events/"
EVENT = {
    "account": "acme",
    "user": "ann",
    "type": "login",
    "occurred_at": "2026-02-10T23:30:00Z",
}


def call(client: Client, method: str, secret: str, *events: dict[str, Any]) -> Any:
    send = getattr(client, method)
    body = {"events": list(events)}
    return send(URL, data=body, content_type="application/json", **bearer(secret))


@pytest.fixture
def acme() -> Workspace:
    return make_workspace(time_zone="Asia/Kolkata")


def test_withdrawn_events_are_as_if_they_had_never_come(client: Client, acme: Workspace) -> None:
    secret = make_key(acme, ["ingest"])
    sent = [{**EVENT, "event_id": event_id} for event_id in "abc"]
    assert call(client, "post", secret, *sent).json()["accepted"] == 3
    asked = [
        {"event_id": "a", "occurred_at": "2026-02-10T23:30:00Z"},
        {"event_id": "b", "day": "2026-02-11"},
        {"event_id": "c", "day": "2026-05-11"},
        {"event_id": "d"},
    ]
    for answer in ({"withdrawn": 2, "unknown": 2}, {"withdrawn": 0, "unknown": 4}):
        response = call(client, "delete", secret, *asked)
        assert (response.status_code, response.json()) == (200, answer)
    with scope(acme.pk):
        assert UsageEvent.objects.get().event_id == "c"
        assert AccountDay.objects.get().logins == 1


def test_key_of_another_workspace_takes_nothing_back(client: Client, acme: Workspace) -> None:
    call(client, "post", make_key(acme), {**EVENT, "event_id": "a"})
    stranger = make_key(make_workspace())
    response = call(client, "delete", stranger, {"event_id": "a"})
    assert response.json() == {"withdrawn": 0, "unknown": 1}
    with scope(acme.pk):
        assert UsageEvent.objects.count() == 1


def test_withdrawal_needs_the_scope_and_a_good_body(client: Client, acme: Workspace) -> None:
    assert call(client, "delete", make_key(acme, ["read"]), {"event_id": "a"}).status_code == 403
    response = call(client, "delete", make_key(acme, ["ingest"]), {"event_id": ""})
    assert (response.status_code, response.json()["errors"][0]["path"]) == (
        400,
        "events[0].event_id",
    )


@pytest.mark.parametrize("at", ["0001-01-01T00:00:00+12:00", "9999-12-31T23:59:59-12:00"])
def test_time_beyond_the_calendar_is_refused(client: Client, acme: Workspace, at: str) -> None:
    asked = {"event_id": "a", "occurred_at": at}
    assert call(client, "delete", make_key(acme, ["ingest"]), asked).status_code == 400


def test_withdrawal_sent_again_leaves_what_was_sent_since(client: Client, acme: Workspace) -> None:
    secret = make_key(acme, ["ingest"])
    event = {**EVENT, "event_id": "a"}

    def withdrawn() -> Any:
        return client.delete(
            URL,
            data={"events": [{"event_id": "a"}]},
            content_type="application/json",
            headers={"Idempotency-Key": "once"},
            **bearer(secret),
        ).json()

    call(client, "post", secret, event)
    assert withdrawn() == {"withdrawn": 1, "unknown": 0}
    call(client, "post", secret, {**event, "user": "bob"})
    assert withdrawn() == {"withdrawn": 1, "unknown": 0}
    with scope(acme.pk):
        assert UsageEvent.objects.count() == 1
