"""What is derived of batches against a plain count over the raw events."""

from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import Account, StaleAccount, Workspace
from accounts.models.workspace import UnknownAccounts
from accounts.tenancy import scope
from tests.factories import make_account, make_workspace
from usage.models import AccountDay, EndUser, Feature, UsageEvent, UserMonth
from usage.services.ingest import Ingested, ingest_events

pytestmark = pytest.mark.django_db

MOMENT = datetime(2026, 6, 1, tzinfo=UTC)

Sent = dict[str, Any]

sent_events: st.SearchStrategy[Sent] = st.builds(
    dict,
    event_id=st.integers(0, 25).map("event-{}".format),
    account=st.sampled_from(["a", "b"]),
    user=st.sampled_from(["ann", "bob"]),
    type=st.sampled_from(["feature", "feature", "login", "exported"]),
    feature=st.sampled_from(["reports", "search", "graph", "a {\"b\"}, \\ 'ä'"]),
    occurred_at=st.integers(0, 70 * 24).map(
        lambda hours: (
            datetime(2026, 1, 20, 0, 30, tzinfo=UTC) + timedelta(hours=hours)
        ).isoformat()
    ),
    count=st.integers(1, 3),
    duration_seconds=st.none() | st.integers(0, 9).map(lambda tenths: 60 + tenths / 10),
    properties=st.none() | st.just({"a": ["{", '"', "\\", "\n"]}),
)


def send(workspace: Workspace, batch: list[Sent]) -> Ingested:
    with scope(workspace.pk):
        return ingest_events(workspace=workspace, events=batch, moment=MOMENT)


def day_of(event: Sent, workspace: Workspace) -> date:
    return datetime.fromisoformat(event["occurred_at"]).astimezone(workspace.zone).date()


@given(batches=st.lists(st.lists(sent_events, max_size=20), max_size=4))
@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_derived_rows_equal_a_count_over_the_events(batches: list[list[Sent]]) -> None:
    workspace = make_workspace(time_zone="Asia/Kathmandu")
    accepted: dict[str, Sent] = {}
    for batch in batches:
        before = len(accepted)
        for event in batch:
            accepted.setdefault(event["event_id"], event)
        done = send(workspace, batch)
        new = len(accepted) - before
        assert (done.accepted, done.duplicates) == (new, len(batch) - new)
    events = list(accepted.values())
    with scope(workspace.pk):
        assert stored_days() == counted_days(events, workspace)
        assert stored_months() == counted_months(events, workspace)
        assert stored_users() == counted_users(events, workspace)
        raw = UsageEvent.objects.values_list(
            "event_id", "occurred_at", "type", "count", "properties"
        )
        assert sorted(raw, key=lambda row: str(row[0])) == sorted(
            (
                e["event_id"],
                datetime.fromisoformat(e["occurred_at"]),
                e["type"],
                e["count"],
                e["properties"],
            )
            for e in events
        )


def names(model: Any) -> dict[int, str]:
    return dict(model.objects.values_list("id", "key"))


def stored_days() -> dict[Any, Any]:
    accounts, features = names(Account), names(Feature)
    found = {}
    for row in AccountDay.objects.all():
        assert row.feature_ids == sorted(set(row.feature_ids))
        pairs = zip(row.feature_ids, row.feature_counts, strict=True)
        found[accounts[row.account_id], row.day] = (
            row.events,
            row.logins,
            row.sessions,
            row.session_seconds,
            row.feature_uses,
            {features[feature]: uses for feature, uses in pairs},
        )
    return found


def counted_days(events: list[Sent], workspace: Workspace) -> dict[Any, Any]:
    grouped = defaultdict(list)
    for event in events:
        grouped[event["account"], day_of(event, workspace)].append(event)
    return {key: (len(own), *sums(own), feature_counts(own)) for key, own in grouped.items()}


def sums(events: list[Sent]) -> tuple[int, int, int, int]:
    logins = [e for e in events if e["type"] == "login"]
    sessions = [e for e in logins if e["duration_seconds"] is not None]
    return (
        sum(e["count"] for e in logins),
        sum(e["count"] for e in sessions),
        sum(int(e["duration_seconds"] + 0.5) for e in sessions),
        sum(feature_counts(events).values()),
    )


def feature_counts(events: list[Sent]) -> dict[str, int]:
    found: dict[str, int] = defaultdict(int)
    for event in events:
        if event["type"] == "feature":
            found[event["feature"]] += event["count"]
    return found


def stored_months() -> dict[Any, Any]:
    accounts, users, features = names(Account), names(EndUser), names(Feature)
    found = {}
    for row in UserMonth.objects.all():
        assert row.feature_ids == sorted(set(row.feature_ids))
        pairs = zip(row.feature_ids, row.feature_days, strict=True)
        found[accounts[row.account_id], users[row.end_user_id], row.month] = (
            row.active_days,
            row.login_days,
            row.logins,
            row.session_seconds,
            row.feature_uses,
            {features[feature]: mask for feature, mask in pairs},
        )
    return found


def counted_months(events: list[Sent], workspace: Workspace) -> dict[Any, Any]:
    grouped = defaultdict(list)
    for event in events:
        month = day_of(event, workspace).replace(day=1)
        grouped[event["account"], event["user"], month].append(event)

    def mask(own: list[Sent]) -> int:
        return sum({1 << (day_of(event, workspace).day - 1) for event in own})

    found = {}
    for key, own in grouped.items():
        logins, _sessions, seconds, uses = sums(own)
        used = {
            feature: mask([e for e in own if e["type"] == "feature" and e["feature"] == feature])
            for feature in feature_counts(own)
        }
        login_days = mask([e for e in own if e["type"] == "login"])
        found[key] = (mask(own), login_days, logins, seconds, uses, used)
    return found


def stored_users() -> dict[Any, Any]:
    accounts = names(Account)
    return {
        (accounts[user.account_id], user.key): (
            user.first_seen_on,
            user.last_seen_on,
            user.last_login_on,
        )
        for user in EndUser.objects.all()
    }


def counted_users(events: list[Sent], workspace: Workspace) -> dict[Any, Any]:
    grouped = defaultdict(list)
    for event in events:
        grouped[event["account"], event["user"]].append(event)
    found = {}
    for key, own in grouped.items():
        days = [day_of(event, workspace) for event in own]
        logins = [day_of(event, workspace) for event in own if event["type"] == "login"]
        found[key] = (min(days), max(days), max(logins, default=None))
    return found


def event(event_id: str, **fields: Any) -> Sent:
    return {
        "event_id": event_id,
        "account": "acme",
        "user": "ann",
        "type": "login",
        "occurred_at": "2026-02-10T10:00:00Z",
    } | fields


def test_unknown_accounts_and_known_events_in_one_batch() -> None:
    workspace = make_workspace(unknown_accounts=UnknownAccounts.REJECT)
    acme = make_account(workspace, "acme")
    send(workspace, [event("1")])
    done = send(
        workspace,
        [
            event("2", account="nobody"),
            event("1"),
            event("2", occurred_at="2026-02-09T10:00:00Z"),
            event("3", account="nobody", user="eve"),
            event("2"),
        ],
    )
    assert (done.accepted, done.duplicates) == (1, 2)
    assert [(bad.index, bad.event_id) for bad in done.rejected] == [(0, "2"), (3, "3")]
    assert done.touched == {acme.pk: date(2026, 2, 9)}
    with scope(workspace.pk):
        assert list(EndUser.objects.values_list("key", flat=True)) == ["ann"]
        assert StaleAccount.objects.get().from_day == date(2026, 2, 9)


def test_known_events_create_neither_accounts_nor_users() -> None:
    workspace = make_workspace()
    send(workspace, [event("1")])
    done = send(
        workspace,
        [event("1", account="other", user="eve", feature="f"), event("2", account="third")],
    )
    assert (done.accepted, done.duplicates) == (1, 1)
    with scope(workspace.pk):
        assert sorted(names(Account).values()) == ["acme", "third"]
        assert list(EndUser.objects.values_list("key", flat=True)) == ["ann", "ann"]
        assert not Feature.objects.exists()
