"""What the beat and the workers do: every message may be lost, doubled or late."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from celery import Task

from accounts.models import StaleAccount, Workspace
from accounts.services.stale import mark_stale
from accounts.tenancy import scope
from scoring import tasks
from scoring.models import Alert, Evaluation, Health, Run, RunKind, RunSlice
from scoring.services.configuration import publish_scorecard
from scoring.services.runs import start_night, start_run
from tests.factories import make_account, make_workspace
from tests.scoring.services.test_alert_states import make_alert
from tests.scoring.services.test_evaluate import CARD

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 6, 10, 12, tzinfo=UTC)
TODAY = date(2026, 6, 10)
DAY = timedelta(days=1)

Sent = list[tuple[str, tuple[int, ...]]]


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> Sent:
    """The messages; none is delivered."""
    found: Sent = []

    def apply_async(task: Any, args: tuple[int, ...], **options: Any) -> None:
        assert options == {"retry": False, "expires": tasks.EXPIRES}
        found.append((task.name, tuple(args)))

    monkeypatch.setattr(Task, "apply_async", apply_async)
    return found


@pytest.fixture
def workspace() -> Workspace:
    return built()


def built(**fields: Any) -> Workspace:
    workspace = make_workspace(**fields)
    make_account(workspace, "acme")
    with scope(workspace.pk):
        publish_scorecard(document=CARD, by=None, moment=NOW)
    return workspace


def beat(moment: datetime) -> None:
    with time_machine.travel(moment, tick=False):
        tasks.start_nights()


def nights(workspace: Workspace) -> list[tuple[date, date]]:
    with scope(workspace.pk):
        found = Run.objects.filter(kind=RunKind.NIGHT).order_by("to_day")
        return list(found.values_list("from_day", "to_day"))


def hours(first: datetime, count: int) -> Iterator[datetime]:
    return (first + timedelta(hours=n) for n in range(count))


def test_night_starts_at_the_workspaces_own_hour_once(sent: Sent) -> None:
    auckland = built(time_zone="Pacific/Auckland", night_hour=2)
    new_york = built(time_zone="America/New_York", night_hour=3)
    began: dict[int, list[datetime]] = {auckland.pk: [], new_york.pk: []}
    for moment in hours(datetime(2026, 6, 10, 0, 30, tzinfo=UTC), 24):
        before = {pk: len(began[pk]) for pk in began}
        beat(moment)
        for _name, (pk, *_rest) in sent[sum(before.values()) :]:
            began[pk].append(moment)
    # 02:30 in Auckland is 14:30 UTC, 03:30 in New York is 07:30 UTC; the first beat catches up
    # with the night of the day that had begun.
    assert [m.hour for m in began[auckland.pk]] == [0, 14]
    assert [m.hour for m in began[new_york.pk]] == [0, 7]
    assert nights(auckland) == [(TODAY, TODAY), (TODAY + DAY, TODAY + DAY)]
    assert nights(new_york) == [(TODAY - DAY, TODAY - DAY), (TODAY, TODAY)]


@pytest.mark.parametrize(
    ("start", "night_hour"),
    [
        (datetime(2026, 3, 28, 12, tzinfo=UTC), 2),  # 02:00 does not exist on the 29th
        (datetime(2026, 10, 24, 12, tzinfo=UTC), 2),  # 02:00 comes twice on the 25th
        (datetime(2026, 10, 24, 12, tzinfo=UTC), 0),
        (datetime(2026, 3, 28, 12, tzinfo=UTC), 23),
    ],
)
def test_every_day_has_one_night_when_the_clocks_change(
    sent: Sent, start: datetime, night_hour: int
) -> None:
    workspace = built(time_zone="Europe/Berlin", night_hour=night_hour)
    for moment in hours(start, 72):
        beat(moment)
    days = [last for _first, last in nights(workspace)]
    assert days == [days[0] + n * DAY for n in range(len(days))]
    assert {first == last for first, last in nights(workspace)} == {True}
    assert date(start.year, start.month, start.day) + DAY in days
    assert len(sent) == len(days)


def test_missed_nights_are_caught_up_with(workspace: Workspace, sent: Sent) -> None:
    beat(NOW)
    beat(NOW + 5 * DAY)
    beat(NOW + 100 * DAY)
    assert nights(workspace) == [
        (TODAY, TODAY),
        (TODAY + DAY, TODAY + 5 * DAY),
        (TODAY + 70 * DAY, TODAY + 100 * DAY),
    ]


def test_clock_that_goes_back_starts_nothing(workspace: Workspace, sent: Sent) -> None:
    beat(NOW)
    beat(NOW - 3 * DAY)
    assert nights(workspace) == [(TODAY, TODAY)]


def test_new_day_wakes_snoozed_alerts_of_every_workspace(workspace: Workspace, sent: Sent) -> None:
    other = built()
    for each in (workspace, other):
        make_alert(each, state="snoozed", snoozed_until=TODAY)
    make_alert(workspace, state="snoozed", snoozed_until=TODAY + DAY, day=TODAY - DAY)
    beat(NOW.replace(hour=0))
    for each, states in ((workspace, ["open", "snoozed"]), (other, ["open"])):
        with scope(each.pk):
            assert sorted(Alert.objects.values_list("state", flat=True)) == states


def test_workspace_whose_night_fails_does_not_keep_the_others(
    sent: Sent, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = built(), built()

    def fails(**given: Any) -> Any:
        if given["workspace"] == first:
            raise ValueError("no")
        return start_night(**given)

    monkeypatch.setattr(tasks, "start_night", fails)
    beat(NOW)
    assert (nights(first), nights(second)) == ([], [(TODAY, TODAY)])


def test_nudge_says_again_what_is_undone_and_nothing_else(sent: Sent) -> None:
    idle, stale, running = built(), built(), built()
    with scope(stale.pk):
        pk = make_account(stale, "more").pk
        mark_stale(account_ids=[pk], from_day=TODAY, moment=NOW)
    with scope(running.pk):
        run = start_run(kind=RunKind.REQUEST, first=TODAY, last=TODAY)
    tasks.nudge()
    assert idle.pk not in {args[0] for _name, args in sent}
    assert sorted(sent) == sorted(
        [
            ("scoring.evaluate_stale", (stale.pk,)),
            ("scoring.evaluate_stale", (running.pk,)),
            ("scoring.evaluate_run", (running.pk, run.pk)),
        ]
    )
    sent.clear()
    tasks.evaluate_stale(stale.pk)
    tasks.evaluate_run(running.pk, run.pk)
    tasks.nudge()
    assert sent == []


def test_lost_messages_lose_nothing(workspace: Workspace, sent: Sent) -> None:
    """The night's message and the stale account's are lost; the next nudge finds both."""
    beat(NOW)
    with scope(workspace.pk):
        pk = Run.objects.get().pk
        account = RunSlice.objects.get().account_ids[0]
        mark_stale(account_ids=[account], from_day=TODAY, moment=NOW)
    sent.clear()
    with time_machine.travel(NOW, tick=False):
        tasks.nudge()
        for name, args in sent:
            getattr(tasks, name.removeprefix("scoring."))(*args)
    with scope(workspace.pk):
        assert Run.objects.get(pk=pk).state == "done"
        assert StaleAccount.objects.count() == 0
        assert Evaluation.objects.count() == Health.objects.count() == 1


def test_doubled_messages_do_nothing_twice(workspace: Workspace, sent: Sent) -> None:
    beat(NOW)
    with scope(workspace.pk):
        pk = Run.objects.get().pk
    with time_machine.travel(NOW, tick=False):
        for _ in range(3):
            tasks.evaluate_run(workspace.pk, pk)
    with scope(workspace.pk):
        assert (Run.objects.get().done, Evaluation.objects.count()) == (1, 1)


def test_stale_accounts_of_everybody_come_between_two_slices(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = built()
    with scope(workspace.pk):
        run = start_run(kind=RunKind.REQUEST, first=TODAY, last=TODAY)
    with scope(other.pk):
        account = make_account(other, "waiting")
        mark_stale(account_ids=[account.pk], from_day=TODAY, moment=NOW)
    with time_machine.travel(NOW, tick=False):
        tasks.evaluate_run(workspace.pk, run.pk)
    with scope(other.pk):
        assert Health.objects.get().account_id == account.pk
