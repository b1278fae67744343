"""What a metric of a draft measures and how it is graded, in a few words."""

from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from scoring.drafts import Node
from scoring.forms.choices import (
    FREQUENCIES,
    GRADE_TEXTS,
    LOST,
    MEASURE_TEXTS,
    OPS,
    SOURCE_TEXTS,
)
from scoring.sentences import days_text


def figure(number: Any) -> str:
    """What is still empty in a draft shows as a gap."""
    if number is None or number == "":
        return "…"
    return number_format(number) if isinstance(number, int | float) else str(number)


def source_text(source: Node) -> str:
    kind = source["type"]
    if kind == "usage":
        return _usage_text(source)
    if kind == "attribute":
        patterns = {
            "days_until": _("Days until %(field)s"),
            "days_since": _("Days since %(field)s"),
        }
        pattern = patterns.get(source.get("measure", ""), _("Field %(field)s"))
        return pattern % {"field": figure(source.get("attribute"))}
    if kind == "manual":
        return _("Set by a person")
    if kind == "milestone" and source.get("when"):
        return _("Done when: %(condition)s") % {"condition": condition_text(source["when"])}
    if kind == "growth":
        return _("Growth in %(days)s: %(source)s") % {
            "source": source_text(source["source"]),
            "days": _days(source.get("window", "")),
        }
    if kind == "scorecard":
        return _("Score of “%(scorecard)s”") % {"scorecard": figure(source.get("scorecard"))}
    return str(SOURCE_TEXTS[kind][0]) if kind in SOURCE_TEXTS else kind


def _usage_text(source: Node) -> str:
    name = _measure_text(source)
    recency = source.get("measure") == "days_since_last_login"
    days = _days(source.get("window_days", 30))
    text = name if recency else _("%(measure)s in %(days)s") % {"measure": name, "days": days}
    features = ", ".join(source.get("features", []))
    return f"{text} ({features})" if features else text


def _measure_text(source: Node) -> str:
    measure = source.get("measure", "")
    if measure == "frequency":
        how = dict(FREQUENCIES).get(source.get("frequency", ""), "…")
        return _("Share of users who come %(how)s") % {"how": how}
    return str(MEASURE_TEXTS.get(measure, measure))


def _days(days: Any) -> str:
    return days_text(days) if isinstance(days, int) else _("… days")


def condition_text(when: Node) -> str:
    source, op = when.get("source", {}), dict(OPS).get(when.get("op", ""), "")
    return f"{source_text(source)} {op} {figure(when.get('value'))}"


def grade_text(grade: Node) -> str:
    kind = grade.get("type", "")
    if kind == "linear":
        ends = {"worst": figure(grade.get("worst")), "best": figure(grade.get("best"))}
        return _("0 at %(worst)s, 100 at %(best)s") % ends
    if kind == "steps":
        steps = [
            f"{figure(step.get('min'))} → {figure(step.get('score'))}"
            for step in grade.get("steps", [])
        ]
        return ", ".join(steps if len(steps) <= 3 else [steps[0], "…", steps[-1]])
    if kind == "level":
        return " / ".join(str(level.get("label", "")) for level in grade.get("levels", []))
    if kind == "boolean":
        pair = {
            "yes": figure(grade.get("when_true", 100)),
            "no": figure(grade.get("when_false", 0)),
        }
        return _("yes %(yes)s, no %(no)s") % pair
    return str(GRADE_TEXTS[kind][0]).lower() if kind in GRADE_TEXTS else kind


def metric_text(metric: Node) -> str:
    parts = [source_text(metric["source"])]
    if metric["source"]["type"] != "milestone" and "grade" in metric:
        parts.append(grade_text(metric["grade"]))
    if isinstance(metric.get("validity_days"), int):
        parts.append(_("valid for %(days)s") % {"days": days_text(metric["validity_days"])})
    return " · ".join(part for part in parts if part)


def metric_sentence(metric: Node) -> str:
    """What the metric does, as one would tell a colleague."""
    grade = metric.get("grade") or {"type": ""}
    sentences = [f"{source_text(metric['source'])}.", _grade_sentence(grade)]
    if grade.get("by") and grade.get("cases"):
        by_stage = grade["by"] == "stage"
        sentences.append(
            _("Some stages have limits of their own.")
            if by_stage
            else _("Older accounts have limits of their own.")
        )
    missing = dict(LOST).get(metric.get("missing", "exclude"), "")
    sentences.append(_("Where there is no value: %(policy)s.") % {"policy": _begun(missing)})
    return " ".join(text for text in sentences if text)


def _grade_sentence(grade: Node) -> str:
    kind = grade["type"]
    if kind == "linear":
        ends = {"worst": figure(grade.get("worst")), "best": figure(grade.get("best"))}
        return _("A score of 0 at %(worst)s, of 100 at %(best)s, straight between.") % ends
    if kind == "steps":
        steps = [
            _("%(score)s from %(min)s on")
            % {"score": figure(step.get("score")), "min": figure(step.get("min"))}
            for step in grade.get("steps", [])
        ]
        return _("A score of %(steps)s.") % {"steps": ", ".join(steps)} if steps else ""
    if kind == "level":
        levels = [
            f"{level.get('label', '')} {figure(level.get('score'))}"
            for level in grade.get("levels", [])
        ]
        return _("Scores: %(levels)s.") % {"levels": ", ".join(levels)}
    if kind == "boolean":
        return _("Scores: %(scores)s.") % {"scores": grade_text(grade)}
    return str(GRADE_TEXTS[kind][1]) if kind in GRADE_TEXTS else ""


def _begun(text: Any) -> str:
    words = str(text)
    return words[:1].lower() + words[1:]
