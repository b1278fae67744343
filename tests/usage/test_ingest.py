"""Events are stored and counted once or not at all."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from accounts.models import Account, AccountState, StaleAccount, Workspace
from accounts.tenancy import scope
from tests.factories import make_workspace
from usage.events import Source
from usage.models import (
    AccountDay,
    EndUser,
    EventKey,
    Feature,
    IntakeHour,
    RejectedEvent,
    UsageEvent,
    UserMonth,
)
from usage.services.ingest import Ingested, ingest_events

pytestmark = pytest.mark.django_db

MOMENT = datetime(2026, 3, 1, 12, tzinfo=UTC)


def event(event_id: str = "1", **fields: Any) -> dict[str, Any]:
    return {
        "event_id": event_id,
        "account": "acme",
        "user": "ann",
        "type": "login",
        "occurred_at": "2026-02-10T10:00:00Z",
    } | fields


def ingest(workspace: Workspace, *events: Any, **options: Any) -> Ingested:
    with scope(workspace.pk):
        return ingest_events(workspace=workspace, events=events, moment=MOMENT, **options)


def test_ingest_events_derives_daily_activity() -> None:
    workspace = make_workspace()
    ingested = ingest(
        workspace,
        event("1", duration_seconds=90),
        event("2", count=3),
        event("3", type="feature", feature="reports", count=5),
        event(
            "4", type="feature", feature="reports", occurred_at="2026-02-11T10:00:00Z", user="bob"
        ),
        event("5", type="exported", user="bob", properties={"rows": 7}),
    )
    assert (ingested.accepted, ingested.duplicates, ingested.rejected) == (5, 0, [])
    with scope(workspace.pk):
        account = Account.objects.get()
        days = AccountDay.objects.order_by("day").values_list(
            "day", "events", "logins", "sessions", "session_seconds", "feature_uses"
        )
        assert list(days) == [
            (date(2026, 2, 10), 4, 4, 1, 90, 5),
            (date(2026, 2, 11), 1, 0, 0, 0, 1),
        ]
        assert ingested.touched == {account.pk: date(2026, 2, 10)}
        reports = Feature.objects.get(key="reports")
        assert list(
            AccountDay.objects.order_by("day").values_list("feature_ids", "feature_counts")
        ) == [([reports.pk], [5]), ([reports.pk], [1])]
        ann, bob = EndUser.objects.order_by("key")
        assert (ann.first_seen_on, ann.last_seen_on, ann.last_login_on) == (
            date(2026, 2, 10),
            date(2026, 2, 10),
            date(2026, 2, 10),
        )
        assert (bob.last_seen_on, bob.last_login_on) == (date(2026, 2, 11), None)
        months = UserMonth.objects.order_by("end_user_id").values_list(
            "active_days", "login_days", "logins", "feature_uses", "session_seconds"
        )
        assert list(months) == [(1 << 9, 1 << 9, 4, 5, 90), (1 << 9 | 1 << 10, 0, 0, 1, 0)]
        used = UserMonth.objects.order_by("end_user_id").values_list("feature_ids", "feature_days")
        assert list(used) == [([reports.pk], [1 << 9]), ([reports.pk], [1 << 10])]
        stored = UsageEvent.objects.get(event_id="5")
        assert (stored.type, stored.properties, stored.count) == ("exported", {"rows": 7}, 1)
        assert StaleAccount.objects.get().from_day == date(2026, 2, 10)


def counts(workspace: Workspace) -> list[list[tuple[Any, ...]]]:
    with scope(workspace.pk):
        return [
            sorted(model.objects.values_list(), key=repr)
            for model in (
                Account,
                AccountDay,
                AccountState,
                EndUser,
                EventKey,
                Feature,
                UsageEvent,
                UserMonth,
            )
        ]


def test_ingest_events_twice_changes_nothing() -> None:
    """Only that the bad event came twice is noted."""
    workspace = make_workspace()
    batch = [event(str(n), type="feature", feature=f"f{n}") for n in range(5)] + [event("")]
    ingest(workspace, *batch)
    before = counts(workspace)
    again = ingest(workspace, *batch)
    assert (again.accepted, again.duplicates, len(again.rejected)) == (0, 5, 1)
    assert again.touched == {}
    assert counts(workspace) == before
    with scope(workspace.pk):
        assert RejectedEvent.objects.get().occurrences == 2
    with scope(workspace.pk):
        assert RejectedEvent.objects.count() == 1


def test_ingest_events_counts_a_repetition_in_a_batch_as_duplicate() -> None:
    workspace = make_workspace()
    ingested = ingest(workspace, event("1"), event("1", user="bob"), event("2"))
    assert (ingested.accepted, ingested.duplicates) == (2, 1)
    with scope(workspace.pk):
        assert [user.key for user in EndUser.objects.all()] == ["ann"]


def test_ingest_events_counts_what_came_in_by_its_source() -> None:
    workspace = make_workspace()
    source = Source(name="import")
    ingest(workspace, event("1"), event("1"), event("2"), event(""), source=source)
    ingest(workspace, event("1"), source=source)
    ingest(workspace, event(""), source=source)
    ingest(workspace, source=source)
    ingest(workspace, event("1"))
    with scope(workspace.pk):
        counted = IntakeHour.objects.order_by("source").values_list(
            "source", "hour", "accepted", "duplicates", "rejected"
        )
        assert list(counted) == [("api", MOMENT, 0, 1, 0), ("import", MOMENT, 2, 2, 2)]
