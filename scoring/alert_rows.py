"""Alerts as sentences with a next step."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from scoring.bands import UNKNOWN, BandLook, look
from scoring.models import Alert, AlertState, Severity
from scoring.sentences import STATUSES, moved_text, reasons_text
from scoring.services.alert_states import FROM
from scoring.versions import compiled

MARKS = {
    Severity.RISK: ("triangle", "bad"),
    Severity.OPPORTUNITY: ("star", "good"),
    Severity.INFO: ("ring", "accent"),
}


@dataclass(frozen=True, slots=True)
class AlertRow:
    """`steps` are the states that a person may bring it to."""

    alert: Alert
    band: BandLook
    sentence: str
    next_step: str
    url: str
    shape: str
    tone: str
    steps: frozenset[str]


def alert_row(alert: Alert, slug: str) -> AlertRow:
    before = None if alert.delta is None or alert.score is None else alert.score - alert.delta
    days = (alert.day - alert.compared_day).days
    shape, tone = MARKS[Severity(alert.severity)]
    compare = {"day": alert.day, "from": alert.compared_day, "to": alert.day}
    account = reverse("account_scorecard", args=[slug, alert.account.key])
    return AlertRow(
        alert=alert,
        band=_band(alert),
        sentence=_sentence(moved_text(before, alert.score, days), alert.entries),
        next_step=next_step(alert.severity, alert.entries),
        url=f"{account}?{urlencode(compare)}",
        shape=shape,
        tone=tone,
        steps=frozenset(state for state, earlier in FROM.items() if alert.state in earlier),
    )


def _sentence(moved: str, entries: Sequence[Mapping[str, Any]]) -> str:
    """The score stands beside it."""
    reasons = reasons_text(entries)
    return f"{moved}: {reasons}." if reasons else f"{moved}."


def alert_rows(alerts: Sequence[Alert], slug: str) -> list[AlertRow]:
    return [alert_row(alert, slug) for alert in alerts]


def _band(alert: Alert) -> BandLook:
    """As the scorecard has it now; a band that is gone keeps its key as its word."""
    version = alert.scorecard.current_version
    bands = look(compiled(version).bands) if version else ()
    found = next((band for band in bands if band.key == alert.band_key), None)
    if found is not None or alert.band_key == UNKNOWN.key:
        return found or UNKNOWN
    return BandLook(alert.band_key, alert.band_key, UNKNOWN.shape, UNKNOWN.tone)


def next_step(severity: str, entries: Sequence[Mapping[str, Any]]) -> str:
    """What the entry that moved the score most, in the direction of the alert, asks for."""
    downwards = severity == Severity.RISK
    moved = [e for e in entries if e["points"] and (e["points"] < 0) == downwards] or list(entries)
    if not moved:
        return _("Open the account and look for what changed.")
    entry = max(moved, key=lambda e: abs(e["points"]))
    words = {"metric": str(entry["name"] or entry["metric"] or "")}
    status = entry.get("status") or ""
    if "data" in entry["kinds"] and status in STATUSES:
        return _lost(status) % words
    if "configuration" in entry["kinds"]:
        return _("The scorecard changed: check whether it still says what you mean.")
    if "behaviour" not in entry["kinds"] or not words["metric"]:
        return _("Open the account and look for what changed.")
    if severity == Severity.OPPORTUNITY:
        return (
            _("Ask what they gain from it, and what more they need: %(metric)s rose most.") % words
        )
    if entry["points"] > 0:
        return _("Find out what went well: %(metric)s rose most.") % words
    return _("Ask them about %(metric)s first: it cost the most points.") % words


def _lost(status: str) -> str:
    return {
        "ok": _("Look at %(metric)s: it was not measured before, and now it is."),
        "missing": _("Get %(metric)s back: its data is missing."),
        "error": _("Repair the source of %(metric)s: it failed."),
        "expired": _("Set %(metric)s again: its last value has expired."),
        "not_applicable": _("Check whether %(metric)s really does not apply."),
    }[status]


@dataclass(frozen=True)
class Place:
    """Where a page of alerts ended, as its address says it: 2026-03-10.17."""

    day: date
    pk: int

    def __str__(self) -> str:
        return f"{self.day.isoformat()}.{self.pk}"

    @classmethod
    def read(cls, text: str) -> "Place | None":
        day, _dot, pk = text.partition(".")
        if not (pk.isascii() and pk.isdecimal() and len(pk) < 19):
            return None
        try:
            return cls(date.fromisoformat(day), int(pk))
        except ValueError:
            return None

    @classmethod
    def of(cls, alert: Alert) -> "Place":
        return cls(alert.day, alert.pk)


UNRESOLVED = (AlertState.OPEN, AlertState.ACKNOWLEDGED, AlertState.SNOOZED)
