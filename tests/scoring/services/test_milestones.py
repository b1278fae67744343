"""Milestones: set by hand, or reached by a condition on usage or on the account."""

from datetime import date
from typing import Any

import pytest

from accounts.inputs import AccountRow
from accounts.models import Account, Workspace
from accounts.services.accounts import upsert_accounts
from accounts.tenancy import scope
from scoring.models import Evaluation
from scoring.scorecard_parts import MetricScore
from scoring.scorecards import read_scorecard
from scoring.services.measurements import MeasurementRow, record_measurements
from scoring.services.stale import evaluate_stale
from tests.factories import make_account, make_workspace
from tests.scoring.scored import DAY, document, measure, noon, publish, score
from tests.scoring.services.test_evaluate import logins
from usage.services.ingest import ingest_events

pytestmark = pytest.mark.django_db

FIRST = date(2026, 6, 1)
WINDOW = {"type": "usage", "measure": "logins", "window_days": 2}
THREE_LOGINS = {"source": WINDOW, "op": "gte", "value": 3}
TRAINED = {"source": {"type": "attribute", "attribute": "trained"}, "op": "gte", "value": 5}


def milestone(key: str, weight: float, when: Any = None, **fields: Any) -> dict[str, Any]:
    source = {"type": "milestone"} if when is None else {"type": "milestone", "when": when}
    return {"key": key, "name": key, "weight": weight, "source": source, **fields}


def built(*metrics: dict[str, Any]) -> tuple[Workspace, Account]:
    workspace = make_workspace()
    account = make_account(workspace, "acme")
    publish(workspace, FIRST, document(*metrics))
    return workspace, account


def log_in(workspace: Workspace, day: date, count: int) -> None:
    with scope(workspace.pk):
        ingest_events(workspace=workspace, events=logins(day, count), moment=noon(day))


def told(workspace: Workspace, account: Account, day: date) -> dict[str, MetricScore]:
    with scope(workspace.pk):
        found = read_scorecard(workspace=workspace, account=account, day=day)
    assert found is not None
    return {metric.key: metric for metric in found.metrics}


def scores(workspace: Workspace, account: Account) -> list[tuple[int, int, int | None]]:
    with scope(workspace.pk):
        rows = Evaluation.objects.filter(account_id=account.pk).order_by("day")
        return [(row.day.day, row.to_day.day, row.score) for row in rows]


def test_t45_counts_milestones_by_weight_whatever_reached_them() -> None:
    metrics = [
        milestone("live", 5, THREE_LOGINS),
        milestone("trained", 3, TRAINED),
        milestone("kickoff", 2),
    ]
    workspace, account = built(*metrics)
    with scope(workspace.pk):
        row = AccountRow(key="acme", name="Acme", attributes={"trained": 4})
        upsert_accounts(rows=[row], as_of=FIRST, by=None, moment=noon(FIRST))
    measure(workspace, account, FIRST, kickoff=True)
    log_in(workspace, FIRST - 5 * DAY, 1)
    log_in(workspace, FIRST + DAY, 3)
    score(workspace, account, FIRST, FIRST + 3 * DAY)
    assert scores(workspace, account) == [(1, 1, 200_000), (2, 3, 700_000), (4, 4, 200_000)]
    found = told(workspace, account, FIRST + 2 * DAY)
    assert [(m.key, m.text, m.status, m.earned) for m in found.values()] == [
        ("live", "Done", "ok", 500_000),
        ("trained", "Not done", "ok", 0),
        ("kickoff", "Done", "ok", 200_000),
    ]


def test_milestone_with_a_condition_is_also_set_by_hand() -> None:
    workspace, account = built(milestone("live", 1, THREE_LOGINS))
    log_in(workspace, FIRST, 1)
    measure(workspace, account, FIRST + DAY, live=True)
    measure(workspace, account, FIRST + 2 * DAY, live=False)
    log_in(workspace, FIRST + 3 * DAY, 3)
    score(workspace, account, FIRST, FIRST + 5 * DAY)
    assert scores(workspace, account) == [
        (1, 1, 0),
        (2, 2, 1_000_000),
        (3, 3, 0),
        (4, 5, 1_000_000),
        (6, 6, 0),
    ]


def test_milestone_whose_source_has_no_data_yet_is_not_done() -> None:
    workspace, account = built(milestone("trained", 1, TRAINED), milestone("kickoff", 1))
    measure(workspace, account, FIRST, kickoff=True)
    score(workspace, account, FIRST)
    found = told(workspace, account, FIRST)["trained"]
    assert (found.text, found.status) == ("Not done", "ok")
    assert scores(workspace, account) == [(1, 1, 500_000)]
    measure(workspace, account, FIRST + DAY, trained=True)
    score(workspace, account, FIRST + DAY)
    assert told(workspace, account, FIRST + DAY)["trained"].text == "Done"


def test_milestone_whose_source_fails_has_failed_until_somebody_sets_it() -> None:
    workspace, account = built(milestone("trained", 1, TRAINED))
    with scope(workspace.pk):
        row = AccountRow(key="acme", name="Acme", attributes={"trained": "often"})
        upsert_accounts(rows=[row], as_of=FIRST, by=None, moment=noon(FIRST))
    score(workspace, account, FIRST)
    assert told(workspace, account, FIRST)["trained"].status == "error"
    measure(workspace, account, FIRST + DAY, trained=False)
    score(workspace, account, FIRST + DAY)
    assert told(workspace, account, FIRST + DAY)["trained"].text == "Not done"


def test_exempt_account_stays_exempt_where_the_condition_holds() -> None:
    workspace, account = built(milestone("live", 1, THREE_LOGINS))
    log_in(workspace, FIRST, 3)
    rows = [MeasurementRow(account="acme", metric="live", value=None, reason="Their own log-in")]
    with scope(workspace.pk):
        record_measurements(workspace=workspace, rows=rows, moment=noon(FIRST))
    score(workspace, account, FIRST)
    assert scores(workspace, account) == [(1, 1, None)]
    assert told(workspace, account, FIRST)["live"].status == "not_applicable"


def test_only_what_a_person_said_grows_old() -> None:
    workspace, account = built(milestone("live", 1, THREE_LOGINS, validity_days=1))
    measure(workspace, account, FIRST, live=True)
    log_in(workspace, FIRST + 3 * DAY, 3)
    score(workspace, account, FIRST, FIRST + 3 * DAY)
    assert scores(workspace, account) == [(1, 2, 1_000_000), (3, 3, None), (4, 4, 1_000_000)]


def test_late_event_reaches_a_milestone_on_its_day() -> None:
    workspace, account = built(milestone("live", 1, THREE_LOGINS))
    log_in(workspace, FIRST, 2)
    score(workspace, account, FIRST, FIRST + 3 * DAY)
    with scope(workspace.pk):
        late = [{**event, "event_id": f"late-{n}"} for n, event in enumerate(logins(FIRST, 1))]
        ingest_events(workspace=workspace, events=late, moment=noon(FIRST + 3 * DAY))
    evaluate_stale(workspace=workspace, moment=noon(FIRST + 3 * DAY))
    assert scores(workspace, account) == [(1, 2, 1_000_000), (3, 3, 0), (4, 4, 0)]
