from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from integrations.clients.events import event_of, login_names
from integrations.clients.messages import Clock, Kind, Message, Unusable
from integrations.clients.segment import read_segment

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
LOGINS = login_names("Signed In\n Logged In \n\n$login")


def read(**message: Any) -> Message:
    return read_segment({"messageId": "m", "userId": "ann", **message}, Clock(NOON))


def test_track_is_a_use_of_the_feature_of_that_name() -> None:
    message = read(
        type="track",
        event=" Report Exported ",
        properties={"rows": 3, "duration_seconds": 4.5},
        timestamp="2026-03-01T11:00:00Z",
    )
    assert event_of(message, "ann", "acme", LOGINS) == {
        "event_id": "m",
        "account": "acme",
        "user": "ann",
        "type": "feature",
        "feature": "Report Exported",
        "occurred_at": "2026-03-01T11:00:00+00:00",
        "duration_seconds": 4.5,
        "properties": {"rows": 3, "duration_seconds": 4.5},
    }


@pytest.mark.parametrize("name", ["Signed In", "signed in", "LOGGED IN", "$login"])
def test_track_with_the_name_of_a_login_is_one(name: str) -> None:
    event = event_of(read(type="track", event=name), "ann", "acme", LOGINS)
    assert (event["type"], "feature" in event) == ("login", False)


@pytest.mark.parametrize("kind", ["page", "screen"])
def test_page_is_activity_and_no_feature(kind: str) -> None:
    message = read(type=kind, name="Weekly", category="Reports", properties={"path": "/w"})
    event = event_of(message, "ann", "acme", LOGINS)
    assert event == {
        "event_id": "m",
        "account": "acme",
        "user": "ann",
        "type": kind,
        "occurred_at": "2026-03-01T12:00:00+00:00",
        "properties": {"path": "/w", "name": "Weekly", "category": "Reports"},
    }


@pytest.mark.parametrize(
    ("given", "people"),
    [
        ({"userId": "ann"}, ("ann", "")),
        ({"userId": 42}, ("42", "")),
        ({"userId": 42.0}, ("42", "")),
        ({"userId": "ann", "anonymousId": "a1"}, ("ann", "a1")),
        ({"userId": "", "anonymousId": "a1"}, ("a1", "")),
        ({"userId": None, "anonymousId": "a1"}, ("a1", "")),
        ({"userId": " ann "}, ("ann", "")),
    ],
)
def test_who_is_the_user_or_else_the_anonymous_id(
    given: dict[str, Any], people: tuple[str, str]
) -> None:
    message = read(type="identify", **given)
    assert (message.user, message.other) == people


@pytest.mark.parametrize(
    ("given", "account"),
    [
        ({"type": "track", "event": "x", "context": {"groupId": "acme"}}, "acme"),
        ({"type": "track", "event": "x", "context": {"groupId": 7}}, "7"),
        ({"type": "group", "groupId": "acme", "context": {"groupId": "other"}}, "acme"),
        ({"type": "track", "event": "x", "context": "nothing"}, ""),
    ],
)
def test_account_is_the_group(given: dict[str, Any], account: str) -> None:
    assert read(**given).account == account


def test_traits_of_identify_lie_in_the_message_or_in_its_context() -> None:
    segment = read(type="identify", traits={"name": "Ann"})
    rudder = read(type="identify", context={"traits": {"name": "Ann"}})
    assert segment.traits == rudder.traits == {"name": "Ann"}


def test_alias_links_the_previous_id() -> None:
    message = read(type="alias", previousId="old")
    assert (message.kind, message.user, message.other) == (Kind.ALIAS, "ann", "old")


def test_client_of_rudderstack_for_node_says_the_time_in_each_message() -> None:
    message = read(
        type="track",
        event="x",
        originalTimestamp="2026-03-01T10:00:00Z",
        sentAt="2026-03-01T11:00:00Z",
    )
    assert message.at == NOON - timedelta(hours=1)


def test_id_that_is_missing_is_a_digest_that_stays_the_same() -> None:
    said = {"type": "track", "event": "x", "messageId": None, "timestamp": "2026-03-01T10:00:00Z"}
    first, again = read(**said), read(**said, sentAt="2026-03-01T12:00:00Z")
    assert (len(first.event_id), first.event_id) == (64, again.event_id)
    assert read(**{**said, "event": "y"}).event_id != first.event_id


def test_message_without_id_and_time_is_another_one_when_it_comes_later() -> None:
    said = {"type": "track", "event": "x", "userId": "ann"}
    first, second = (read_segment(said, Clock(at)) for at in (NOON, NOON + timedelta(minutes=1)))
    assert first.event_id != second.event_id


def test_id_that_is_too_long_is_its_digest() -> None:
    assert len(read(type="page", messageId="m" * 100).event_id) == 64


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"type": "lunch"}, "type: use one of track, page, screen, identify, group, alias"),
        ({"type": None}, "type: use one of track, page, screen, identify, group, alias"),
        ({"type": "track"}, "event: is required"),
        ({"type": "track", "event": 7}, "event: is required"),
        ({"type": "page", "userId": True}, "userId or anonymousId is required"),
        ({"type": "page", "userId": "x" * 201}, "userId: longer than 200"),
        ({"type": "group"}, "groupId: is required"),
        ({"type": "alias"}, "previousId: is required"),
        (
            {"type": "page", "timestamp": "noon"},
            "timestamp: not a time: write it like 2026-01-31T09:30:00Z",
        ),
    ],
)
def test_message_that_can_not_be_used_says_why(given: dict[str, Any], reason: str) -> None:
    with pytest.raises(Unusable) as raised:
        read(**given)
    assert str(raised.value) == reason
