"""Batches that arrive at the same time neither lock each other out nor count anything twice."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from functools import partial
from threading import Barrier, Event
from typing import Any

import pytest
from celery import current_app
from django.db import connection

from accounts.models import Account, AccountState, StaleAccount, Workspace
from accounts.services import stale
from accounts.tenancy import scope
from scorecard_project.embedded.processes import wait_until
from tests.factories import make_account, make_workspace
from usage.models import AccountDay, EndUser, EventKey, UsageEvent, UserMonth
from usage.services.ingest import Ingested, ingest_events

MOMENT = datetime(2026, 3, 1, 12, tzinfo=UTC)

pytestmark = pytest.mark.usefixtures("committed")


def events(numbers: range) -> list[dict[str, Any]]:
    return [
        {
            "event_id": f"event-{n}",
            "account": f"account-{n % 7}",
            "user": f"user-{n % 11}",
            "type": "feature" if n % 2 else "login",
            "feature": f"feature-{n % 5}" if n % 2 else None,
            "occurred_at": f"2026-0{1 + n % 2}-{1 + n % 20:02}T10:00:00Z",
        }
        for n in numbers
    ]


def at_once(jobs: list[Callable[[], Ingested]]) -> list[Ingested]:
    barrier = Barrier(len(jobs))

    def start(job: Callable[[], Ingested]) -> Ingested:
        barrier.wait()
        try:
            return job()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(jobs)) as pool:
        return list(pool.map(start, jobs))


def ingest(workspace: Workspace, batch: list[dict[str, Any]]) -> Ingested:
    with scope(workspace.pk):
        return ingest_events(workspace=workspace, events=batch, moment=MOMENT)


@pytest.mark.parametrize("attempt", range(3))
def test_batches_with_the_same_events_at_once_count_each_once(attempt: int) -> None:
    workspace = make_workspace()
    forward = events(range(400))
    shuffled = forward[200:] + forward[:200]
    batches = [forward, forward[::-1], shuffled, shuffled[::-1], forward[::3], forward[::-2]]
    done = at_once([partial(ingest, workspace, batch) for batch in batches])
    assert sum(each.accepted for each in done) == 400
    assert sum(each.duplicates for each in done) == sum(map(len, batches)) - 400
    with scope(workspace.pk):
        assert Account.objects.count() == AccountState.objects.count() == 7
        assert StaleAccount.objects.count() == 7
        assert EventKey.objects.count() == UsageEvent.objects.count() == 400
        assert sum(AccountDay.objects.values_list("events", flat=True)) == 400
        assert sum(AccountDay.objects.values_list("logins", flat=True)) == 200
        assert sum(map(sum, AccountDay.objects.values_list("feature_counts", flat=True))) == 200
        assert sum(UserMonth.objects.values_list("logins", flat=True)) == 200
        assert EndUser.objects.count() == len({(e["account"], e["user"]) for e in forward})


def test_different_events_of_the_same_accounts_at_once_all_count() -> None:
    workspace = make_workspace()
    done = at_once(
        [
            partial(ingest, workspace, events(range(n * 200, n * 200 + 200))[:: 1 - 2 * (n % 2)])
            for n in range(6)
        ]
    )
    assert [each.accepted for each in done] == [200] * 6
    with scope(workspace.pk):
        assert sum(AccountDay.objects.values_list("events", flat=True)) == 1200
        assert sum(UserMonth.objects.values_list("feature_uses", flat=True)) == 600


def test_mark_stale_nudges_once_for_each_transaction(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[tuple[str, Any]] = []
    monkeypatch.setattr(
        current_app, "send_task", lambda name, args, **options: sent.append((name, args))
    )
    workspace = make_workspace()
    account = make_account(workspace)
    stale._nudged.clear()
    with scope(workspace.pk):
        for day in (3, 1, 2):
            stale.mark_stale(account_ids=[account.pk], from_day=date(2026, 1, day), moment=MOMENT)
        assert ("scoring.evaluate_stale", [workspace.pk]) not in sent
    nudge = ("scoring.evaluate_stale", [workspace.pk])
    assert wait_until(lambda: nudge in sent, seconds=10)
    with scope(workspace.pk):
        assert StaleAccount.objects.get().from_day == date(2026, 1, 1)
        stale.mark_stale(account_ids=[account.pk], from_day=date(2026, 1, 9), moment=MOMENT)
    assert sent.count(nudge) == 1, "the nudge before waits a moment and covers this one"
    with scope(workspace.pk):
        assert StaleAccount.objects.get().from_day == date(2026, 1, 1)


def test_lost_broker_does_not_lose_the_events(monkeypatch: pytest.MonkeyPatch) -> None:
    def lost(*args: Any, **options: Any) -> None:
        raise ConnectionError("no broker")

    monkeypatch.setattr(current_app, "send_task", lost)
    workspace = make_workspace()
    assert ingest(workspace, events(range(3))).accepted == 3
    with scope(workspace.pk):
        assert StaleAccount.objects.count() == 3


def test_hanging_broker_holds_nobody_up(monkeypatch: pytest.MonkeyPatch) -> None:
    asked, answer = Event(), Event()

    def hang(*args: Any, **options: Any) -> None:
        asked.set()
        assert answer.wait(60)

    monkeypatch.setattr(current_app, "send_task", hang)
    try:
        for _ in range(3):
            stale._nudged.clear()
            workspace = make_workspace()
            assert ingest(workspace, events(range(3))).accepted == 3
        assert asked.wait(10)
    finally:
        answer.set()
