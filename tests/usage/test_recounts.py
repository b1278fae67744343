"""In a new time zone the days are what they would be had it been that one from the beginning."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from hypothesis import given, settings

from accounts.models import StaleAccount, Workspace
from accounts.services.settings import change_workspace
from accounts.tenancy import scope
from tests.factories import make_workspace
from tests.usage.derived import derived
from tests.usage.test_recount import damage, event, happenings, ingest, sent, zones
from usage.models import Recount
from usage.services import recounts
from usage.services.recounts import (
    SETTLE,
    due_recounts,
    start_due_recounts,
    work_recount,
)

pytestmark = pytest.mark.django_db

MOMENT = datetime(2026, 6, 1, 12, tzinfo=UTC)


def move(workspace: Workspace, zone: str) -> None:
    workspace.refresh_from_db()
    change_workspace(
        workspace=workspace,
        time_zone=zone,
        **{
            name: getattr(workspace, name)
            for name in (
                "name",
                "night_hour",
                "currency",
                "renewal_notice_days",
                "unknown_accounts",
            )
        },
    )


def work_due(moment: datetime) -> int:
    slices = 0
    start_due_recounts(moment=MOMENT)
    for workspace_id, recount_id in due_recounts(moment=moment):
        for _ in work_recount(workspace_id=workspace_id, recount_id=recount_id, moment=moment):
            slices += 1
    return slices


@given(events=happenings, zone=zones, new=zones)
@settings(max_examples=20, deadline=None)
def test_days_move_with_the_time_zone(events: list[dict[str, Any]], zone: str, new: str) -> None:
    workspace, other = make_workspace(time_zone=zone), make_workspace(time_zone=new)
    for each in (workspace, other):
        ingest(each, sent(events))
    move(workspace, new)
    work_due(MOMENT + SETTLE)
    assert derived(workspace) == derived(other)
    assert Workspace.objects.get(pk=workspace.pk).days_zone == ""


def test_accounts_are_marked_once_from_the_first_day_that_changed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(recounts, "ACCOUNTS", 1)
    workspace = make_workspace()
    late = {"occurred_at": "2026-03-05T23:00:00Z"}
    ingest(
        workspace,
        [
            event("1", "2026-02-05"),
            event("2", "2026-03-05", **late),
            event("3", "2026-04-05", account="globex"),
        ],
    )
    with scope(workspace.pk):
        StaleAccount.objects.all().delete()
    move(workspace, "Asia/Kolkata")
    assert work_due(MOMENT + SETTLE) > 3
    with scope(workspace.pk):
        marks = StaleAccount.objects.values_list("from_day", flat=True)
        assert list(marks) == [date(2026, 3, 5)] * 2
        begun = Recount.objects.get()
        assert (begun.done, begun.total, begun.finished_at) == (3, 3, MOMENT + SETTLE)


def test_batches_with_the_old_time_zone_are_waited_for() -> None:
    workspace = make_workspace()
    ingest(workspace, [event("1", "2026-02-05")])
    move(workspace, "Asia/Kolkata")
    assert work_due(MOMENT + SETTLE - timedelta(seconds=1)) == 0
    assert work_due(MOMENT + SETTLE) > 0


def test_time_zone_that_changes_again_is_counted_in_the_end() -> None:
    workspace, other = make_workspace(), make_workspace(time_zone="America/New_York")
    for each in (workspace, other):
        ingest(each, [event("1", "2026-02-05", occurred_at="2026-02-05T01:00:00Z")])
    move(workspace, "Asia/Kolkata")
    start_due_recounts(moment=MOMENT)
    move(workspace, "America/New_York")
    work_due(MOMENT + SETTLE)
    assert derived(workspace) == derived(other)
    assert Workspace.objects.get(pk=workspace.pk).days_zone == ""


def test_command_mends_what_is_wrong(capsys: pytest.CaptureFixture[str]) -> None:
    workspace = make_workspace()
    ingest(workspace, [event("1", "2026-02-05"), event("2", "2026-03-05", account="globex")])
    counted = derived(workspace)
    damage(workspace)
    call_command("recount_usage", workspace.slug, "--account", "acme", "--from", "2026-02-01")
    assert capsys.readouterr().out == "Days of 1 accounts changed; their scores follow.\n"
    call_command("recount_usage", workspace.slug)
    assert capsys.readouterr().out == "Days changed from 2026-03-05 on; their scores follow.\n"
    assert derived(workspace) == counted
    call_command("recount_usage", workspace.slug)
    assert capsys.readouterr().out == "Nothing changed.\n"
    with pytest.raises(CommandError, match="no account “nobody”"):
        call_command("recount_usage", workspace.slug, "--account", "nobody")
