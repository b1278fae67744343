"""An account with the scorecard of vectors T-39 to T-41: three numbers set by hand."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from accounts.models import Account, Workspace
from accounts.tenancy import scope
from scoring.services.configuration import publish_scorecard
from scoring.services.evaluate import evaluate
from scoring.services.measurements import MeasurementRow, record_measurements
from tests.factories import make_account

DAY = timedelta(days=1)
NUMBER: dict[str, Any] = {"source": {"type": "manual"}, "grade": {"type": "number"}}
LEVELS = [
    {"key": "none", "label": "No contact", "score": 0, "help": "Nobody knows us."},
    {"key": "working", "label": "Working contact", "score": 50},
    {"key": "sponsor", "label": "Active sponsor", "score": 100},
]


def noon(day: date) -> datetime:
    return datetime.combine(day, time(12), tzinfo=UTC)


def metric(key: str, weight: float, **fields: Any) -> dict[str, Any]:
    return {"key": key, "name": key.title(), "weight": weight, **(NUMBER | fields)}


def document(*metrics: dict[str, Any], **fields: Any) -> dict[str, Any]:
    group = {"key": "all", "name": "Everything", "weight": 1, "metrics": list(metrics)}
    return {"key": "health", "name": "Customer health", "groups": [group], **fields}


def three(**nps: Any) -> dict[str, Any]:
    return document(metric("usage", 40), metric("support", 30), metric("nps", 30, **nps))


def publish(workspace: Workspace, day: date, given: dict[str, Any] | None = None) -> None:
    with scope(workspace.pk):
        publish_scorecard(document=given or three(), by=None, moment=noon(day))


def measure(workspace: Workspace, account: Account, day: date, **values: Any) -> None:
    rows = [
        MeasurementRow(account=account.key, metric=key, value=value)
        for key, value in values.items()
    ]
    with scope(workspace.pk):
        record_measurements(workspace=workspace, rows=rows, moment=noon(day), source="test")


def score(workspace: Workspace, account: Account, first: date, last: date | None = None) -> None:
    with scope(workspace.pk):
        evaluate(
            workspace=workspace,
            account_ids=[account.pk],
            first=first,
            last=last or first,
            moment=noon(last or first),
        )


def make_scored(workspace: Workspace, day: date, key: str = "", **fields: Any) -> Account:
    """With 90, 80 and 20 since the day before, evaluated on the day."""
    account = make_account(workspace, key, from_day=day - 365 * DAY, **fields)
    publish(workspace, day - DAY)
    measure(workspace, account, day - DAY, usage=90, support=80, nps=20)
    score(workspace, account, day)
    return account
