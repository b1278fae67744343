"""A metric of a draft as slots to type into, and back into a node of the document."""

import re
from collections.abc import Mapping
from typing import Any

from django.http import QueryDict

from scoring.drafts import Node
from scoring.forms.choices import grades_of, sources
from scoring.forms.rows import Rows, as_text
from scoring.forms.sheet import (
    Sheet,
    make_sheet,
    plain_text,
    posted_sheet,
)

HELPS = ("what", "graded", "why", "improve")
SLOTS = (
    *("name", "key", "group", "weight", "source", "of", "measure", "window_days", "features"),
    *("min_uses", "frequency", "attribute", "distance", "window", "op", "value", "scorecard"),
    *("grade", "worst", "best", "by", "when_true", "when_false", "lower"),
    *("validity_days", "missing", "error", "expired", "reason", *HELPS),
)
ROWS = {
    "step": ("min", "score"),
    "level": ("label", "score", "help", "key"),
    "case": ("stage", "min", "worst", "best", "steps"),
    "unless": ("attribute", "op", "value"),
}
GROWS_OLD = ("manual", "milestone")
INNER = ("source.source.", "source.when.source.", "source.")
SLOT_OF = {
    "type": "source",
    **{name: name for name in ("measure", "window_days", "features", "min_uses", "frequency")},
    **{name: name for name in ("attribute", "window", "scorecard")},
}
PATHS = {
    **{f"{inner}{path}": slot for inner in INNER for path, slot in SLOT_OF.items()},
    "source.when.op": "op",
    "source.when.value": "value",
    "source.when": "of",
    **{f"grade.{name}": name for name in ("worst", "best", "by", "when_true", "when_false")},
    "grade.type": "grade",
    "grade.lower_is_better": "lower",
    "grade": "grade",
    **{f"help.{name}": name for name in HELPS},
    "not_applicable.reason": "reason",
}
ROW_PATHS = {
    "grade.steps": "step",
    "grade.levels": "level",
    "grade.cases": "case",
    "not_applicable.when": "unless",
}
NESTED_STEPS = re.compile(r"(grade\.cases\[\d+\]\.steps).*")


def posted_metric(data: QueryDict) -> Sheet:
    return posted_sheet(SLOTS, data, ROWS)


def metric_sheet(metric: Node, group: str) -> Sheet:
    source, grade = metric.get("source", {}), metric.get("grade", {})
    values: dict[str, Any] = {"missing": "exclude", "error": "exclude", "expired": "exclude"}
    values |= {"when_true": 100, "when_false": 0, "by": "", "lower": False, "validity_days": ""}
    values |= dict.fromkeys(HELPS, "")
    values |= {name: metric[name] for name in SLOTS if name in metric}
    values |= _source_values(source)
    kind = grade.get("type") or grades_of(source["type"])[0]
    values |= {name: grade[name] for name in SLOTS if name in grade}
    values |= {"group": group, "source": source["type"], "grade": kind}
    values |= {"lower": bool(grade.get("lower_is_better"))} | metric.get("help", {})
    unless = metric.get("not_applicable") or {}
    values |= {"reason": unless.get("reason", "")}
    return make_sheet(SLOTS, values, _rows(grade) | {"unless": _unless_rows(unless)})


def _source_values(source: Node) -> dict[str, Any]:
    """Growth and milestones hold the source that they look at."""
    when = source.get("when") or {}
    inner = when.get("source") or source.get("source") or source
    values: dict[str, Any] = {"window_days": 30, "min_uses": 1, "features": "", "distance": "value"}
    values |= {name: inner[name] for name in SLOTS if name in inner}
    if inner.get("type") == "attribute":
        values |= {"distance": inner.get("measure", "value"), "measure": ""}
    values |= {"of": inner["type"] if inner is not source else ""}
    return (
        values
        | {name: when[name] for name in ("op", "value") if name in when}
        | {name: source[name] for name in ("window", "scorecard") if name in source}
    )


def _rows(grade: Node) -> dict[str, Rows]:
    cases = [
        {**case, "stage": ", ".join(case.get("stage", [])), "steps": steps_text(case.get("steps"))}
        for case in grade.get("cases", [])
    ]
    found = {"step": grade.get("steps", []), "level": grade.get("levels", []), "case": cases}
    return {prefix: Rows.of(prefix, ROWS[prefix], items) for prefix, items in found.items()}


def _unless_rows(rule: Node) -> Rows:
    rows = []
    for condition in rule.get("when", []):
        value = condition.get("value", "")
        texts = [plain_text(item) for item in (value if isinstance(value, list) else [value])]
        rows.append({**condition, "value": ", ".join(texts)})
    return Rows.of("unless", ROWS["unless"], rows)


def steps_text(steps: Any) -> str:
    """0 = 0, 20 = 60"""
    pairs = [
        " = ".join(as_text(step[name]) for name in ROWS["step"] if name in step)
        for step in steps or []
    ]
    return ", ".join(pairs)


def chosen_source(sheet: Sheet) -> str:
    return sheet.chosen("source", sources(), "usage")


def chosen_grade(sheet: Sheet) -> str:
    """One that fits the source."""
    fitting = grades_of(chosen_source(sheet))
    return sheet.chosen("grade", fitting, fitting[0])


def place_metric(sheet: Sheet, problems: Mapping[str, list[str]]) -> None:
    """Problems of the document under this metric, beside what they are about."""
    found: dict[str, list[str]] = {}
    for path, messages in problems.items():
        found.setdefault(NESTED_STEPS.sub(r"\1", path), []).extend(messages)
    slots = dict(PATHS)
    if chosen_source(sheet) == "attribute" or sheet.text("of") == "attribute":
        slots |= {f"{inner}measure": "distance" for inner in INNER}
    sheet.place(found, slots=slots, rows=ROW_PATHS)


USAGE = {"measure", "window_days", "features", "min_uses", "frequency"}
FIELD = {"attribute", "distance"}
SHOWN: Mapping[str, set[str]] = {
    "usage": USAGE,
    "attribute": FIELD,
    "scorecard": {"scorecard"},
    "growth": {"of", "window"},
    "milestone": {"of"},
    "linear": {"worst", "best", "by"},
    "steps": {"by"},
    "boolean": {"when_true", "when_false"},
    "percentile": {"lower"},
}
ALWAYS = {"name", "group", "weight", "source", "grade", "missing", "error", "reason", *HELPS}


def shown_slots(sheet: Sheet) -> set[str]:
    """What the choices leave to be filled in."""
    source, of = chosen_source(sheet), sheet.text("of")
    shown = ALWAYS | SHOWN.get(source, set()) | SHOWN.get(chosen_grade(sheet), set())
    if source == "growth" or (source == "milestone" and of):
        shown |= FIELD if of == "attribute" else USAGE
    if source == "milestone" and of:
        shown |= {"op", "value"}
    if source in GROWS_OLD and not (source == "milestone" and of):
        shown |= {"validity_days", "expired"}
    return shown


def shown_rows(sheet: Sheet) -> set[str]:
    grade = chosen_grade(sheet)
    found = {"steps": {"step"}, "level": {"level"}}.get(grade, set())
    cases = grade in ("linear", "steps") and sheet.text("by") in ("stage", "age_months")
    return found | ({"case"} if cases else set()) | {"unless"}


def hidden_pairs(sheet: Sheet) -> list[tuple[str, str]]:
    """What was typed for another choice goes along, so that choosing that again brings it back."""
    shown, rows = shown_slots(sheet), shown_rows(sheet)
    pairs = [
        (name, slot.value)
        for name, slot in sheet.slots.items()
        if name in sheet.given - shown - {"key"} and slot.value
    ]
    for prefix in ROWS.keys() - rows:
        for row in sheet.rows[prefix].filled:
            pairs += [(f"{prefix}-{column}", cell.value) for column, cell in row.cells.items()]
    return pairs


def merged(fresh: Sheet, typed: Sheet) -> Sheet:
    """What is saved, with what was typed for the choices that are not shown now."""
    shown, rows = shown_slots(fresh), shown_rows(fresh)
    for name in typed.given & (fresh.slots.keys() - shown):
        fresh.slots[name].value = typed.slots[name].value
        fresh.given.add(name)
    for prefix in typed.rows.keys() - rows:
        fresh.rows[prefix] = typed.rows[prefix]
    return fresh
