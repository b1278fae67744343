"""Accounts whose data changed: today within one call, late days restated exactly."""

from concurrent.futures import ThreadPoolExecutor
from copy import deepcopy
from datetime import UTC, date, datetime, timedelta
from threading import Barrier
from typing import Any

import pytest
from django.db import connection

from accounts.models import Account, StaleAccount, Workspace
from accounts.services.stale import mark_stale
from accounts.tenancy import scope
from scoring.models import (
    Alert,
    Evaluation,
    Health,
    RunKind,
    ScorecardVersion,
    SupersededEvaluation,
)
from scoring.services import stale
from scoring.services.configuration import publish_scorecard, save_rule
from scoring.services.evaluate import evaluate
from scoring.services.runs import start_run, work_run
from scoring.services.stale import evaluate_stale
from tests.factories import make_account, make_workspace
from tests.scoring.documents import DROP
from tests.scoring.services.test_evaluate import CARD
from usage.services.ingest import ingest_events

DAY = timedelta(days=1)
TODAY = date(2026, 6, 10)
NOW = datetime(2026, 6, 10, 12, tzinfo=UTC)


@pytest.fixture
def workspace(db: None) -> Workspace:
    return built()


def built() -> Workspace:
    """Two accounts with five log-ins on June 1st; nothing is evaluated yet, nothing is stale."""
    workspace = make_workspace()
    for key in ("acme", "globex"):
        make_account(workspace, key)
    with scope(workspace.pk):
        publish_scorecard(document=CARD, by=None, moment=NOW)
        for key in ("acme", "globex"):
            ingest_events(workspace=workspace, events=logins(key, 1, 5), moment=NOW)
        StaleAccount.objects.all().delete()
    return workspace


def logins(account: str, day: int, count: int, name: str = "") -> list[dict[str, Any]]:
    return [
        {
            "event_id": f"{account}-{day}-{name}-{n}",
            "account": account,
            "user": f"user-{n}",
            "type": "login",
            "occurred_at": f"2026-06-{day:02}T10:00:00Z",
        }
        for n in range(count)
    ]


def happen(workspace: Workspace, *events: list[dict[str, Any]]) -> None:
    with scope(workspace.pk):
        for batch in events:
            ingest_events(workspace=workspace, events=batch, moment=NOW)


def score(workspace: Workspace, first: int, last: int, *keys: str) -> None:
    with scope(workspace.pk):
        evaluate(
            workspace=workspace,
            account_ids=[pk for key, pk in accounts() if not keys or key in keys],
            first=date(2026, 6, first),
            last=date(2026, 6, last),
            moment=NOW,
        )


def accounts() -> list[tuple[str, int]]:
    return list(Account.objects.values_list("key", "pk"))


def rows(workspace: Workspace, key: str) -> list[tuple[int, int, int | None, bool, int]]:
    """First day, last day, shown score, whether restated, version: of June."""
    with scope(workspace.pk):
        numbers = dict(ScorecardVersion.objects.values_list("pk", "number"))
        found = Evaluation.objects.filter(account_id=dict(accounts())[key]).order_by("day")
        return [
            (
                row.day.day,
                row.to_day.day,
                None if row.score is None else row.score // 10_000,
                bool(row.flags & Evaluation.RESTATED),
                numbers[row.version_id],
            )
            for row in found
        ]


def test_event_of_today_changes_todays_score_in_one_call(workspace: Workspace) -> None:
    score(workspace, 1, 10)
    happen(workspace, logins("acme", 10, 4))
    assert evaluate_stale(workspace=workspace, moment=NOW) == 1
    assert rows(workspace, "acme") == [
        (1, 7, 50, False, 1),
        (8, 9, 0, False, 1),
        (10, 10, 40, False, 1),
    ]
    assert rows(workspace, "globex") == [(1, 7, 50, False, 1), (8, 10, 0, False, 1)]
    with scope(workspace.pk):
        assert StaleAccount.objects.count() == SupersededEvaluation.objects.count() == 0
        assert Health.objects.get(account_id=dict(accounts())["acme"]).score == 400_000
    assert evaluate_stale(workspace=workspace, moment=NOW) == 0


def test_account_that_never_was_evaluated_is_evaluated_today_alone(workspace: Workspace) -> None:
    happen(workspace, logins("acme", 4, 3))
    assert evaluate_stale(workspace=workspace, moment=NOW) == 1
    assert rows(workspace, "acme") == [(10, 10, 30, False, 1)]
    assert rows(workspace, "globex") == []


def test_late_event_restates_exactly_the_days_that_it_touches(workspace: Workspace) -> None:
    score(workspace, 1, 10)
    happen(workspace, logins("acme", 2, 2))
    evaluate_stale(workspace=workspace, moment=NOW)
    assert rows(workspace, "acme") == [
        (1, 1, 50, False, 1),
        (2, 7, 70, True, 1),
        (8, 8, 20, True, 1),
        (9, 9, 0, False, 1),
        (10, 10, 0, False, 1),
    ]
    assert rows(workspace, "globex") == [(1, 7, 50, False, 1), (8, 10, 0, False, 1)]
    with scope(workspace.pk):
        believed = SupersededEvaluation.objects.order_by("day")
        assert [(b.day.day, b.to_day.day, b.score) for b in believed] == [
            (1, 7, 500_000),
            (8, 10, 0),
        ]


def test_days_that_were_not_evaluated_stay_so(workspace: Workspace) -> None:
    score(workspace, 1, 2)
    score(workspace, 5, 6, "acme")
    score(workspace, 8, 8, "globex")
    happen(workspace, logins("acme", 2, 1), logins("globex", 6, 1))
    assert evaluate_stale(workspace=workspace, moment=NOW) == 2
    assert rows(workspace, "acme") == [
        (1, 1, 50, False, 1),
        (2, 2, 60, True, 1),
        (5, 6, 60, True, 1),
        (10, 10, 0, False, 1),
    ]
    assert rows(workspace, "globex") == [
        (1, 2, 50, False, 1),
        (8, 8, 10, True, 1),
        (10, 10, 10, False, 1),
    ]


def test_late_day_is_restated_with_the_version_of_its_day(workspace: Workspace) -> None:
    score(workspace, 1, 5)
    kinder: Any = deepcopy(CARD)
    kinder["groups"][0]["metrics"][0]["grade"]["best"] = 20
    with scope(workspace.pk):
        publish_scorecard(document=kinder, by=None, moment=NOW)
    score(workspace, 6, 10)
    happen(workspace, logins("acme", 4, 2))
    evaluate_stale(workspace=workspace, moment=NOW)
    assert rows(workspace, "acme") == [
        (1, 3, 50, False, 1),
        (4, 5, 70, True, 1),
        (6, 7, 35, True, 2),
        (8, 9, 10, True, 2),
        (10, 10, 10, False, 2),
    ]


def test_mark_of_a_restated_day_stays_when_it_is_restated_again(workspace: Workspace) -> None:
    score(workspace, 1, 10)
    happen(workspace, logins("acme", 3, 1, "a"))
    evaluate_stale(workspace=workspace, moment=NOW)
    happen(workspace, logins("acme", 7, 1, "b"))
    evaluate_stale(workspace=workspace, moment=NOW)
    happen(workspace, logins("acme", 10, 1, "c"))
    with scope(workspace.pk):
        pk = dict(accounts())["acme"]
        mark_stale(account_ids=[pk], from_day=date(2026, 6, 1), moment=NOW)
    evaluate_stale(workspace=workspace, moment=NOW)
    assert rows(workspace, "acme") == [
        (1, 2, 50, False, 1),
        (3, 6, 60, True, 1),
        (7, 7, 70, True, 1),
        (8, 9, 20, True, 1),
        (10, 10, 20, False, 1),
    ]


def test_late_event_raises_the_alert_of_its_day(workspace: Workspace) -> None:
    with scope(workspace.pk):
        save_rule(document={**DROP, "when": {**DROP["when"], "points": 60}})
    score(workspace, 1, 10)
    with scope(workspace.pk):
        assert Alert.objects.count() == 0
    happen(workspace, logins("acme", 1, 3, "late"))
    evaluate_stale(workspace=workspace, moment=NOW)
    with scope(workspace.pk):
        alert = Alert.objects.get()
        assert (alert.account.key, alert.day, alert.delta) == ("acme", date(2026, 6, 8), -800_000)


def test_more_marks_than_a_batch_are_all_worked_off(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stale, "BATCH", 1)
    happen(workspace, logins("acme", 10, 1), logins("globex", 10, 2))
    assert evaluate_stale(workspace=workspace, moment=NOW) == 2
    with scope(workspace.pk):
        assert Health.objects.count() == 2


def test_failure_keeps_the_marks(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(**given: Any) -> None:
        raise ValueError("no")

    happen(workspace, logins("acme", 10, 1))
    with monkeypatch.context() as broken:
        broken.setattr(stale, "evaluate", fails)
        with pytest.raises(ValueError, match="no"):
            evaluate_stale(workspace=workspace, moment=NOW)
    with scope(workspace.pk):
        assert StaleAccount.objects.count() == 1
    assert evaluate_stale(workspace=workspace, moment=NOW) == 1


def test_other_workspaces_marks_are_not_touched(workspace: Workspace) -> None:
    happen(workspace, logins("acme", 10, 1))
    assert evaluate_stale(workspace=make_workspace(), moment=NOW) == 0
    with scope(workspace.pk):
        assert StaleAccount.objects.count() == 1


@pytest.mark.usefixtures("committed")
def test_events_runs_and_marks_at_once_end_with_every_event_counted() -> None:
    """Events come in while the night and several workers evaluate the same accounts."""
    workspace = built()
    with scope(workspace.pk):
        run = start_run(kind=RunKind.NIGHT, first=TODAY - 9 * DAY, last=TODAY)
    barrier = Barrier(5)

    def together(job: Any) -> None:
        barrier.wait()
        try:
            job()
        finally:
            connection.close()

    def send() -> None:
        for n in range(8):
            happen(workspace, logins(("acme", "globex")[n % 2], 1 + n, 1, f"more-{n}"))

    def night() -> None:
        list(work_run(workspace=workspace, run_id=run.pk, clock=lambda: NOW))

    def seconds() -> None:
        for _ in range(6):
            evaluate_stale(workspace=workspace, moment=NOW)

    with ThreadPoolExecutor(5) as pool:
        list(pool.map(together, [send, send, night, seconds, seconds]))
    evaluate_stale(workspace=workspace, moment=NOW)
    twin = built()
    happen(
        twin,
        *(logins(("acme", "globex")[n % 2], 1 + n, 1, f"more-{n}") for n in range(8)),
    )
    score(twin, 1, 10)
    for key in ("acme", "globex"):
        assert by_day(workspace, key) == by_day(twin, key)


def by_day(workspace: Workspace, key: str) -> dict[int, int | None]:
    return {
        day: shown
        for first, last, shown, *_ in rows(workspace, key)
        for day in range(first, last + 1)
    }
