"""Rejected events are kept once, counted, and never more than the quarantine holds."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from accounts.models import Workspace
from accounts.tenancy import scope
from tests.factories import make_workspace
from usage.events import Source
from usage.models import RejectedEvent
from usage.services.ingest import ingest_events
from usage.services.quarantine import forget_rejected, trim

pytestmark = pytest.mark.django_db

MOMENT = datetime(2026, 3, 1, 12, tzinfo=UTC)


def reject(workspace: Workspace, *events: Any, hours: int = 0, source: str = "api") -> None:
    with scope(workspace.pk):
        ingest_events(
            workspace=workspace,
            events=events,
            moment=MOMENT + timedelta(hours=hours),
            source=Source(name=source),
        )


def kept(workspace: Workspace) -> list[tuple[Any, ...]]:
    with scope(workspace.pk):
        rows = RejectedEvent.objects.order_by("id")
        return list(rows.values_list("event_id", "source", "occurrences", "last_received_at"))


def test_what_comes_again_is_kept_once_and_counted() -> None:
    workspace = make_workspace()
    bad = {"event_id": "1"}
    reject(workspace, bad, bad)
    reject(workspace, bad, hours=2)
    reject(workspace, bad, source="segment")
    assert kept(workspace) == [
        ("1", "api", 3, MOMENT + timedelta(hours=2)),
        ("1", "segment", 1, MOMENT),
    ]


def test_discarded_event_that_comes_again_is_seen_again() -> None:
    workspace = make_workspace()
    reject(workspace, {"event_id": "1"})
    with scope(workspace.pk):
        RejectedEvent.objects.update(discarded_at=MOMENT)
    reject(workspace, {"event_id": "1"})
    with scope(workspace.pk):
        assert RejectedEvent.objects.get().discarded_at is None


def test_quarantine_keeps_the_latest(settings: Any) -> None:
    settings.QUARANTINE_MOST = 3
    workspace, other = make_workspace(), make_workspace()
    reject(other, {"event_id": "0"})
    for number in range(5):
        reject(workspace, {"event_id": str(number)}, hours=number)
    with scope(workspace.pk):
        trim()
    assert [row[0] for row in kept(workspace)] == ["2", "3", "4"]
    assert len(kept(other)) == 1


def test_quarantine_forgets_what_is_old_or_was_discarded_a_day_ago(settings: Any) -> None:
    settings.QUARANTINE_DAYS = 10
    workspace = make_workspace()
    reject(workspace, {"event_id": "old"})
    reject(workspace, {"event_id": "discarded"}, {"event_id": "undone"}, hours=24)
    with scope(workspace.pk):
        for event_id, day in (("discarded", 8), ("undone", 10)):
            discarded_at = MOMENT + timedelta(days=day)
            RejectedEvent.objects.filter(event_id=event_id).update(discarded_at=discarded_at)
        forget_rejected(moment=MOMENT + timedelta(days=10, hours=1))
    assert [row[0] for row in kept(workspace)] == ["undone"]
