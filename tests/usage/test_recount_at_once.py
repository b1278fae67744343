"""Batches that arrive while days are counted anew are neither lost nor counted twice."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from functools import partial
from threading import Barrier, Event
from typing import Any

import pytest
from django.db import connection

from accounts.models import Account, Workspace
from accounts.tenancy import scope
from tests.factories import make_workspace
from tests.usage.derived import derived
from usage.services.ingest import ingest_events
from usage.services.recount import recount
from usage.services.withdraw import withdraw_events

MOMENT = datetime(2026, 3, 30, 12, tzinfo=UTC)

pytestmark = pytest.mark.usefixtures("committed")


def event(number: int) -> dict[str, Any]:
    return {
        "event_id": f"event-{number}",
        "account": f"account-{number % 3}",
        "user": f"user-{number % 5}",
        "type": "feature" if number % 2 else "login",
        "feature": f"feature-{number % 4}" if number % 2 else None,
        "occurred_at": f"2026-0{1 + number % 3}-{1 + number % 27:02}T10:00:00Z",
    }


def send(workspace: Workspace, numbers: range) -> None:
    for number in numbers:
        with scope(workspace.pk):
            ingest_events(workspace=workspace, events=[event(number)], moment=MOMENT)


def recount_all(workspace: Workspace) -> None:
    with scope(workspace.pk):
        recount(
            account_ids=Account.objects.values_list("pk", flat=True),
            first=date(2026, 1, 1),
            last=date(2026, 3, 31),
            moment=MOMENT,
        )


def recount_often(workspace: Workspace) -> None:
    for _ in range(12):
        recount_all(workspace)


def withdraw(workspace: Workspace, numbers: range) -> None:
    for number in numbers:
        with scope(workspace.pk):
            withdraw_events(days={f"event-{number}": None}, moment=MOMENT)


def at_once(*jobs: Callable[[], None]) -> None:
    barrier = Barrier(len(jobs))

    def start(job: Callable[[], None]) -> None:
        barrier.wait()
        try:
            job()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(jobs)) as pool:
        list(pool.map(start, jobs))


def test_batches_recounts_and_withdrawals_at_once_count_each_event_once() -> None:
    workspace, quiet = make_workspace(), make_workspace()
    for each in (workspace, quiet):
        send(each, range(60))
    at_once(
        partial(send, workspace, range(60, 120)),
        partial(send, workspace, range(120, 180)),
        partial(recount_often, workspace),
        partial(withdraw, workspace, range(0, 60, 3)),
    )
    send(quiet, range(60, 180))
    withdraw(quiet, range(0, 60, 3))
    assert derived(workspace) == derived(quiet)


def somebody_waits() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
        return bool(cursor.fetchone()[0])


def test_recount_waits_for_a_batch_that_is_not_committed() -> None:
    workspace, quiet = make_workspace(), make_workspace()
    for each in (workspace, quiet):
        send(each, range(30))
    stored, counting = Event(), Event()

    def slow_batch() -> None:
        with scope(workspace.pk):
            ingest_events(
                workspace=workspace, events=[event(n) for n in range(30, 60)], moment=MOMENT
            )
            stored.set()
            while not somebody_waits() and not counting.is_set():
                pass

    def count_meanwhile() -> None:
        stored.wait()
        recount_all(workspace)
        counting.set()

    at_once(slow_batch, count_meanwhile)
    send(quiet, range(30, 60))
    assert derived(workspace) == derived(quiet)
