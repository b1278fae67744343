"""Portfolios for the tests: accounts with their current health, as evaluations leave them."""

from datetime import UTC, date, datetime
from typing import Any

import numpy as np

from accounts.models import Account, Workspace
from accounts.tenancy import scope
from scoring.engine.fixed import NONE
from scoring.models import Alert, Evaluation, Health, Rule, ScorecardVersion, Severity
from scoring.recent import DAYS, packed
from scoring.services.configuration import publish_scorecard
from tests.factories import make_account

TODAY = date(2026, 3, 10)
NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
CARD = {
    "key": "health",
    "name": "Customer health",
    "scheme": "ryg",
    "groups": [
        {
            "key": "relationship",
            "name": "Relationship",
            "weight": 1,
            "metrics": [
                {
                    "key": "sponsor",
                    "name": "Sponsor",
                    "weight": 1,
                    "source": {"type": "manual"},
                    "grade": {"type": "number"},
                }
            ],
        }
    ],
}
BANDS = ("red", "yellow", "green")
LOGINS = {
    "metric": "logins",
    "name": "Log-ins",
    "kinds": ["behaviour"],
    "points": -71000,
    "status": "ok",
}


def weeks(scores: list[int | None]) -> bytes:
    """What health keeps where these were the scores of the last weeks."""
    kept = np.full((1, DAYS), NONE, np.int32)
    kept[0, ::7][-len(scores) :] = [NONE if score is None else score for score in scores]
    return packed(kept)


def publish(workspace: Workspace) -> ScorecardVersion:
    with scope(workspace.pk):
        found = ScorecardVersion.objects.first()
        return found or publish_scorecard(document=CARD, by=None, note="", moment=NOON)


def make_health(
    workspace: Workspace,
    key: str = "",
    *,
    score: float | None = 60,
    change: float | None = None,
    coverage: int = 10_000,
    flags: int = 0,
    reasons: list[dict[str, Any]] | None = None,
    **account: Any,
) -> Account:
    """An account that was evaluated today."""
    version = publish(workspace)
    made = make_account(workspace, key, **account)
    band = -1 if score is None else 0 if score < 50.5 else 1 if score < 75.5 else 2
    with scope(workspace.pk):
        Health.objects.create(
            account_id=made.pk,
            scorecard_id=version.scorecard_id,
            version_id=version.pk,
            day=TODAY,
            score=None if score is None else round(score * 10_000),
            band=band,
            band_key="unknown" if band < 0 else BANDS[band],
            coverage=coverage,
            flags=flags,
            change=None if change is None else round(change * 10_000),
            reasons=reasons or [],
            recent=weeks([None, 500_000, 600_000]),
        )
    return made


PROVISIONAL, HELD = Evaluation.PROVISIONAL, Evaluation.HELD


def make_alert(workspace: Workspace, **fields: Any) -> Alert:
    account = fields.pop("account", None) or make_account(workspace)
    version = publish(workspace)
    with scope(workspace.pk):
        rule, _ = Rule.objects.get_or_create(
            key="drop", defaults={"name": "Significant drop", "document": {}}
        )
        given: dict[str, Any] = {
            "rule": rule,
            "account": account,
            "scorecard_id": version.scorecard_id,
            "severity": Severity.RISK,
            "day": TODAY,
            "compared_day": date(2026, 2, 8),
            "score": 540_000,
            "delta": -120_000,
            "band_key": "yellow",
            "entries": [LOGINS],
        }
        alert: Alert = Alert.objects.create(**(given | fields))
        return alert
