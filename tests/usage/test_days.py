"""Days are days of the workspace's time zone, whatever the zone of the event."""

from datetime import UTC, date, datetime

import pytest

from accounts.models import Account
from accounts.tenancy import scope
from tests.factories import make_workspace
from usage.measures import Measure, measured
from usage.models import AccountDay, EndUser, EventKey, UserMonth
from usage.services.ingest import ingest_events

pytestmark = pytest.mark.django_db

MOMENT = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "occurred_at", "day"),
    [
        ("UTC", "2026-02-10T23:59:59Z", date(2026, 2, 10)),
        ("UTC", "2026-02-11T00:30:00+01:00", date(2026, 2, 10)),
        ("Europe/Berlin", "2026-02-10T23:00:00Z", date(2026, 2, 11)),
        ("Europe/Berlin", "2026-02-10T22:59:59Z", date(2026, 2, 10)),
        ("America/Los_Angeles", "2026-03-01T07:59:59Z", date(2026, 2, 28)),
        ("Pacific/Auckland", "2025-12-31T11:00:00Z", date(2026, 1, 1)),
        ("Asia/Kathmandu", "2026-02-10T18:15:00Z", date(2026, 2, 11)),
        # The day of 23 hours begins and ends an hour apart in UTC; so does that of 25.
        ("Europe/Berlin", "2026-03-28T23:00:00Z", date(2026, 3, 29)),
        ("Europe/Berlin", "2026-03-29T21:59:59Z", date(2026, 3, 29)),
        ("Europe/Berlin", "2026-03-29T22:00:00Z", date(2026, 3, 30)),
        ("Europe/Berlin", "2026-10-24T22:00:00Z", date(2026, 10, 25)),
        ("Europe/Berlin", "2026-10-25T22:59:59Z", date(2026, 10, 25)),
        ("Europe/Berlin", "2026-10-25T23:00:00Z", date(2026, 10, 26)),
        # A day that the island skipped never comes up.
        ("Pacific/Apia", "2011-12-30T09:59:59Z", date(2011, 12, 29)),
        ("Pacific/Apia", "2011-12-30T10:00:00Z", date(2011, 12, 31)),
    ],
)
def test_event_falls_on_a_day_of_the_workspace(zone: str, occurred_at: str, day: date) -> None:
    workspace = make_workspace(time_zone=zone)
    event = {
        "event_id": "1",
        "account": "acme",
        "user": "ann",
        "type": "login",
        "occurred_at": occurred_at,
    }
    with scope(workspace.pk):
        ingest_events(workspace=workspace, events=[event], moment=MOMENT)
        assert AccountDay.objects.get().day == EventKey.objects.get().occurred_on == day
        user, month = EndUser.objects.get(), UserMonth.objects.get()
        assert (user.first_seen_on, user.last_seen_on, user.last_login_on) == (day, day, day)
        assert (month.month, month.active_days) == (day.replace(day=1), 1 << (day.day - 1))
        account = Account.objects.get()
        assert account.created_on == day
        for measure in ("active_users", "unique_logins", "logins", "active_days"):
            ((values, _known),) = measured(
                account_ids=[account.pk], days=[day], requests=[Measure(measure, 1)]
            )
            assert values.tolist() == [[10_000]]


def test_late_event_widens_what_is_known_of_a_user() -> None:
    workspace = make_workspace()
    event = {"account": "acme", "user": "ann", "type": "login"}
    with scope(workspace.pk):
        for number, day in enumerate(("2026-05-10", "2026-05-08", "2026-05-12", "2026-05-09")):
            kind = "opened" if number == 2 else "login"
            sent = {"event_id": str(number), "occurred_at": f"{day}T10:00:00Z", "type": kind}
            done = ingest_events(workspace=workspace, events=[event | sent], moment=MOMENT)
            assert list(done.touched.values()) == [date.fromisoformat(day)]
        user = EndUser.objects.get()
    assert (user.first_seen_on, user.last_seen_on, user.last_login_on) == (
        date(2026, 5, 8),
        date(2026, 5, 12),
        date(2026, 5, 10),
    )
