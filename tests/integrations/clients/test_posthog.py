from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from integrations.clients.events import event_of, login_names
from integrations.clients.messages import Clock, Kind, Message, Unusable
from integrations.clients.posthog import read_posthog

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
LOGINS = login_names("Signed In\n$login")


def read(event: str = "Exported", **message: Any) -> Message:
    return read_posthog(
        {"uuid": "u", "distinct_id": "ann", "event": event, **message}, Clock(NOON), LOGINS
    )


@pytest.mark.parametrize(
    ("event", "what"),
    [
        ("Exported", {"type": "feature", "feature": "Exported"}),
        ("Signed In", {"type": "login"}),
        ("$login", {"type": "login"}),
        ("$pageview", {"type": "page"}),
        ("$screen", {"type": "screen"}),
        ("$autocapture", {"type": "$autocapture"}),
    ],
)
def test_event_becomes_login_page_feature_or_activity(event: str, what: dict[str, str]) -> None:
    found = event_of(read(event), "ann", "acme", LOGINS)
    assert {name: found[name] for name in ("type", "feature") if name in found} == what


@pytest.mark.parametrize("event", ["$feature_flag_called", "$exception", "$snapshot"])
def test_what_the_client_sends_of_itself_is_nothing(event: str) -> None:
    assert read(event).kind is Kind.NOTHING


def test_properties_are_kept_without_those_of_the_client() -> None:
    properties = {"rows": 3, "$lib": "x", "$groups": {"company": "acme"}, "$current_url": "/r"}
    assert read(properties=properties).properties == {"rows": 3, "$current_url": "/r"}


@pytest.mark.parametrize(
    ("groups", "account"),
    [
        ({"company": "acme"}, "acme"),
        ({"company": 7}, "7"),
        ({"project": "p", "company": "acme"}, "acme"),
        ({"Organization": "acme", "team": "t"}, "acme"),
        ({"clinic": "north"}, "north"),
        ({"company": ""}, ""),
        ({}, ""),
        ("acme", ""),
    ],
)
def test_account_is_the_group_of_the_likeliest_type(groups: object, account: str) -> None:
    assert read(properties={"$groups": groups}).account == account


@pytest.mark.parametrize(("group_type", "must_exist"), [("company", False), ("project", True)])
def test_group_of_another_type_is_an_account_only_where_it_is_known(
    group_type: str, must_exist: bool
) -> None:
    message = read(
        "$groupidentify",
        properties={"$group_type": group_type, "$group_key": "acme", "$group_set": {"plan": "pro"}},
    )
    assert (message.kind, message.account, message.traits) == (Kind.GROUP, "acme", {"plan": "pro"})
    assert (message.must_exist, message.remember) == (must_exist, False)


def test_traits_are_set_by_events_of_every_kind() -> None:
    set_ = read("$set", properties={"$set": {"name": "Ann"}, "$set_once": {"first": 1}})
    top = read("$identify", **{"$set": {"name": "Ann"}, "$set_once": {"first": 1}})
    use = read(properties={"$set": {"name": "Ann"}, "$set_once": {"first": 1}})
    assert set_.kind is top.kind is Kind.IDENTIFY
    for message in (set_, top, use):
        assert (message.traits, message.defaults) == ({"name": "Ann"}, {"first": 1})


def test_alias_is_the_id_from_now_on() -> None:
    message = read("$create_alias", properties={"distinct_id": "ann", "alias": "new"})
    assert (message.kind, message.user, message.other) == (Kind.ALIAS, "new", "ann")


def test_identify_links_the_anonymous_id() -> None:
    message = read("$identify", properties={"$anon_distinct_id": "a1"})
    assert (message.user, message.other) == ("ann", "a1")


def test_time_is_the_events_by_our_clock() -> None:
    clock = Clock.of("2026-03-01T11:00:00Z", NOON)
    event = {"event": "x", "distinct_id": "ann", "timestamp": "2026-03-01T10:00:00Z"}
    assert read_posthog(event, clock, LOGINS).at == NOON - timedelta(hours=1)
    exact = {**event, "properties": {"$ignore_sent_at": True}}
    assert read_posthog(exact, clock, LOGINS).at == NOON - timedelta(hours=2)


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"event": ""}, "event: is required"),
        ({"distinct_id": None}, "distinct_id: is required"),
        ({"event": "$groupidentify"}, "properties.$group_key: is required"),
        ({"event": "$create_alias"}, "properties.alias: is required"),
    ],
)
def test_event_that_can_not_be_used_says_why(given: dict[str, Any], reason: str) -> None:
    with pytest.raises(Unusable) as raised:
        read(**given)
    assert str(raised.value) == reason


def test_event_without_id_and_time_is_another_one_when_it_comes_later() -> None:
    said = {"event": "x", "distinct_id": "ann"}
    first, second = (
        read_posthog(said, Clock(at), LOGINS) for at in (NOON, NOON + timedelta(minutes=1))
    )
    assert first.event_id != second.event_id
