"""A rule read back as a sentence."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from scoring.engine.rules import BandChange, Rule, ScoreChange
from scoring.metric_texts import figure
from scoring.sentences import days_text

SCORE_MOVED = {
    "drop": gettext_lazy("When %(score)s drops by %(points)s or more within %(days)s"),
    "rise": gettext_lazy("When %(score)s rises by %(points)s or more within %(days)s"),
    "any": gettext_lazy("When %(score)s changes by %(points)s or more within %(days)s"),
}
BAND_MOVED = {
    "worse": gettext_lazy("When the band of %(score)s gets worse"),
    "better": gettext_lazy("When the band of %(score)s gets better"),
    "any": gettext_lazy("When the band of %(score)s changes"),
}
RAISES = {
    "risk": gettext_lazy("raise a risk alert"),
    "opportunity": gettext_lazy("raise an opportunity alert"),
    "info": gettext_lazy("raise an alert for information"),
}


def rule_text(rule: Rule, names: Mapping[str, str]) -> str:
    """`names` of the scorecards by key."""
    when = (
        _score_change(rule, rule.when, names)
        if isinstance(rule.when, ScoreChange)
        else (_band_change(rule, rule.when, names))
    )
    parts: dict[str, Any] = {"when": when, "raises": RAISES[rule.severity]}
    if not rule.cooldown_days:
        return _("%(when)s, %(raises)s.") % parts
    parts["days"] = days_text(rule.cooldown_days)
    return _("%(when)s, %(raises)s; then stay quiet for %(days)s unless it recovered.") % parts


def _score_change(rule: Rule, when: ScoreChange, names: Mapping[str, str]) -> str:
    points = ngettext("%(n)s point", "%(n)s points", 1 if when.points == 1 else 2)
    return SCORE_MOVED[when.direction] % {
        "score": _scored(rule, names),
        "points": points % {"n": figure(when.points)},
        "days": days_text(when.days),
    }


def _band_change(rule: Rule, when: BandChange, names: Mapping[str, str]) -> str:
    text = str(BAND_MOVED[when.direction] % {"score": _scored(rule, names)})
    if when.from_bands:
        text = _("%(text)s, from %(bands)s") % {"text": text, "bands": ", ".join(when.from_bands)}
    if when.to_bands:
        text = _("%(text)s, to %(bands)s") % {"text": text, "bands": ", ".join(when.to_bands)}
    return text


def _scored(rule: Rule, names: Mapping[str, str]) -> str:
    if rule.scorecard is None:
        return _("the primary score")
    return f"“{names.get(rule.scorecard, rule.scorecard)}”"
