"""A portfolio whose accounts went different ways in a week, evaluated as the night does."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from accounts.models import Account, Workspace
from accounts.tenancy import scope
from scoring.services.evaluate import evaluate
from tests.factories import make_account
from tests.scoring.scored import measure, publish

TODAY = date(2026, 3, 10)
WEEK_AGO = TODAY - timedelta(days=7)
NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
BEGAN = date(2025, 6, 1)


def walk(
    workspace: Workspace, key: str, before: float | None, after: float | None, **fields: Any
) -> Account:
    """All three metrics are the one number until a week ago, then the other."""
    account = make_account(workspace, key, from_day=BEGAN, **fields)
    for day, value in ((WEEK_AGO - timedelta(days=1), before), (TODAY - timedelta(days=1), after)):
        if value is not None:
            measure(workspace, account, day, usage=value, support=value, nps=value)
    return account


def judge(workspace: Workspace, accounts: list[Account], *, first: date, last: date) -> None:
    with scope(workspace.pk):
        evaluate(
            workspace=workspace,
            account_ids=[account.pk for account in accounts],
            first=first,
            last=last,
            moment=NOON,
        )


def walked(workspace: Workspace, **owners: Any) -> dict[str, Account]:
    """Two fall, one rises, one stays, one is new and one is gone; one never had a value."""
    publish(workspace, BEGAN)
    made = {
        "fell": walk(workspace, "fell", 90, 20, contract_value_cents=500_00, currency="EUR"),
        "slid": walk(workspace, "slid", 90, 60, contract_value_cents=300_00, currency="USD"),
        "rose": walk(workspace, "rose", 10, 95, contract_value_cents=7_00, currency="EUR"),
        "stays": walk(workspace, "stays", 80, 82, contract_value_cents=None, currency="EUR"),
        "silent": walk(workspace, "silent", None, None, contract_value_cents=1_00, currency="USD"),
        "new": walk(workspace, "new", 70, 70, contract_value_cents=9_00, currency="USD"),
        "gone": walk(workspace, "gone", 30, 30, contract_value_cents=4_00, currency="EUR"),
    }
    both = [account for key, account in made.items() if key not in ("new", "gone")]
    judge(workspace, both, first=WEEK_AGO, last=TODAY)
    judge(workspace, [made["gone"]], first=WEEK_AGO, last=WEEK_AGO + timedelta(days=2))
    judge(workspace, [made["new"]], first=TODAY, last=TODAY)
    return made
