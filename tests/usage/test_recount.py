"""Days counted anew are what the batches made of the same events."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.models import Account, StaleAccount, Workspace
from accounts.tenancy import scope
from tests.factories import make_workspace
from tests.usage.derived import derived
from usage.models import EventKey, UsageEvent
from usage.services.ingest import ingest_events
from usage.services.recount import recount
from usage.services.withdraw import Withdrawn, withdraw_events

pytestmark = pytest.mark.django_db

MOMENT = datetime(2026, 6, 1, 12, tzinfo=UTC)
BEGIN = datetime(2026, 2, 26, tzinfo=UTC)

happenings = st.lists(
    st.builds(
        lambda account, user, kind, feature, hours, seconds, count: {
            "account": account,
            "user": user,
            "type": kind,
            "feature": feature if kind == "feature" else None,
            "occurred_at": (BEGIN + timedelta(hours=hours)).isoformat(),
            "duration_seconds": seconds,
            "count": count,
        },
        st.sampled_from("ab"),
        st.sampled_from("uvw"),
        st.sampled_from(["login", "feature", "exported"]),
        st.sampled_from(["x", "y", "z"]),
        st.integers(0, 24 * 70),
        st.none() | st.integers(0, 5000),
        st.integers(1, 4),
    ),
    max_size=25,
)
zones = st.sampled_from(["UTC", "America/New_York", "Asia/Kolkata", "Pacific/Auckland"])


def sent(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{"event_id": str(number), **event} for number, event in enumerate(events)]


def ingest(workspace: Workspace, events: list[dict[str, Any]]) -> None:
    with scope(workspace.pk):
        done = ingest_events(workspace=workspace, events=events, moment=MOMENT)
        assert (done.accepted, done.rejected) == (len(events), [])


def recount_all(workspace: Workspace) -> dict[int, date]:
    with scope(workspace.pk):
        return recount(
            account_ids=Account.objects.values_list("pk", flat=True),
            first=date(2026, 1, 1),
            last=date(2026, 6, 1),
            moment=MOMENT,
        )


def damage(workspace: Workspace) -> None:
    with scope(workspace.pk), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE usage_accountday SET events = 7, feature_ids = '{}', feature_counts = '{}';"
            "DELETE FROM usage_usermonth WHERE logins = 0;"
            "UPDATE usage_usermonth SET active_days = 0, feature_ids = '{}', feature_days = '{}';"
            "UPDATE usage_enduser SET last_seen_on = '2030-01-01', last_login_on = NULL"
        )


@given(events=happenings, zone=zones)
@settings(max_examples=25, deadline=None)
def test_recount_finds_what_the_batches_derived(events: list[dict[str, Any]], zone: str) -> None:
    workspace = make_workspace(time_zone=zone)
    ingest(workspace, sent(events))
    counted = derived(workspace)
    assert recount_all(workspace) == {}
    damage(workspace)
    recount_all(workspace)
    assert derived(workspace) == counted
    assert recount_all(workspace) == {}


@given(events=happenings, zone=zones, data=st.data())
@settings(max_examples=25, deadline=None)
def test_what_is_withdrawn_might_never_have_come(
    events: list[dict[str, Any]], zone: str, data: st.DataObject
) -> None:
    workspace, other = make_workspace(time_zone=zone), make_workspace(time_zone=zone)
    kept = data.draw(st.sets(st.sampled_from(range(len(events))))) if events else set()
    whole = sent(events)
    ingest(workspace, whole)
    ingest(other, [event for number, event in enumerate(whole) if number in kept])
    taken = {event["event_id"]: None for n, event in enumerate(whole) if n not in kept}
    with scope(workspace.pk):
        assert withdraw_events(days=taken, moment=MOMENT) == Withdrawn(len(taken), 0)
        assert withdraw_events(days=taken, moment=MOMENT) == Withdrawn(0, len(taken))
    assert derived(workspace) == derived(other)


def event(event_id: str, day: str, **fields: Any) -> dict[str, Any]:
    occurred_at = f"{day}T10:00:00Z"
    return {
        "event_id": event_id,
        "account": "acme",
        "user": "ann",
        "type": "login",
        "occurred_at": occurred_at,
        **fields,
    }


def test_withdrawing_marks_the_account_from_the_earliest_day() -> None:
    workspace = make_workspace()
    ingest(
        workspace, [event("1", "2026-03-05"), event("2", "2026-04-02"), event("3", "2026-04-09")]
    )
    with scope(workspace.pk):
        StaleAccount.objects.all().delete()
        withdraw_events(days={"2": None, "3": None}, moment=MOMENT)
        assert StaleAccount.objects.get().from_day == date(2026, 4, 2)


def test_withdrawn_event_can_be_sent_again_as_it_should_be() -> None:
    workspace = make_workspace()
    ingest(workspace, [event("1", "2026-03-05")])
    with scope(workspace.pk):
        withdraw_events(days={"1": None}, moment=MOMENT)
        assert (UsageEvent.objects.count(), EventKey.objects.count()) == (0, 0)
    ingest(workspace, [event("1", "2026-03-06", count=2)])
    days = derived(workspace)["days"]
    assert [(key, row["logins"]) for key, row in days.items()] == [(("acme", date(2026, 3, 6)), 2)]


def test_an_event_of_another_day_is_not_the_one_that_was_meant() -> None:
    workspace = make_workspace()
    ingest(workspace, [event("1", "2026-03-05")])
    with scope(workspace.pk):
        days = {"1": date(2026, 3, 9), "2": None}
        assert withdraw_events(days=days, moment=MOMENT) == Withdrawn(0, 2)
        assert withdraw_events(days={"1": date(2026, 3, 5)}, moment=MOMENT) == Withdrawn(1, 0)


def test_months_without_their_raw_events_stay_as_they_are() -> None:
    workspace = make_workspace(time_zone="Asia/Kolkata")
    ingest(
        workspace, [event("1", "2026-03-05"), event("2", "2026-04-02"), event("3", "2026-05-02")]
    )
    Workspace.objects.update(events_from=datetime(2026, 4, 1, tzinfo=UTC))
    counted = derived(workspace)
    with scope(workspace.pk):
        UsageEvent.objects.all().delete()
        assert withdraw_events(days={"1": None}, moment=MOMENT) == Withdrawn(0, 1)
    recount_all(workspace)
    left = derived(workspace)
    # April began in India before the first moment of which events are kept.
    assert {day for _, day in left["days"]} == {date(2026, 3, 5), date(2026, 4, 2)}
    assert left["days"].items() <= counted["days"].items()
    assert left["users"] == {
        ("acme", "ann"): (date(2026, 3, 5), date(2026, 4, 2), date(2026, 4, 2))
    }
