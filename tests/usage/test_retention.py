"""Raw events go, by the month where nobody keeps them; what was derived of them stays."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection

from accounts.models import Account, Workspace
from accounts.tenancy import scope
from tests.factories import make_workspace
from tests.usage.derived import derived
from usage.measures import MEASURES, Measure, measured
from usage.models import EventKey, UsageEvent
from usage.services import retention
from usage.services.ingest import ingest_events
from usage.services.recounts import start_recount, work_recount
from usage.services.retention import clear_events, drop_months, forget_before, kept_from

pytestmark = pytest.mark.django_db

MOMENT = datetime(2026, 6, 10, 12, tzinfo=UTC)


def ingest(workspace: Workspace, *days: str) -> None:
    events = [
        {
            "event_id": f"{user}-{day}",
            "account": "acme",
            "user": user,
            "type": "login",
            "duration_seconds": 60,
            "occurred_at": f"{day}T23:30:00Z",
        }
        for day in days
        for user in ("ann", "bob")
    ]
    with scope(workspace.pk):
        done = ingest_events(workspace=workspace, events=events, moment=MOMENT)
        assert done.accepted == len(events)


def two_with_events() -> tuple[Workspace, Workspace]:
    workspaces = make_workspace(), make_workspace()
    for workspace in workspaces:
        ingest(workspace, *DAYS)
    return workspaces


def keep(workspace: Workspace, months: int | None) -> None:
    Workspace.objects.filter(pk=workspace.pk).update(event_months=months)
    workspace.refresh_from_db()


def months_with_rows(workspace: Workspace) -> list[str]:
    with scope(workspace.pk):
        found = UsageEvent.objects.values_list("occurred_at", flat=True)
        return sorted({f"{at:%Y-%m}" for at in found})


def partitions() -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT inhrelid::regclass::text FROM pg_inherits ORDER BY 1")
        return {name.removeprefix("usage_usageevent_") for (name,) in cursor.fetchall()}


def drop_old_events() -> None:
    workspaces = list(Workspace.objects.all())
    for workspace in workspaces:
        forget_before(workspace=workspace, moment=MOMENT)
    drop_months()
    for workspace in workspaces:
        for _ in clear_events(workspace_id=workspace.pk):
            pass


DAYS = ("2026-02-10", "2026-03-31", "2026-04-30", "2026-06-01")


@pytest.mark.parametrize(
    ("zone", "months", "begin"),
    [
        ("UTC", 2, datetime(2026, 4, 1, tzinfo=UTC)),
        ("UTC", 6, datetime(2025, 12, 1, tzinfo=UTC)),
        ("Asia/Kolkata", 2, datetime(2026, 3, 31, 18, 30, tzinfo=UTC)),
        ("America/New_York", 14, datetime(2025, 4, 1, 4, tzinfo=UTC)),
    ],
)
def test_kept_from_counts_whole_months_of_the_time_zone(
    zone: str, months: int, begin: datetime
) -> None:
    workspace = Workspace(time_zone=zone, event_months=months)
    assert kept_from(workspace, MOMENT) == begin
    assert kept_from(Workspace(time_zone=zone), MOMENT) is None


def test_month_goes_when_nobody_keeps_it_and_rows_where_somebody_does() -> None:
    short, longer = two_with_events()
    keep(short, 1)
    keep(longer, 3)
    drop_old_events()
    assert {"2026_02"} & partitions() == set()
    assert {"2026_03", "2026_04", "2026_06"} <= partitions()
    assert months_with_rows(short) == ["2026-06"]
    assert months_with_rows(longer) == ["2026-03", "2026-04", "2026-06"]
    with scope(short.pk):
        kept = set(EventKey.objects.values_list("occurred_on", flat=True))
        # The margin of a day around the boundary stays until the month after.
        assert kept == {date(2026, 4, 30), date(2026, 6, 1)}


def test_month_stays_while_one_workspace_keeps_all() -> None:
    short, forever = two_with_events()
    keep(short, 1)
    drop_old_events()
    assert months_with_rows(short) == ["2026-06"]
    assert months_with_rows(forever) == ["2026-02", "2026-03", "2026-04", "2026-06"]


def test_rows_at_the_boundary_belong_to_the_day_of_the_time_zone() -> None:
    # The first hours of April in India, on the last day of March in UTC.
    workspace = make_workspace(time_zone="Asia/Kolkata")
    ingest(workspace, *DAYS)
    keep(workspace, 2)
    drop_old_events()
    assert months_with_rows(workspace) == ["2026-03", "2026-04", "2026-06"]


def test_measures_and_activity_are_what_they_were(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "PAGES", 1)
    monkeypatch.setattr(retention, "KEYS", 2)
    workspace, _forever = two_with_events()
    keep(workspace, 1)
    before, measures = derived(workspace), measures_of(workspace)
    drop_old_events()
    assert months_with_rows(workspace) == ["2026-06"]
    assert derived(workspace) == before
    assert measures_of(workspace) == measures
    with scope(workspace.pk):
        begun = start_recount(workspace_id=workspace.pk, moment=MOMENT)
    for _ in work_recount(workspace_id=workspace.pk, recount_id=begun.pk, moment=MOMENT):
        pass
    assert derived(workspace) == before


def measures_of(workspace: Workspace) -> list[Any]:
    requests = [Measure(name, 90) for name in MEASURES if name not in ("features_adopted",)]
    days = [date(2026, 4, 30), date(2026, 5, 1), date(2026, 5, 2)]
    with scope(workspace.pk):
        found = measured(account_ids=[Account.objects.get().pk], days=days, requests=requests)
    return [(values.tolist(), known.tolist()) for values, known in found]


def test_longer_time_does_not_bring_back_what_is_gone() -> None:
    workspace = make_workspace()
    ingest(workspace, *DAYS)
    keep(workspace, 1)
    drop_old_events()
    keep(workspace, 12)
    drop_old_events()
    assert Workspace.objects.get(pk=workspace.pk).events_from == datetime(2026, 5, 1, tzinfo=UTC)
    keep(workspace, None)
    drop_old_events()
    assert Workspace.objects.get(pk=workspace.pk).events_from == datetime(2026, 5, 1, tzinfo=UTC)


def test_command_says_what_it_did(capsys: pytest.CaptureFixture[str]) -> None:
    workspace = make_workspace()
    ingest(workspace, "2020-01-10")
    keep(workspace, 1)
    before = partitions()
    call_command("drop_old_events")
    dropped = len(before - partitions())
    assert capsys.readouterr().out == f"{dropped} months dropped, 2 rows of other months deleted.\n"
    call_command("drop_old_events")
    assert capsys.readouterr().out == "0 months dropped, 0 rows of other months deleted.\n"


def test_events_that_are_not_kept_are_not_taken() -> None:
    """Their ids are forgotten, so they might count twice."""
    workspace = make_workspace(event_months=2)
    ingest(workspace, "2026-04-30", "2026-06-01")
    drop_old_events()
    keep(workspace, None)
    old = {
        "event_id": "ann-2026-03-31",
        "account": "acme",
        "user": "ann",
        "type": "login",
        "occurred_at": "2026-03-31T23:30:00Z",
    }
    with scope(workspace.pk):
        done = ingest_events(workspace=workspace, events=[old], moment=MOMENT)
    assert [bad.message for bad in done.rejected] == [
        "occurred_at: older than the events that are kept, 2026-04-01"
    ]


def test_dropped_month_comes_again_for_who_keeps_it() -> None:
    workspace = make_workspace()
    ingest(workspace, "2026-02-10")
    keep(workspace, 1)
    drop_old_events()
    assert "2026_02" not in partitions()
    newcomer = make_workspace()
    ingest(newcomer, "2026-02-10")
    assert months_with_rows(newcomer) == ["2026-02"]
