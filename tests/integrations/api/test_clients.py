"""What the public clients send, over HTTP; the clients themselves are tried in tests/sdks."""

import base64
import gzip
import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from accounts.models import Account, StaleAccount, Workspace
from accounts.models.workspace import UnknownAccounts
from accounts.tenancy import scope
from integrations.api.urls import POSTHOG, SEGMENT, client_urlpatterns
from integrations.models import KnownUser, WaitingEvent
from tests.factories import bearer, make_account, make_key, make_workspace
from usage.models import AccountDay, EndUser, Feature, IntakeHour, RejectedEvent, UsageEvent

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def workspace() -> Workspace:
    return make_workspace()


@pytest.fixture
def key(workspace: Workspace) -> str:
    return make_key(workspace, ["ingest"])


def basic(key: str) -> dict[str, Any]:
    return {"HTTP_AUTHORIZATION": f"Basic {base64.b64encode(f'{key}:'.encode()).decode()}"}


def post(path: str, body: object, **extra: Any) -> Any:
    text = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Client().post(path, text, content_type="application/json", **extra)


def say(kind: str, minute: int, **said: Any) -> dict[str, Any]:
    at = (NOON + timedelta(minutes=minute)).isoformat()
    message_id = f"{kind}-{minute}-{said.get('userId', 'ann')}"
    return {"type": kind, "userId": "ann", "timestamp": at, "messageId": message_id, **said}


def sent(key: str, *messages: object) -> Any:
    response = post("/v1/batch", {"batch": messages}, **basic(key))
    assert response.status_code == 200, response.content
    return response.json()


def events(workspace: Workspace) -> list[tuple[str, str, str, str]]:
    """Account, user, type and feature of each event, by time."""
    with scope(workspace.pk):
        accounts = dict(Account.objects.values_list("id", "key"))
        users = dict(EndUser.objects.values_list("id", "key"))
        features = dict(Feature.objects.values_list("id", "key"))
        return [
            (
                accounts[event.account_id],
                users[event.end_user_id],
                event.type,
                features.get(event.feature_id or 0, ""),
            )
            for event in UsageEvent.objects.order_by("occurred_at", "event_id")
        ]


# -- The way in -----------------------------------------------------------------------------------

USE = say("track", 0, event="Exported", context={"groupId": "acme"})
CAPTURE = {
    "uuid": "u",
    "event": "x",
    "distinct_id": "ann",
    "properties": {"$groups": {"company": "a"}},
}


@pytest.mark.parametrize("slash", ["", "/"])
@pytest.mark.parametrize("address", ["v1/batch", *(f"v1/{kind}" for kind in sorted(SEGMENT))])
def test_segment_is_taken_in_with_and_without_slash(key: str, address: str, slash: str) -> None:
    extra = {"groupId": "acme", "previousId": "old", "event": "x", "type": None}
    message = {**USE, "type": "track"} if address == "v1/batch" else {**USE, **extra}
    body = {"batch": [message]} if address == "v1/batch" else message
    response = post(f"/{address}{slash}", body, **basic(key))
    assert (response.status_code, response.json()["rejected"]) == (200, [])


@pytest.mark.parametrize("slash", ["", "/"])
@pytest.mark.parametrize("address", sorted(POSTHOG))
def test_posthog_is_taken_in_with_and_without_slash(key: str, address: str, slash: str) -> None:
    response = post(f"/{address}{slash}", {"api_key": key, "batch": [CAPTURE]})
    assert (response.status_code, response.json()["accepted"]) == (200, 1)
    alone = post(f"/{address}{slash}", {**CAPTURE, "api_key": key})
    assert (alone.status_code, alone.json()["duplicates"]) == (200, 1)


def test_no_address_redirects_even_to_tls(key: str, settings: Any) -> None:
    settings.SECURE_SSL_REDIRECT = True
    addresses = [str(pattern.pattern) for pattern in client_urlpatterns if pattern.name]
    named = [
        a for a, p in zip(addresses, client_urlpatterns, strict=True) if "client-" in str(p.name)
    ]
    assert len(named) == 2 * (1 + len(SEGMENT) + len(POSTHOG) + 1)
    for address in named:
        assert post(f"/{address}", {"batch": [], "api_key": key}).status_code == 200


@pytest.mark.parametrize(
    "how",
    [
        lambda key: (basic(key), {}),
        lambda key: (bearer(key), {}),
        lambda key: ({}, {"writeKey": key}),
        lambda key: ({}, {"api_key": key}),
    ],
    ids=["basic", "bearer", "writeKey", "api_key"],
)
def test_key_comes_in_the_header_or_in_the_body(key: str, how: Any) -> None:
    headers, named = how(key)
    response = post("/v1/batch", {"batch": [USE], **named}, **headers)
    assert (response.status_code, response.json()["accepted"]) == (200, 1)


def test_gzip_is_taken_in_whatever_its_content_type(key: str, workspace: Workspace) -> None:
    body = gzip.compress(json.dumps({"batch": [USE]}).encode())
    response = Client().post(
        "/v1/batch",
        body,
        content_type="application/x-www-form-urlencoded",
        headers={"Content-Encoding": "gzip"},
        **basic(key),
    )
    assert (response.status_code, response.json()["accepted"]) == (200, 1)


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        (b"{", True, 400),
        (b'{"batch": 1}', True, 400),
        (b"[1]", True, 400),
        (b'{"batch": []}', False, 401),
        (b'{"batch": [], "writeKey": "sk_wrong"}', False, 401),
        (b"\x1f\x8bnothing", True, 400),
    ],
)
def test_envelope_that_is_refused_names_code_and_message(
    key: str, body: bytes, headers: bool, status: int
) -> None:
    response = post("/v1/batch", body, **(basic(key) if headers else {}))
    answer = response.json()
    assert (response.status_code, set(answer)) == (status, {"code", "message", "detail", "errors"})


def test_second_protocol_of_posthog_hears_of_each_event_that_was_not_stored(key: str) -> None:
    bad = {**CAPTURE, "uuid": "bad", "timestamp": "noon"}
    response = post("/i/v1/analytics/events", {"batch": [CAPTURE, bad]}, **bearer(key))
    details = "timestamp: not a time: write it like 2026-01-31T09:30:00Z"
    assert response.json() == {"results": {"bad": {"result": "drop", "details": details}}}


@pytest.mark.parametrize(
    "address", ["flags", "decide", "flags/definitions", "array/sk_x/config", "sourceConfig"]
)
@pytest.mark.parametrize("slash", ["", "/"])
def test_what_clients_ask_beside_is_answered(address: str, slash: str) -> None:
    for ask in (Client().get, Client(enforce_csrf_checks=True).post):
        response = ask(f"/{address}{slash}")
        assert (response.status_code, response["Content-Type"]) == (200, "application/json")


# -- What becomes of it ---------------------------------------------------------------------------


def test_batch_is_stored_once_however_often_it_is_sent(key: str, workspace: Workspace) -> None:
    batch = [
        say("identify", 0, traits={"name": "Ann", "email": "ann@acme.example"}),
        say("group", 1, groupId="acme", traits={"name": "Acme", "plan": "pro"}),
        say("track", 2, event="Signed In"),
        say("track", 3, event="Exported"),
        say("page", 4, name="Weekly"),
    ]
    assert sent(key, *batch)["accepted"] == 3
    assert sent(key, *batch)["duplicates"] == 3
    assert events(workspace) == [
        ("acme", "ann", "login", ""),
        ("acme", "ann", "feature", "Exported"),
        ("acme", "ann", "page", ""),
    ]
    with scope(workspace.pk):
        account = Account.objects.get()
        assert (account.name, account.attributes) == ("Acme", {"plan": "pro"})
        assert account.created_on == date(2026, 3, 1)
        user = EndUser.objects.get()
        assert (user.name, user.email) == ("Ann", "ann@acme.example")
        day = AccountDay.objects.get()
        assert (day.events, day.logins, day.feature_uses) == (3, 1, 1)
        assert StaleAccount.objects.get().from_day == date(2026, 3, 1)
        assert [(i.source, i.accepted, i.duplicates) for i in IntakeHour.objects.all()] == [
            ("segment", 3, 3)
        ]


def test_one_bad_message_spoils_no_other(key: str, workspace: Workspace) -> None:
    answer = sent(key, USE, "nonsense", {**USE, "messageId": "bad", "event": ""})
    assert answer == {
        "success": True,
        "status": "Ok",
        "accepted": 1,
        "duplicates": 0,
        "rejected": [
            {"index": 1, "event_id": None, "message": "not a JSON object"},
            {"index": 2, "event_id": "bad", "message": "event: is required"},
        ],
    }
    with scope(workspace.pk):
        assert RejectedEvent.objects.count() == 2


def test_key_in_the_body_is_kept_nowhere(key: str, workspace: Workspace) -> None:
    post("/v1/track", {**USE, "event": "", "writeKey": key})
    with scope(workspace.pk):
        assert key not in json.dumps(RejectedEvent.objects.get().body)


def test_nul_is_stripped(key: str, workspace: Workspace) -> None:
    assert sent(key, {**USE, "event": "Ex\0ported", "properties": {"a\0": "\0"}})["accepted"] == 1
    assert events(workspace) == [("acme", "ann", "feature", "Exported")]


def test_user_without_an_id_is_the_anonymous_one(key: str, workspace: Workspace) -> None:
    sent(key, {**USE, "userId": None, "anonymousId": "a1"})
    assert events(workspace) == [("acme", "a1", "feature", "Exported")]


def test_log_ins_are_named_by_the_workspace(key: str, workspace: Workspace) -> None:
    workspace.login_names = "Came In"
    workspace.save()
    sent(key, {**USE, "event": "came in"}, {**USE, "event": "Signed In", "messageId": "2"})
    assert sorted(events(workspace)) == [
        ("acme", "ann", "feature", "Signed In"),
        ("acme", "ann", "login", ""),
    ]


def test_account_is_the_last_group_of_the_user(key: str, workspace: Workspace) -> None:
    sent(key, say("group", 0, groupId="acme"), say("group", 10, groupId="globex"))
    sent(key, say("track", 20, event="new"))
    sent(key, say("group", 5, groupId="initech"), say("track", 30, event="newer"))
    found = {(account, feature) for account, _user, _type, feature in events(workspace)}
    assert found == {("globex", "new"), ("globex", "newer")}


def test_event_waits_for_the_group_of_its_user(key: str, workspace: Workspace) -> None:
    answer = sent(key, say("track", 5, event="early"), say("track", 6, userId="bob", event="other"))
    assert (answer["accepted"], len(answer["rejected"])) == (0, 2)
    assert answer["rejected"][0]["message"].startswith("account: the message names none")
    assert sent(key, say("group", 1, groupId="acme"))["rejected"] == []
    assert events(workspace) == [("acme", "ann", "feature", "early")]
    with scope(workspace.pk):
        assert [row.event_id for row in RejectedEvent.objects.all()] == ["track-6-bob"]
        assert WaitingEvent.objects.count() == 1
    assert sent(key, say("track", 5, event="early"))["duplicates"] == 1


def test_event_of_a_discarded_quarantine_does_not_come_back(key: str, workspace: Workspace) -> None:
    sent(key, say("track", 5, event="early"))
    with scope(workspace.pk):
        RejectedEvent.objects.update(discarded_at=NOON)
    sent(key, say("group", 1, groupId="acme"))
    assert events(workspace) == []


def test_older_traits_do_not_overwrite_newer_ones(key: str, workspace: Workspace) -> None:
    sent(
        key,
        say("group", 5, groupId="acme", traits={"name": "New", "plan": "pro"}),
        say("identify", 5, traits={"name": "New", "level": 2}),
        USE,
    )
    sent(
        key,
        say("group", 1, groupId="acme", traits={"name": "Old", "region": "north"}),
        say("identify", 1, traits={"name": "Old", "team": "red"}),
    )
    with scope(workspace.pk):
        account, user = Account.objects.get(), EndUser.objects.get()
        assert (account.name, account.attributes) == ("New", {"plan": "pro", "region": "north"})
        assert user.traits == {"name": "New", "level": 2, "team": "red"}


def test_words_within_a_batch_are_taken_by_time(key: str, workspace: Workspace) -> None:
    sent(
        key,
        say("group", 5, groupId="acme", traits={"plan": "pro", "gone": None}),
        say("group", 1, groupId="acme", traits={"plan": "free", "gone": 1}),
    )
    with scope(workspace.pk):
        assert Account.objects.get().attributes == {"plan": "pro"}


def test_group_that_says_nothing_new_changes_nothing(key: str, workspace: Workspace) -> None:
    traits = {"name": "Acme", "plan": "pro", "contract_value": 1200}
    sent(key, say("group", 0, groupId="acme", traits=traits))
    with scope(workspace.pk):
        StaleAccount.objects.all().delete()
    sent(key, say("group", 1, groupId="acme", traits=traits))
    sent(key, say("group", 2, groupId="acme"))
    with scope(workspace.pk):
        assert StaleAccount.objects.count() == 0
        assert Account.objects.get().contract_value_cents == 120_000


def test_traits_told_before_the_first_event_are_the_end_users(
    key: str, workspace: Workspace
) -> None:
    sent(key, say("identify", 0, traits={"firstName": "Ann", "lastName": "Lee"}))
    sent(key, USE)
    with scope(workspace.pk):
        assert EndUser.objects.get().name == "Ann Lee"


def test_alias_links_ids(key: str, workspace: Workspace) -> None:
    anonymous = {"userId": None, "anonymousId": "a1"}
    sent(key, say("group", 0, groupId="acme", **anonymous))
    sent(key, say("identify", 1, anonymousId="a1"), say("alias", 2, previousId="annie"))
    sent(
        key,
        say("track", 3, event="x", messageId="1"),
        say("track", 4, event="x", messageId="2", **anonymous),
        say("track", 5, event="x", messageId="3", userId="annie"),
    )
    assert events(workspace) == [("acme", "ann", "feature", "x")] * 3


def test_accounts_are_rejected_where_the_workspace_wants_it(key: str, workspace: Workspace) -> None:
    workspace.unknown_accounts = UnknownAccounts.REJECT
    workspace.save()
    make_account(workspace, "acme")
    answer = sent(
        key,
        say("group", 0, groupId="globex", traits={"name": "Globex"}),
        say("track", 1, event="x"),
        USE,
        say("group", 2, groupId="acme", traits={"plan": "pro"}, userId="bob"),
    )
    message = "account: there is no account with this key"
    assert [(bad["index"], bad["message"]) for bad in answer["rejected"]] == [(0, message)]
    assert events(workspace) == [
        ("acme", "ann", "feature", "Exported"),
        ("acme", "ann", "feature", "x"),
    ]
    with scope(workspace.pk):
        account = Account.objects.get()
        assert (account.key, account.attributes) == ("acme", {"plan": "pro"})
        remembered = dict(KnownUser.objects.values_list("key", "account_id"))
        assert remembered == {"ann": account.pk, "bob": account.pk}


def test_account_that_can_not_be_stored_is_refused_for_itself(
    key: str, workspace: Workspace
) -> None:
    answer = sent(
        key,
        say("group", 0, groupId="line\nbreak", traits={"name": "Bad"}),
        say("group", 1, groupId="acme", traits={"name": "Acme"}),
    )
    assert [bad["index"] for bad in answer["rejected"]] == [0]
    with scope(workspace.pk):
        assert [account.name for account in Account.objects.all()] == ["Acme"]


def test_word_of_the_future_is_refused(key: str, workspace: Workspace) -> None:
    late = (datetime.now(UTC) + timedelta(days=2)).isoformat()
    answer = sent(key, say("identify", 0, traits={"a": 1}, timestamp=late))
    assert answer["rejected"][0]["message"] == "timestamp: out of range"


def test_other_workspaces_know_nothing_of_it(key: str, workspace: Workspace) -> None:
    sent(key, say("group", 0, groupId="acme"), say("identify", 0, traits={"name": "Ann"}))
    other = make_workspace()
    answer = sent(make_key(other, ["ingest"]), say("track", 1, event="x"))
    assert answer["rejected"][0]["message"].startswith("account: the message names none")
    assert events(other) == []


def test_clients_are_told_apart(key: str, workspace: Workspace) -> None:
    sent(key, {**USE, "channel": "server"})
    post("/batch", {"api_key": key, "batch": [CAPTURE]})
    with scope(workspace.pk):
        assert sorted(IntakeHour.objects.values_list("source", flat=True)) == [
            "posthog",
            "rudderstack",
        ]


def test_message_is_taken_back_by_its_own_long_id(workspace: Workspace, key: str) -> None:
    long_id = "m" * 100
    sent(key, {**say("track", 1, event="x", messageId=long_id), "context": {"groupId": "acme"}})
    asked = {"events": [{"event_id": long_id}]}
    response = Client().delete(
        "/api/v1/events/", asked, content_type="application/json", **bearer(key)
    )
    assert response.json() == {"withdrawn": 1, "unknown": 0}
    assert events(workspace) == []


def test_message_without_id_and_time_counts_whenever_it_comes(
    workspace: Workspace, key: str
) -> None:
    message = {"userId": "ann", "event": "x", "context": {"groupId": "acme"}}
    for _time in range(2):
        assert post("/v1/track", message, **basic(key)).json()["accepted"] == 1


@pytest.mark.parametrize("path", ["/v1/nothing", "/v1/batch/x", "/i/v1/nothing"])
def test_wrong_address_has_a_code_and_a_message(path: str) -> None:
    response = post(path, {})
    assert response.status_code == 404
    assert set(response.json()) == {"code", "message", "detail", "errors"}
