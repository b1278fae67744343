"""Runs: slices that any number of workers claim, none of them twice, none of them lost."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from threading import Barrier, Event
from typing import Any

import pytest
from django.db import connection

from accounts.models import Workspace
from accounts.tenancy import scope
from scoring.models import Evaluation, Health, Run, RunKind, RunSlice, SupersededEvaluation
from scoring.services import runs
from scoring.services.configuration import publish_scorecard
from scoring.services.evaluate import evaluate
from scoring.services.runs import start_night, start_run, work_run
from tests.factories import make_account, make_workspace
from tests.scoring.services.test_evaluate import CARD
from usage.services.ingest import ingest_events

pytestmark = pytest.mark.usefixtures("committed", "small_slices")

TODAY = date(2026, 6, 10)
NOW = datetime(2026, 6, 10, 12, tzinfo=UTC)
DAY = timedelta(days=1)
ACCOUNTS = 12


def clock() -> datetime:
    return NOW


@pytest.fixture
def small_slices(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runs, "LARGEST_SLICE", 2)


@pytest.fixture
def workspace() -> Workspace:
    """Twelve accounts: the n-th has n log-ins on June 1st."""
    workspace = make_workspace()
    for n in range(ACCOUNTS):
        make_account(workspace, f"a{n}")
    events = [
        {
            "event_id": f"{n}-{i}",
            "account": f"a{n}",
            "user": f"u{i}",
            "type": "login",
            "occurred_at": "2026-06-04T10:00:00Z",
        }
        for n in range(ACCOUNTS)
        for i in range(n)
    ]
    with scope(workspace.pk):
        publish_scorecard(document=CARD, by=None, moment=NOW)
        ingest_events(workspace=workspace, events=events, moment=NOW)
    return workspace


def started(workspace: Workspace, first: date = TODAY, last: date = TODAY) -> Run:
    with scope(workspace.pk):
        return start_run(kind=RunKind.REQUEST, first=first, last=last)


def fresh(workspace: Workspace, run: Run) -> Run:
    with scope(workspace.pk):
        found: Run = Run.objects.get(pk=run.pk)
        return found


def work(workspace: Workspace, run: Run) -> list[int]:
    return list(work_run(workspace=workspace, run_id=run.pk, clock=clock))


def stored(workspace: Workspace) -> list[tuple[Any, ...]]:
    with scope(workspace.pk):
        rows = Evaluation.objects.order_by("account_id", "day")
        return list(rows.values_list("account_id", "day", "to_day", "score", "evaluated_at"))


def at_once(jobs: list[Callable[[], Any]]) -> list[Any]:
    barrier = Barrier(len(jobs))

    def start(job: Callable[[], Any]) -> Any:
        barrier.wait()
        try:
            return job()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(jobs)) as pool:
        return list(pool.map(start, jobs))


def test_workers_share_the_slices_and_do_none_twice(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[int, ...]] = []

    def noted(**given: Any) -> None:
        seen.append(tuple(given["account_ids"]))
        evaluate(**given)
        time.sleep(0.02)

    monkeypatch.setattr(runs, "evaluate", noted)
    run = started(workspace, TODAY - 4 * DAY)
    done = at_once([lambda: work(workspace, run)] * 4)
    assert sorted(n for each in done for n in each) == [10] * 6
    assert len(seen) == len(set(seen)) == 6
    assert len([each for each in done if each]) > 1, "the work was shared"
    closed = fresh(workspace, run)
    assert (closed.state, closed.done, closed.total, closed.error) == ("done", 60, 60, "")
    assert closed.finished_at == NOW
    with scope(workspace.pk):
        assert RunSlice.objects.filter(done_at=NOW, attempts=0).count() == 6
        assert Health.objects.count() == ACCOUNTS


def test_run_that_others_closed_before_a_slice_was_counted_stays_closed(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    count = runs._progress

    def late(*given: Any) -> None:
        monkeypatch.setattr(runs, "_progress", count)
        work(workspace, run)
        count(*given)

    monkeypatch.setattr(runs, "_progress", late)
    run = started(workspace, TODAY - 4 * DAY)
    work(workspace, run)
    closed = fresh(workspace, run)
    assert (closed.state, closed.done, closed.total) == ("done", 60, 60)


@pytest.mark.parametrize("evaluated_before", [False, True])
def test_runs_over_the_same_accounts_at_once_store_each_day_once(
    workspace: Workspace, evaluated_before: bool
) -> None:
    if evaluated_before:
        work(workspace, started(workspace, TODAY - 9 * DAY, TODAY - 5 * DAY))
    same = [started(workspace, TODAY - n * DAY) for n in range(4)]
    at_once([lambda run=run: work(workspace, run) for run in same])  # type: ignore[misc]
    assert [fresh(workspace, run).state for run in same] == ["done"] * 4
    with scope(workspace.pk):
        assert RunSlice.objects.filter(attempts=0).count() == RunSlice.objects.count()
        assert SupersededEvaluation.objects.count() == 0
    for (account, _, end, *_), (following, start, *_) in pairwise(stored(workspace)):
        assert account != following or end < start


def test_running_twice_changes_nothing(workspace: Workspace) -> None:
    work(workspace, started(workspace, TODAY - 9 * DAY))
    once = stored(workspace)
    assert len(once) >= ACCOUNTS
    work(workspace, started(workspace, TODAY - 9 * DAY))
    work(workspace, started(workspace, TODAY - 3 * DAY, TODAY - 2 * DAY))
    assert stored(workspace) == once


def test_slice_in_other_hands_is_left_to_them(workspace: Workspace) -> None:
    run, holding, released = started(workspace), Event(), Event()

    def hold() -> None:
        with scope(workspace.pk):
            claimed = runs._claim(run.pk)
            assert claimed is not None
            holding.set()
            assert released.wait(30)
            claimed.done_at = NOW
            claimed.save(update_fields=["done_at"])

    def others() -> list[int]:
        assert holding.wait(30)
        try:
            return work(workspace, run)
        finally:
            released.set()

    _held, done = at_once([hold, others])
    assert done == [2] * 5
    assert fresh(workspace, run).state == "running"
    # Its holder was killed before it could close the run: whoever looks next does.
    assert work(workspace, run) == []
    assert (fresh(workspace, run).state, fresh(workspace, run).done) == ("done", 12)


def test_run_without_accounts_is_done_by_whoever_looks() -> None:
    workspace = make_workspace()
    run = started(workspace)
    assert (run.state, run.total) == ("queued", 0)
    assert work(workspace, run) == []
    assert (fresh(workspace, run).state, fresh(workspace, run).percent) == ("done", 100)


def test_run_of_another_workspace_is_not_found(workspace: Workspace) -> None:
    run = started(workspace)
    with pytest.raises(Run.DoesNotExist):
        work(make_workspace(), run)


def test_night_starts_once_however_many_beats_there_are(workspace: Workspace) -> None:
    nights = at_once([lambda: start_night(workspace=workspace, today=TODAY, last_night=None)] * 4)
    assert len([night for night in nights if night]) == 1
    with scope(workspace.pk):
        assert Run.objects.filter(kind=RunKind.NIGHT).count() == 1
        assert RunSlice.objects.count() == 6


@pytest.mark.parametrize(
    ("last_night", "first"),
    [(None, 0), (1, 0), (2, 1), (10, 9), (30, 29), (31, 30), (400, 30)],
)
def test_night_catches_up_with_missed_ones(
    workspace: Workspace, last_night: int | None, first: int
) -> None:
    before = None if last_night is None else TODAY - last_night * DAY
    run = start_night(workspace=workspace, today=TODAY, last_night=before)
    assert run is not None
    assert (run.from_day, run.to_day) == (TODAY - first * DAY, TODAY)


@pytest.mark.parametrize("last_night", [TODAY, TODAY + DAY])
def test_night_that_was_is_not_started_again(workspace: Workspace, last_night: date) -> None:
    assert start_night(workspace=workspace, today=TODAY, last_night=last_night) is None
