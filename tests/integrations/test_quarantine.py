"""Rejected events are mended and replayed, edited, discarded and brought back."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Role, Workspace
from accounts.tenancy import scope
from integrations.services.replay import Replayed, replay
from tests.factories import bearer, make_account, make_key, make_member, make_workspace
from usage.models import AccountDay, IntakeHour, RejectedEvent, UsageEvent
from usage.services.ingest import ingest_events

pytestmark = pytest.mark.django_db

MOMENT = datetime(2026, 3, 1, 12, tzinfo=UTC)
UNKNOWN = "account: there is no account with this key"


def event(event_id: str, **fields: Any) -> dict[str, Any]:
    return {
        "event_id": event_id,
        "account": "acme",
        "user": "ann",
        "type": "login",
        "occurred_at": "2026-02-10T10:00:00Z",
        **fields,
    }


@pytest.fixture
def strict() -> Workspace:
    return make_workspace("strict", unknown_accounts="reject")


def reject(workspace: Workspace, *events: Any) -> list[int]:
    with scope(workspace.pk):
        ingest_events(workspace=workspace, events=events, moment=MOMENT)
        return list(RejectedEvent.objects.order_by("event_id").values_list("pk", flat=True))


def replay_all(workspace: Workspace, moment: datetime = MOMENT) -> Replayed:
    with scope(workspace.pk):
        ids = list(RejectedEvent.objects.waiting().values_list("pk", flat=True))
        return replay(workspace=workspace, ids=ids, moment=moment)


def waiting(workspace: Workspace) -> list[tuple[str, str]]:
    with scope(workspace.pk):
        rows = RejectedEvent.objects.waiting().order_by("event_id")
        return list(rows.values_list("event_id", "message"))


def signed_in(workspace: Workspace, role: str = Role.ADMIN) -> Client:
    client = Client()
    client.force_login(make_member(workspace, role))
    return client


def address(workspace: Workspace, rest: str = "") -> str:
    return f"/w/{workspace.slug}/settings/quarantine/{rest}"


def test_replay_stores_what_is_good_by_now(strict: Workspace) -> None:
    reject(strict, event("1"), event("2", account="globex"), {"event_id": "3"})
    assert replay_all(strict) == Replayed(0, 3)
    make_account(strict, "acme")
    assert replay_all(strict) == Replayed(1, 2)
    assert [event_id for event_id, _ in waiting(strict)] == ["2", "3"]
    with scope(strict.pk):
        assert AccountDay.objects.get().logins == 1
        assert sum(IntakeHour.objects.values_list("accepted", flat=True)) == 1
        assert set(RejectedEvent.objects.values_list("occurrences", flat=True)) == {1}


def test_replayed_event_that_came_meanwhile_is_counted_once(strict: Workspace) -> None:
    reject(strict, event("1"))
    make_account(strict, "acme")
    with scope(strict.pk):
        ingest_events(workspace=strict, events=[event("1")], moment=MOMENT)
    assert replay_all(strict) == Replayed(1, 0)
    with scope(strict.pk):
        assert (UsageEvent.objects.count(), AccountDay.objects.get().logins) == (1, 1)


def test_still_bad_event_stays_with_the_reason_of_now(strict: Workspace) -> None:
    ahead = (MOMENT + timedelta(days=2)).isoformat()
    reject(strict, event("1", occurred_at=ahead))
    assert waiting(strict)[0][1].startswith("occurred_at: more than 24 hours")
    assert replay_all(strict, MOMENT + timedelta(days=3)) == Replayed(0, 1)
    assert waiting(strict) == [("1", UNKNOWN)]


def test_what_was_not_json_can_not_be_replayed(strict: Workspace) -> None:
    reject(strict, event("1", account="x" * 40_000))
    before = waiting(strict)
    assert replay_all(strict) == Replayed(0, 1)
    assert waiting(strict) == before


@pytest.mark.parametrize(
    ("path", "bad", "good"),
    [
        (
            "/v1/batch",
            {"type": "track", "messageId": "m1", "userId": "ann", "context": {"groupId": "acme"}},
            {"event": "Signed In"},
        ),
        (
            "/batch/",
            {"uuid": "m1", "event": "$login", "properties": {"$groups": {"company": "acme"}}},
            {"distinct_id": "ann"},
        ),
    ],
)
def test_message_of_a_client_is_translated_again(
    path: str, bad: dict[str, Any], good: dict[str, Any]
) -> None:
    workspace = make_workspace()
    secret = make_key(workspace, ["ingest"])
    message = {**bad, "timestamp": "2026-02-10T10:00:00Z"}
    sent = Client().post(
        path, {"batch": [message], "api_key": secret}, "application/json", **bearer(secret)
    )
    assert sent.status_code == 200, sent.content
    with scope(workspace.pk):
        row = RejectedEvent.objects.get()
        assert row.api_key is not None
    assert replay_all(workspace) == Replayed(0, 1)
    client = signed_in(workspace)
    body = json.dumps({**row.body, **good})
    answer = client.post(address(workspace, f"{row.pk}/edit/"), {"body": body})
    assert answer.status_code == 302
    assert waiting(workspace) == []
    with scope(workspace.pk):
        assert AccountDay.objects.get().logins == 1


def test_page_shows_each_event_with_its_reason_and_body(strict: Workspace) -> None:
    reject(strict, event("1"), event("2", type=""), event("2", type=""))
    text = signed_in(strict).get(address(strict)).content.decode()
    for shown in (UNKNOWN, "type: must not be empty", "2 events", "sent 2 times since"):
        assert shown in text, shown
    assert "&quot;account&quot;: &quot;acme&quot;" in text


def test_filter_narrows_what_is_shown_and_what_is_replayed(strict: Workspace) -> None:
    reject(strict, event("1"), event("2", type=""))
    make_account(strict, "acme")
    client = signed_in(strict)
    text = client.get(address(strict), {"reason": UNKNOWN}).content.decode()
    assert "1 event" in text
    assert "type: must not be empty</h3>" not in text
    client.post(address(strict, "replay/"), {"all": "1", "reason": "nothing like it"})
    assert len(waiting(strict)) == 2
    client.post(address(strict, "replay/"), {"all": "1", "reason": UNKNOWN})
    assert [event_id for event_id, _ in waiting(strict)] == ["2"]


def test_chosen_events_are_discarded_and_brought_back(strict: Workspace) -> None:
    ids = reject(strict, event("1"), event("2"), event("3"))
    client = signed_in(strict)
    answer = client.post(address(strict, "discard/"), {"event": [str(pk) for pk in ids[:2]]})
    assert [event_id for event_id, _ in waiting(strict)] == ["3"]
    shown = client.get(answer["Location"])
    assert "2 events are discarded." in shown.content.decode()
    client.post(address(strict, "back/"), {"discarded": shown.context["discarded_at"]})
    assert [event_id for event_id, _ in waiting(strict)] == ["1", "2", "3"]


def test_edited_event_that_is_still_bad_keeps_what_was_written(strict: Workspace) -> None:
    (pk,) = reject(strict, event("1", type=""))
    client = signed_in(strict)
    for body, status in (("{", 422), ("[]", 422), (json.dumps(event("1", user="")), 302)):
        answer = client.post(address(strict, f"{pk}/edit/"), {"body": body})
        assert answer.status_code == status
    assert "user: must not be empty" in client.get(answer["Location"]).content.decode()
    assert waiting(strict) == [("1", "user: must not be empty")]
    make_account(strict, "acme")
    answer = client.post(address(strict, f"{pk}/edit/"), {"body": json.dumps(event("1"))})
    assert (answer.status_code, waiting(strict)) == (302, [])


def test_pages_follow_each_other(strict: Workspace) -> None:
    reject(strict, *(event(str(number)) for number in range(60)))
    client = signed_in(strict)
    found: list[str] = []
    url = address(strict)
    while url:
        page = client.get(url)
        found += [row.event.event_id for row in page.context["rows"]]
        following = page.context["next_url"]
        url = address(strict) + following if following else ""
    assert sorted(map(int, found)) == list(range(60))


def test_only_admins_of_the_workspace_see_and_replay(strict: Workspace) -> None:
    (pk,) = reject(strict, event("1"))
    make_account(strict, "acme")
    manager, stranger = signed_in(strict, Role.MANAGER), signed_in(make_workspace())
    for client, status in ((manager, 403), (stranger, 404)):
        assert client.get(address(strict)).status_code == status
        assert client.get(address(strict, f"{pk}/")).status_code == status
        for action in ("replay/", "discard/", f"{pk}/edit/"):
            assert client.post(address(strict, action), {"all": "1"}).status_code == status
    other = make_workspace()
    client = signed_in(other)
    client.post(address(other, "replay/"), {"event": str(pk)})
    assert client.get(address(other, f"{pk}/")).status_code == 404
    assert len(waiting(strict)) == 1


def test_quarantine_has_the_same_queries_for_any_number(strict: Workspace) -> None:
    client = signed_in(strict)
    client.get(address(strict))
    counts = []
    for number in (1, 20):
        reject(strict, *(event(f"{number}-{n}") for n in range(number)))
        with CaptureQueriesContext(connection) as queries:
            client.get(address(strict))
        counts.append(len(queries))
    assert counts[0] == counts[1]
