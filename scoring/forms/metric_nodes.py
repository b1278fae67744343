"""The slots of a metric as a node of the document."""

import re
from collections.abc import Mapping

from scoring.drafts import Node, key_for
from scoring.engine.measures import TAKE_FEATURES, TAKE_FREQUENCY, TAKE_MIN_USES
from scoring.forms.choices import FREQUENCIES, LOST, STALE
from scoring.forms.metric_sheet import GROWS_OLD, HELPS, ROWS, chosen_grade, chosen_source
from scoring.forms.rows import Rows
from scoring.forms.sheet import Sheet, Typed, numbers_of, typed_list, typed_number, typed_plain

OWN = {
    *("key", "name", "weight", "validity_days", "missing", "error", "expired"),
    *("source", "grade", "help", "not_applicable"),
}
USUAL_GRADES: Mapping[str, Node] = {
    "milestone": {"type": "boolean", "when_true": 100, "when_false": 0},
    "growth": {"type": "growth"},
    "scorecard": {"type": "ratio"},
}
"""A document may leave them out."""
Limits = Mapping[str, Typed]
"""Sensible values of `worst` and `best`, from what the accounts have."""
PLAIN_LIMITS: Limits = {"worst": 0, "best": 100}


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


def typed_steps(text: str) -> list[Node]:
    parts = [re.split(r"\s*(?:=|:|→|\s)\s*", part, maxsplit=1) for part in typed_list(text)]
    return [
        {name: typed_number(cell) for name, cell in zip(ROWS["step"], part, strict=False)}
        for part in parts
    ]
