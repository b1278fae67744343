"""What one metric of a draft says of the accounts today, before anything is published; only read."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np

from accounts.errors import InvalidInput
from accounts.models import Account, Workspace
from scoring.drafts import Document, Node
from scoring.engine.card import Metric
from scoring.engine.compiled import Compiled, compile_card
from scoring.engine.fixed import Int64
from scoring.engine.status import Status
from scoring.models import Scorecard
from scoring.services.configuration import validate_document
from scoring.services.evaluate import evaluated
from scoring.services.preview import sampled

SAMPLE = 2000
STAND_IN: Node = {"type": "linear", "worst": 0, "best": 1}
"""Grades while the real one is not sound yet: only the values are looked at."""


@dataclass(frozen=True)
class MetricValues:
    """`values` and `scores` of the accounts that have one; a score of NONE is none.

    Without `scores` the grade is not sound yet. `total` are all accounts, `accounts` those looked at.
    """

    metric: Metric
    values: Int64
    scores: Int64 | None
    missing: int
    others: int
    """Failed, expired or not applicable."""
    outside: int
    """The scorecard does not apply to them."""
    accounts: int
    total: int


def metric_values(
    *,
    workspace: Workspace,
    scorecard: Scorecard,
    document: Document,
    metric: Node,
    moment: datetime,
) -> MetricValues | None:
    """None where the source is not sound yet."""
    found = _compiled(document, metric)
    if found is None:
        return None
    card, graded = found
    every = np.fromiter(Account.objects.order_by("pk").values_list("pk", flat=True), np.int64)
    ids = sampled(every, SAMPLE)
    today = workspace.day_of(moment)
    outcome = evaluated(
        card,
        workspace=workspace,
        scorecard_id=scorecard.pk,
        version_id=0,
        account_ids=ids.tolist(),
        first=today,
        last=today,
    )
    applies = outcome.applies[0]
    records = outcome.detail[0][applies][:, 0]
    ok = records["status"] == Status.OK
    missing = int((records["status"] == Status.MISSING).sum())
    return MetricValues(
        metric=card.metrics[0].metric,
        values=records["value"][ok].astype(np.int64),
        scores=records["known"][ok].astype(np.int64) if graded else None,
        missing=missing,
        others=len(records) - int(ok.sum()) - missing,
        outside=int((~applies).sum()),
        accounts=len(ids),
        total=len(every),
    )


def _compiled(document: Document, metric: Node) -> tuple[Compiled, bool] | None:
    """A card of this metric alone, and whether the metric's own grade is in it."""
    for node, graded in _attempts(metric):
        probe: dict[str, Any] = {"key": document["key"], "name": "probe", "groups": _alone(node)}
        for applies in (document.get("applies_to"), None):
            try:
                card = validate_document(probe | ({"applies_to": applies} if applies else {}))
            except InvalidInput:
                continue
            return compile_card(card), graded
    return None


def _attempts(metric: Node) -> Iterator[tuple[Node, bool]]:
    names = ("key", "validity_days", "expired", "source", "grade", "not_applicable")
    node = {name: metric[name] for name in names if name in metric}
    node |= {"name": "probe", "weight": 1}
    yield node, True
    yield {**node, "grade": STAND_IN}, False


def _alone(metric: Node) -> list[Node]:
    return [{"key": "probe", "name": "probe", "weight": 1, "metrics": [metric]}]


def limits_from(found: MetricValues | None) -> dict[str, int | float]:
    """Round values for the worst and the best score: what nearly nobody is under, and few are over."""
    if found is None or not len(found.values):
        return {"worst": 0, "best": 100}
    source = found.metric.source
    best = _round(float(np.percentile(found.values, 85)) / 10_000)
    worst = min(0.0, float(np.min(found.values)) / 10_000)
    ends = {"worst": _plain(worst), "best": _plain(best if best > worst else worst + 1)}
    recency = getattr(source, "measure", "") == "days_since_last_login"
    return {"worst": ends["best"], "best": ends["worst"]} if recency else ends


def _round(value: float) -> float:
    """To one significant digit, or 15, 25, 35 …"""
    if value <= 0:
        return value
    unit = 10.0 ** np.floor(np.log10(value))
    return float(round(value / unit * 2) * unit / 2)


def _plain(value: float) -> int | float:
    return int(value) if value == int(value) else round(value, 4)
