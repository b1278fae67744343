"""Lines of the portfolio as its page and its file tell them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import Workspace
from accounts.money import minor_digits
from scoring.bands import BandLook
from scoring.engine.fixed import SCALE, divide_half_up, shown
from scoring.portfolio.pages import Line
from scoring.portfolio.summary import band_of, looks_of
from scoring.sentences import reasons_text

REASONS = 2


@dataclass(frozen=True, slots=True)
class Row:
    """`renewal` is "overdue", "near" or nothing."""

    line: Line
    url: str
    band: BandLook
    reason: str
    mine: bool
    renewal: str

    @property
    def evaluated(self) -> bool:
        return self.line.version_id is not None


def rows(
    lines: Sequence[Line], *, workspace: Workspace, user_id: int | None, today: date
) -> list[Row]:
    looks, _windows = looks_of({line.version_id for line in lines if line.version_id})
    near = today + timedelta(days=workspace.renewal_notice_days)
    return [
        Row(
            line=line,
            url=reverse("account_scorecard", args=[workspace.slug, line.key]),
            band=band_of(looks, line.version_id, line.band),
            reason=reasons_text(line.reasons[:REASONS]),
            mine=user_id is not None and line.owner_id == user_id,
            renewal=_renewal(line.renewal_on, today, near),
        )
        for line in lines
    ]


def _renewal(day: date | None, today: date, near: date) -> str:
    if day is None or day > near:
        return ""
    return "overdue" if day < today else "near"


def cells(row: Row) -> Mapping[str, Any]:
    """A line of the file: scores and changes are whole, as they are shown."""
    line = row.line
    return {
        "account": line.key,
        "name": line.name,
        "stage": line.stage,
        "status": line.status,
        "owner": line.owner,
        "score": None if line.score is None else shown(line.score),
        "band": str(row.band.label),
        "change": None if line.change is None else int(divide_half_up(line.change, SCALE)),
        "reason": row.reason,
        "coverage_percent": None if line.coverage is None else (line.coverage + 50) // 100,
        "notes": ", ".join(_notes(line)),
        "contract_value": _amount(line),
        "currency": line.currency,
        "renewal_on": line.renewal_on,
        "evaluated_on": line.day,
    }


FIELDS = [
    "account",
    "name",
    "stage",
    "status",
    "owner",
    "score",
    "band",
    "change",
    "reason",
    "coverage_percent",
    "notes",
    "contract_value",
    "currency",
    "renewal_on",
    "evaluated_on",
]


def _notes(line: Line) -> list[str]:
    return [
        *([_("provisional")] if line.provisional else []),
        *([_("band held: data was lost")] if line.held else []),
        *([_("set by hand")] if line.overridden else []),
    ]


def _amount(line: Line) -> Decimal | None:
    if line.contract_value_cents is None:
        return None
    return Decimal(line.contract_value_cents).scaleb(-minor_digits(line.currency))
