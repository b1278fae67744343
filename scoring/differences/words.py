"""What the fields of a scorecard document are called, and their values, in a sentence."""

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from msgspec import Struct

from scoring.engine import card
from scoring.engine.schemes import Band
from scoring.forms.choices import EFFECTS, FREQUENCIES, LOST, MEASURE_TEXTS, OPS, ROLLUPS, STALE
from scoring.metric_texts import figure
from scoring.sentences import days_text

Node = dict[str, Any]
Text = str | Promise
LONGEST = 160

POINTS: Mapping[str, Text] = {
    "poor": _("score where any is poor"),
    "average": _("score in between"),
    "good": _("score where all are good"),
}
USAGE: Mapping[str, Text] = {
    "measure": _("measure"),
    "window_days": _("window"),
    "features": _("features"),
    "min_uses": _("least uses"),
    "frequency": _("how often"),
}
LIMITS: Mapping[str, Text] = {
    "worst": _("value for 0"),
    "best": _("value for 100"),
    "steps": _("steps"),
    "by": _("limits by"),
    "cases": _("other limits"),
    "stage": _("stages"),
    "min": _("from"),
}

WORDS: Mapping[type[Struct], Mapping[str, Text]] = {
    card.Scorecard: {
        "key": _("key"),
        "name": _("name"),
        "scheme": _("grading scheme"),
        "bands": _("bands"),
        "applies_to": _("applies to"),
        "rank": _("rank"),
        "rollup": _("overall score is"),
        "points": _("points"),
        "min_coverage": _("minimum coverage"),
        "trend_days": _("change over"),
        "confirm": _("evaluations before a band changes"),
        "exceptions": _("exceptions"),
        "groups": _("groups"),
    },
    card.AppliesTo: {
        "stage": _("only stages"),
        "segment": _("only segments"),
        "attributes": _("only accounts with"),
    },
    card.Group: {
        "key": _("key"),
        "name": _("name"),
        "weight": _("weight"),
        "rollup": _("score is"),
        "points": _("points"),
        "help": _("help text"),
        "metrics": _("metrics"),
        "groups": _("groups"),
    },
    card.Metric: {
        "key": _("key"),
        "name": _("name"),
        "weight": _("weight"),
        "validity_days": _("valid for"),
        "missing": _("without a value"),
        "error": _("when its source fails"),
        "expired": _("when expired"),
        "not_applicable": _("does not apply where"),
        "source": _("source"),
        "grade": _("grading"),
        "help": _("help text"),
    },
    card.NotApplicable: {"when": _("does not apply where"), "reason": _("does not apply because")},
    card.AttributeCondition: {
        "attribute": _("field"),
        "op": _("comparison"),
        "value": _("value"),
    },
    card.Help: {
        "what": _("help “what it is”"),
        "graded": _("help “how it is graded”"),
        "why": _("help “why it matters”"),
        "improve": _("help “how to improve it”"),
    },
    card.Points: POINTS,
    card.Manual: {},
    card.Usage: USAGE,
    card.Attribute: {"attribute": _("field"), "measure": _("measure")},
    card.Milestone: {"when": _("done when")},
    card.MilestoneCondition: {
        "source": _("source"),
        "op": _("comparison"),
        "value": _("limit"),
    },
    card.OtherScorecard: {"scorecard": _("scorecard")},
    card.Growth: {"source": _("source"), "window": _("compared with")},
    card.Linear: LIMITS,
    card.LinearCase: LIMITS,
    card.Steps: LIMITS,
    card.StepsCase: LIMITS,
    card.Step: {"min": _("from"), "score": _("score")},
    card.Level: {"levels": _("levels")},
    card.LevelChoice: {
        "key": _("key"),
        "label": _("name"),
        "score": _("score"),
        "help": _("help text"),
    },
    card.NumberGrade: {},
    card.Boolean: {"when_true": _("score for yes"), "when_false": _("score for no")},
    card.Ratio: {},
    card.GrowthGrade: {},
    card.Percentile: {"lower_is_better": _("lower is better")},
    card.ExceptionRule: {
        "name": _("name"),
        "when": _("when"),
        "effect": _("effect"),
        "value": _("score"),
        "bands": _("bands"),
    },
    card.Condition: {
        "metric": _("metric"),
        "group": _("group"),
        "attribute": _("field"),
        "op": _("comparison"),
        "value": _("value"),
        "band": _("band"),
        "status": _("status"),
    },
    Band: {
        "key": _("key"),
        "label": _("name"),
        "min": _("from"),
        "color": _("colour"),
        "shape": _("shape"),
    },
}

CHOICES: Mapping[str, Mapping[str, Text]] = {
    "rollup": dict(ROLLUPS),
    "missing": dict(LOST),
    "error": dict(LOST),
    "expired": dict(STALE),
    "effect": dict(EFFECTS),
    "op": {**dict(OPS), "in": _("is one of")},
    "measure": {**MEASURE_TEXTS, "days_until": _("days until"), "days_since": _("days since")},
    "frequency": dict(FREQUENCIES),
    "by": {"stage": _("stage"), "age_months": _("age in months")},
    "status": {
        "ok": _("known"),
        "missing": _("missing"),
        "error": _("failed"),
        "expired": _("expired"),
        "not_applicable": _("not applicable"),
    },
}
WRITTEN = ("name", "label", "help", "what", "graded", "why", "improve", "reason")
DAYS = ("window_days", "window", "validity_days", "trend_days")


def word(kind: type[Struct], field: str) -> str:
    return str(WORDS[kind][field])


def value_text(field: str, value: Any) -> str:
    """Empty for what is not there."""
    if value is None or value in ("", [], {}, ()):
        return ""
    if isinstance(value, bool):
        return _now("yes") if value else _now("no")
    if field in DAYS and isinstance(value, int):
        return days_text(value)
    if isinstance(value, list | tuple):
        return ", ".join(value_text(field, each) for each in value)
    if isinstance(value, dict):
        return NODES[field](value) if field in NODES else _pairs(value)
    if isinstance(value, str):
        text = str(CHOICES.get(field, {}).get(value, value))
        text = text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
        return f"“{text}”" if field in WRITTEN else text
    return f"{figure(value)}\u202f%" if field == "min_coverage" else figure(value)


def _pairs(node: Node) -> str:
    parts = (f"{name}: {value_text(name, value)}" for name, value in node.items())
    return "; ".join(parts)


def condition_text(condition: Node) -> str:
    """ "Executive relationship is under 40" by the key."""
    subject = next(
        (condition[name] for name in ("metric", "group", "attribute") if condition.get(name)), ""
    )
    field = next(
        (name for name in ("value", "band", "status") if condition.get(name) is not None), ""
    )
    what = value_text(field, condition.get(field))
    return f"{subject} {value_text('op', condition.get('op'))} {what}"


def step_text(step: Node) -> str:
    points = {"score": figure(step.get("score")), "min": figure(step.get("min"))}
    return _now("%(score)s from %(min)s") % points


def case_text(case: Node) -> str:
    stages, least = value_text("stage", case.get("stage")), case.get("min")
    age = _now("from %(months)s months on") % {"months": figure(least)} if least is not None else ""
    ends = {"worst": figure(case.get("worst")), "best": figure(case.get("best"))}
    limits = (
        value_text("steps", case["steps"])
        if case.get("steps")
        else _now("0 at %(worst)s, 100 at %(best)s") % ends
    )
    return f"{stages or age}: {limits}"


NODES: Mapping[str, Callable[[Node], str]] = {
    "when": condition_text,
    "steps": step_text,
    "cases": case_text,
}
