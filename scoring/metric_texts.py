"""What a metric of a draft measures and how it is graded, in a few words."""

from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from scoring.drafts import Node
from scoring.forms.choices import GRADE_TEXTS, MEASURE_TEXTS, SOURCE_TEXTS
from scoring.sentences import days_text


def figure(number: Any) -> str:
    return number_format(number) if isinstance(number, int | float) else str(number)


def source_text(source: Node) -> str:
    kind = source["type"]
    if kind == "usage":
        name = str(MEASURE_TEXTS.get(source["measure"], source["measure"]))
        days = days_text(source.get("window_days", 30))
        recency = source["measure"] == "days_since_last_login"
        text = name if recency else _("%(measure)s in %(days)s") % {"measure": name, "days": days}
        features = ", ".join(source.get("features", []))
        return f"{text} ({features})" if features else text
    if kind == "attribute":
        patterns = {
            "days_until": _("Days until %(field)s"),
            "days_since": _("Days since %(field)s"),
        }
        pattern = patterns.get(source.get("measure", ""), _("Field %(field)s"))
        return pattern % {"field": source["attribute"]}
    if kind == "manual":
        return _("Set by a person")
    if kind == "growth":
        inner = source_text(source["source"])
        return _("Growth of: %(source)s") % {"source": inner}
    return str(SOURCE_TEXTS[kind][0]) if kind in SOURCE_TEXTS else kind


def grade_text(grade: Node) -> str:
    kind = grade.get("type", "")
    if kind == "linear":
        ends = {"worst": figure(grade["worst"]), "best": figure(grade["best"])}
        return _("0 at %(worst)s, 100 at %(best)s") % ends
    if kind == "steps":
        steps = [f"{figure(step['min'])} → {figure(step['score'])}" for step in grade["steps"]]
        return ", ".join(steps if len(steps) <= 3 else [steps[0], "…", steps[-1]])
    if kind == "level":
        return " / ".join(level["label"] for level in grade["levels"])
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
    if metric.get("validity_days"):
        parts.append(_("valid for %(days)s") % {"days": days_text(metric["validity_days"])})
    return " · ".join(parts)
