"""Which accounts a scorecard measures, by segment and day; and metrics that say nothing of some."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.inputs import AccountRow
from accounts.models import Account, Workspace
from accounts.services.accounts import upsert_accounts
from accounts.tenancy import scope
from scoring.models import Evaluation, Scorecard
from scoring.scorecards import read_scorecard
from scoring.services.evaluate import evaluate
from scoring.services.measurements import MeasurementRow, record_measurements
from scoring.services.segments import save_segment
from tests.factories import make_account, make_workspace
from tests.scoring.scored import DAY, document, measure, metric, noon, publish, score

pytestmark = pytest.mark.django_db

FIRST = date(2026, 6, 1)
LARGE = {"attribute": "contract_value", "op": "gte", "value": 50_000}
PRO = {"attribute": "plan", "op": "in", "value": ["pro", "max"]}


@pytest.fixture
def workspace(db: None) -> Workspace:
    workspace = make_workspace()
    keep(workspace, "large", LARGE)
    keep(workspace, "pro", PRO, {"attribute": "stage", "op": "ne", "value": "trial"})
    return workspace


def keep(workspace: Workspace, key: str, *conditions: dict[str, Any]) -> None:
    given = {"key": key, "name": key, "conditions": list(conditions)}
    with scope(workspace.pk):
        save_segment(document=given, today=FIRST)


def change(workspace: Workspace, account: Account, day: date, **fields: Any) -> None:
    with scope(workspace.pk):
        row = AccountRow(key=account.key, **fields)
        upsert_accounts(rows=[row], as_of=day, by=None, moment=noon(day))


def limited(*segments: str, **more: Any) -> dict[str, Any]:
    return document(metric("nps", 1), applies_to={"segment": list(segments), **more})


def days(workspace: Workspace, account: Account) -> list[int]:
    with scope(workspace.pk):
        rows = Evaluation.objects.filter(account_id=account.pk).order_by("day")
        return [day for row in rows for day in range(row.day.day, row.to_day.day + 1)]


def test_scorecard_measures_an_account_on_the_days_of_its_segments(workspace: Workspace) -> None:
    account = make_account(workspace)
    publish(workspace, FIRST, limited("large", "pro"))
    change(workspace, account, FIRST + DAY, contract_value=Decimal(50_000))
    change(workspace, account, FIRST + 3 * DAY, contract_value=Decimal(49_999))
    change(workspace, account, FIRST + 5 * DAY, attributes={"plan": "PRO"}, stage="live")
    change(workspace, account, FIRST + 7 * DAY, stage="trial")
    score(workspace, account, FIRST, FIRST + 8 * DAY)
    assert days(workspace, account) == [2, 3, 6, 7]


def test_stage_and_segment_must_both_fit(workspace: Workspace) -> None:
    account = make_account(workspace, attributes={"plan": "max"}, stage="live")
    other = make_account(workspace, attributes={"plan": "max"}, stage="churned")
    publish(workspace, FIRST, limited("pro", stage=["live"]))
    for each in (account, other):
        score(workspace, each, FIRST)
    assert (days(workspace, account), days(workspace, other)) == ([1], [])


def test_changed_segment_counts_from_the_next_evaluation_on(workspace: Workspace) -> None:
    account = make_account(workspace, attributes={"plan": "max"})
    publish(workspace, FIRST, limited("pro"))
    score(workspace, account, FIRST, FIRST + DAY)
    keep(workspace, "pro", {"attribute": "plan", "op": "eq", "value": "pro"})
    score(workspace, account, FIRST + 2 * DAY)
    assert days(workspace, account) == [1, 2]


def test_segments_take_one_query_more_whatever_the_accounts(workspace: Workspace) -> None:
    accounts = [make_account(workspace, attributes={"plan": "pro"}) for _ in range(12)]
    publish(workspace, FIRST, limited("large", "pro"))

    def queries(some: list[Account], last: date) -> int:
        ids = [account.pk for account in some]
        with scope(workspace.pk), CaptureQueriesContext(connection) as captured:
            evaluate(
                workspace=workspace, account_ids=ids, first=FIRST, last=last, moment=noon(last)
            )
        return len(captured)

    queries(accounts, FIRST + 5 * DAY)
    assert queries(accounts[:1], FIRST + 5 * DAY) == queries(accounts, FIRST + 5 * DAY)


EXEMPT = {"when": [PRO], "reason": "Their plan has no support"}


def test_metric_says_nothing_of_accounts_that_a_rule_exempts(workspace: Workspace) -> None:
    account = make_account(workspace)
    publish(workspace, FIRST, document(metric("nps", 1), metric("care", 3, not_applicable=EXEMPT)))
    measure(workspace, account, FIRST, nps=80, care=40)
    change(workspace, account, FIRST + DAY, attributes={"plan": "pro"})
    score(workspace, account, FIRST, FIRST + DAY)
    with scope(workspace.pk):
        rows = Evaluation.objects.filter(account_id=account.pk).order_by("day")
        assert [(row.score, row.coverage) for row in rows] == [(500_000, 10_000), (800_000, 10_000)]
        found = [
            read_scorecard(workspace=workspace, account=account, day=day)
            for day in (FIRST, FIRST + DAY)
        ]
    told = [(card.metrics[1].status, card.metrics[1].reason) for card in found if card]
    assert told == [("ok", ""), ("not_applicable", "Their plan has no support")]


def test_reason_of_a_person_stands_before_that_of_a_rule(workspace: Workspace) -> None:
    account = make_account(workspace, attributes={"plan": "pro"})
    publish(workspace, FIRST, document(metric("care", 1, not_applicable=EXEMPT)))
    rows = [MeasurementRow(account=account.key, metric="care", value=None, reason="They said so")]
    with scope(workspace.pk):
        record_measurements(workspace=workspace, rows=rows, moment=noon(FIRST))
    score(workspace, account, FIRST)
    with scope(workspace.pk):
        found = read_scorecard(
            workspace=workspace, account=account, scorecard=Scorecard.objects.get(), day=FIRST
        )
    assert found is not None
    assert (found.metrics[0].status, found.metrics[0].reason) == ("not_applicable", "They said so")
