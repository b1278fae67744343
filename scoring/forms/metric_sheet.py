"""A metric of a draft as slots to type into, and back into a node of the document."""

import re
from collections.abc import Mapping
from typing import Any

from django.http import QueryDict

from scoring.drafts import Node, key_for
from scoring.engine.measures import TAKE_FEATURES, TAKE_FREQUENCY, TAKE_MIN_USES
from scoring.forms.choices import FREQUENCIES, LOST, STALE, grades_of, sources
from scoring.forms.rows import Rows, as_text
from scoring.forms.sheet import (
    Sheet,
    Typed,
    make_sheet,
    numbers_of,
    plain_text,
    posted_sheet,
    typed_list,
    typed_number,
    typed_plain,
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
OWN = {
    *("key", "name", "weight", "validity_days", "missing", "error", "expired"),
    *("source", "grade", "help", "not_applicable"),
}
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
USUAL_GRADES: Mapping[str, Node] = {
    "milestone": {"type": "boolean", "when_true": 100, "when_false": 0},
    "growth": {"type": "growth"},
    "scorecard": {"type": "ratio"},
}
"""A document may leave them out."""
Limits = Mapping[str, Typed]
"""Sensible values of `worst` and `best`, from what the accounts have."""
PLAIN_LIMITS: Limits = {"worst": 0, "best": 100}


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


def typed_steps(text: str) -> list[Node]:
    parts = [re.split(r"\s*(?:=|:|→|\s)\s*", part, maxsplit=1) for part in typed_list(text)]
    return [
        {name: typed_number(cell) for name, cell in zip(ROWS["step"], part, strict=False)}
        for part in parts
    ]


def metric_node(sheet: Sheet, before: Node | None = None, limits: Limits = PLAIN_LIMITS) -> Node:
    """The metric as the document writes it; what this form does not show stays as it was.

    `limits` stand where a grade has just been chosen and nothing was typed for it yet.
    """
    kept = {name: value for name, value in (before or {}).items() if name not in OWN}
    source = source_node(sheet)
    node: Node = {
        "key": (before or {}).get("key") or sheet.text("key"),
        "name": sheet.text("name"),
        "weight": typed_number(sheet.text("weight", "1")),
        "source": source,
        "grade": grade_node(sheet, chosen_grade(sheet), limits),
        **kept,
    }
    lost, stale = [key for key, _text in LOST], [key for key, _text in STALE]
    if grows_old(source) and sheet.text("validity_days"):
        node |= sheet.number("validity_days")
        node["expired"] = sheet.chosen("expired", stale, "exclude")
    node |= {name: sheet.chosen(name, lost, "exclude") for name in ("missing", "error")}
    node |= unless_node(sheet)
    if before and "grade" not in before and node["grade"] == USUAL_GRADES.get(source["type"]):
        del node["grade"]
    helps = {name: sheet.text(name) for name in HELPS if sheet.text(name)}
    return node | ({"help": helps} if helps else {})


def unless_node(sheet: Sheet) -> Node:
    """The accounts to which the metric does not apply."""
    when: list[Node] = []
    for row in sheet.rows["unless"].rows:
        texts = {name: cell.value.strip() for name, cell in row.cells.items()}
        if not texts["attribute"]:
            continue
        several = [typed_plain(text) for text in typed_list(texts["value"])]
        value = {"value": several if texts["op"] == "in" else typed_plain(texts["value"])}
        op = texts["op"] or "eq"
        when.append(
            {"attribute": texts["attribute"], "op": op, **(value if texts["value"] else {})}
        )
    return {"not_applicable": {"when": when, "reason": sheet.text("reason")}} if when else {}


def grows_old(source: Node) -> bool:
    return source["type"] in GROWS_OLD and "when" not in source


def chosen_source(sheet: Sheet) -> str:
    return sheet.chosen("source", sources(), "usage")


def chosen_grade(sheet: Sheet) -> str:
    """One that fits the source."""
    fitting = grades_of(chosen_source(sheet))
    return sheet.chosen("grade", fitting, fitting[0])


def source_node(sheet: Sheet) -> Node:
    kind = chosen_source(sheet)
    node: Node = {"type": kind}
    if kind == "usage":
        return usage_node(sheet)
    if kind == "attribute":
        return attribute_node(sheet)
    if kind == "scorecard":
        return node | {"scorecard": sheet.text("scorecard")}
    if kind == "growth":
        window = sheet.number("window") if "window" in sheet.given else {"window": 30}
        return node | {"source": inner_node(sheet)} | window
    if kind == "milestone" and sheet.text("of"):
        op = sheet.text("op", "gte")
        return node | {"when": {"source": inner_node(sheet), "op": op, **sheet.number("value")}}
    return node


def inner_node(sheet: Sheet) -> Node:
    return attribute_node(sheet) if sheet.text("of") == "attribute" else usage_node(sheet)


def usage_node(sheet: Sheet) -> Node:
    measure = sheet.text("measure") or "logins"
    node: Node = {"type": "usage", "measure": measure, **sheet.number("window_days")}
    if measure in TAKE_FEATURES and sheet.text("features"):
        node["features"] = typed_list(sheet.text("features"))
    if measure in TAKE_MIN_USES:
        node |= sheet.number("min_uses")
    if measure in TAKE_FREQUENCY:
        node["frequency"] = sheet.chosen("frequency", [key for key, _t in FREQUENCIES], "frequent")
    return node


def attribute_node(sheet: Sheet) -> Node:
    distance = sheet.chosen("distance", ("days_until", "days_since"), "")
    node: Node = {"type": "attribute", "attribute": sheet.text("attribute")}
    return node | ({"measure": distance} if distance else {})


def grade_node(sheet: Sheet, kind: str, limits: Limits) -> Node:
    node: Node = {"type": kind}
    if kind in ("linear", "steps"):
        own = limits_node if kind == "linear" else steps_node
        return node | own(sheet, limits) | cases_node(sheet, kind)
    if kind == "boolean":
        for name, usual in (("when_true", 100), ("when_false", 0)):
            node |= sheet.number(name) if name in sheet.given else {name: usual}
    elif kind == "level":
        node["levels"] = level_nodes(sheet.rows["level"]) if "level" in sheet.given else LEVELS
    elif kind == "percentile" and sheet.text("lower"):
        node["lower_is_better"] = True
    return node


LEVELS: list[Node] = [
    {"key": "poor", "label": "Poor", "score": 0},
    {"key": "fair", "label": "Fair", "score": 50},
    {"key": "good", "label": "Good", "score": 100},
]


def limits_node(sheet: Sheet, limits: Limits) -> Node:
    return {
        name: value
        for end in ("worst", "best")
        for name, value in (sheet.number(end) if end in sheet.given else {end: limits[end]}).items()
    }


def steps_node(sheet: Sheet, limits: Limits) -> Node:
    if "step" in sheet.given:
        return {"steps": numbers_of(sheet.rows["step"], ROWS["step"])}
    worst, best = (float(limits[end]) for end in ("worst", "best"))
    low, high = sorted((worst, best))
    minima = sorted({min(low, 0.0), (low + high) / 2, high})
    scores = (0, 60, 100) if worst <= best else (100, 60, 0)
    return {
        "steps": [
            {"min": int(least) if least.is_integer() else least, "score": score}
            for least, score in zip(minima, scores, strict=False)
        ]
    }


def cases_node(sheet: Sheet, kind: str) -> Node:
    """Other limits for some stages, or from an age on."""
    by = sheet.chosen("by", ("stage", "age_months"), "")
    if not by:
        return {}
    cases: list[Node] = []
    for row in sheet.rows["case"].filled:
        texts = {name: cell.value.strip() for name, cell in row.cells.items()}
        case: Node = {"stage": typed_list(texts["stage"])} if by == "stage" else {}
        names = ["min"] * (by == "age_months") + ["worst", "best"] * (kind == "linear")
        case |= {name: typed_number(texts[name]) for name in names if texts[name]}
        cases.append(case | ({"steps": typed_steps(texts["steps"])} if kind == "steps" else {}))
    return {"by": by, "cases": cases}


def level_nodes(rows: Rows) -> list[Node]:
    nodes: list[Node] = []
    taken: set[str] = {row["key"].value for row in rows.filled}
    for row in rows.filled:
        key = row["key"].value.strip() or key_for(row["label"].value, taken)
        taken.add(key)
        node: Node = {"key": key, "label": row["label"].value.strip()}
        score, text = row["score"].value.strip(), row["help"].value.strip()
        node |= {"score": typed_number(score)} if score else {}
        nodes.append(node | ({"help": text} if text else {}))
    return nodes


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
