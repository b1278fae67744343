"""Lines of the portfolio as its page and its file tell them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from urllib.parse import quote

from django.urls import reverse

from accounts.models import Workspace
from scoring.bands import BandLook
from scoring.portfolio.metric_scores import MetricScore, metric_scores
from scoring.portfolio.pages import Line
from scoring.portfolio.summary import band_of, looks_of
from scoring.sentences import reasons_text

REASONS = 2
PATH = "!$&'()*+,;=/~:@"
"""What Django leaves as it is in an address."""


@dataclass(frozen=True, slots=True)
class Row:
    """`renewal` is "overdue", "near" or nothing; `metrics` holds what counts, if it was asked for."""

    line: Line
    url: str
    band: BandLook
    reason: str
    mine: bool
    renewal: str
    today: date
    metrics: Mapping[str, MetricScore]

    @property
    def evaluated(self) -> bool:
        return self.line.version_id is not None

    @property
    def attributes(self) -> Mapping[str, Any]:
        """Those that were asked for."""
        return self.line.attributes


def rows(
    lines: Sequence[Line], *, workspace: Workspace, user_id: int | None, today: date
) -> list[Row]:
    looks, _windows = looks_of({line.version_id for line in lines if line.version_id})
    near = today + timedelta(days=workspace.renewal_notice_days)
    metrics = metric_scores(lines)
    before = reverse("account_scorecard", args=[workspace.slug, "0"]).removesuffix("0/")
    return [
        Row(
            line=line,
            url=f"{before}{quote(line.key, safe=PATH)}/",
            band=band_of(looks, line.version_id, line.band),
            reason=reasons_text(line.reasons[:REASONS]),
            mine=user_id is not None and line.owner_id == user_id,
            renewal=_renewal(line.renewal_on, today, near),
            today=today,
            metrics=metrics.get(line.id, {}),
        )
        for line in lines
    ]


def _renewal(day: date | None, today: date, near: date) -> str:
    if day is None or day > near:
        return ""
    return "overdue" if day < today else "near"
