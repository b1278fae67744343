"""Every change of a document is told in words."""

import json
from collections.abc import Iterator
from copy import deepcopy
from typing import Any, get_args

import msgspec
import pytest

from scoring.differences.whole import Configuration, differences
from scoring.differences.words import WORDS
from scoring.engine import card
from scoring.engine.schemes import SHIPPED, Band

USAGE = {
    "type": "usage", "measure": "feature_uses", "window_days": 60, "features": ["a"], "min_uses": 2,
    "frequency": "daily",
}  # fmt: skip
HELP = {"what": "a", "graded": "b", "why": "c", "improve": "d"}
POINTS = {"poor": 10, "average": 50, "good": 90}
STEPS = [{"min": 0, "score": 0}, {"min": 50, "score": 100}]


def metric(key: str, **fields: Any) -> dict[str, Any]:
    plain = {"source": {"type": "manual"}, "grade": {"type": "number"}}
    return {"key": key, "name": key.title(), "weight": 1, **plain, **fields}


WRITTEN: dict[str, Any] = {
    "key": "health",
    "name": "Health",
    "scheme": "ryg",
    "applies_to": {"stage": ["live"], "segment": ["big"], "attributes": {"plan": ["pro"]}},
    "rank": 2,
    "rollup": "conditions",
    "points": POINTS,
    "min_coverage": 40,
    "trend_days": 14,
    "confirm": 2,
    "exceptions": [
        {
            "name": "Lost",
            "when": [
                {"metric": "a", "op": "lt", "value": 40},
                {"group": "two", "op": "in", "band": ["red", "green"]},
                {"attribute": "plan", "op": "eq", "value": "pro"},
                {"metric": "b", "op": "eq", "status": "expired"},
            ],
            "effect": "cap",
            "value": 50,
        },
        {"name": "Up", "when": [{"metric": "a", "op": "gt", "value": 1}], "effect": "shift", "bands": 1},
    ],
    "groups": [
        {
            "key": "one",
            "name": "One",
            "weight": 3,
            "rollup": "minimum",
            "points": POINTS,
            "help": "about",
            "metrics": [
                metric(
                    "a", validity_days=90, missing="zero", error="neutral", expired="keep",
                    not_applicable={"reason": "free", "when": [
                        {"attribute": "plan", "op": "in", "value": ["free", "trial"]}]},
                    help=HELP, source=USAGE,
                    grade={"type": "linear", "worst": 7, "best": 30, "by": "stage", "cases": [
                        {"stage": ["live"], "worst": 1, "best": 2}]},
                ),
                metric("b", source={"type": "attribute", "attribute": "nps", "measure": "days_until"},
                       grade={"type": "steps", "steps": STEPS, "by": "age_months", "cases": [
                           {"min": 3, "steps": STEPS}]}),
                metric("c", grade={"type": "level", "levels": [
                    {"key": "no", "label": "No", "score": 0, "help": "x"},
                    {"key": "yes", "label": "Yes", "score": 100}]}),
                metric("d", source={"type": "milestone", "when": {
                    "source": USAGE, "op": "gte", "value": 3}},
                    grade={"type": "boolean", "when_true": 90, "when_false": 10}),
            ],
        },
        {
            "key": "two",
            "name": "Two",
            "weight": 1,
            "metrics": [
                metric("e", source={"type": "growth", "window": 30, "source": USAGE},
                       grade={"type": "growth"}),
                metric("f", source={"type": "scorecard", "scorecard": "other"},
                       grade={"type": "percentile", "lower_is_better": True}),
            ],
            "groups": [{"key": "three", "name": "Three", "weight": 2, "metrics": [
                metric("g", grade={"type": "ratio"})]}],
        },
    ],
}  # fmt: skip
# Nothing in it is shared between two places.
FULL: dict[str, Any] = json.loads(json.dumps(WRITTEN))
BANDS = SHIPPED["ryg"]


def texts(after: dict[str, Any], before: dict[str, Any] | None = None) -> list[str]:
    sides = (Configuration(deepcopy(side), BANDS) for side in (before or FULL, after))
    return [difference.text for difference in differences(*sides)]


def changed(path: list[str | int], value: Any) -> dict[str, Any]:
    document: Any = deepcopy(FULL)
    inner = document
    for step in path[:-1]:
        inner = inner[step]
    if value is None:
        del inner[path[-1]]
    else:
        inner[path[-1]] = value
    return document  # type: ignore[no-any-return]


def structs(kind: Any, seen: set[Any]) -> set[type[msgspec.Struct]]:
    """Every struct that a field of one can hold."""
    for inner in get_args(kind):
        structs(inner, seen)
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct) and kind not in seen:
        seen.add(kind)
        for field in msgspec.structs.fields(kind):
            structs(field.type, seen)
    return seen


def test_every_field_of_the_document_has_words() -> None:
    for kind in structs(card.Scorecard, set()):
        names = {field.encode_name for field in msgspec.structs.fields(kind)}
        assert names <= set(WORDS[kind]), kind


def leaves(node: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if isinstance(node, dict | list):
        for step, inner in node.items() if isinstance(node, dict) else enumerate(node):
            yield from leaves(inner, (*path, step))
    else:
        yield path


def other(value: Any) -> Any:
    if isinstance(value, bool):
        return not value
    return value + 1 if isinstance(value, int) else f"{value}-x"


PATHS = [path for path in leaves(FULL) if path[-1] not in ("type",) and path != ("key",)]


@pytest.mark.parametrize("path", PATHS, ids=lambda path: ".".join(map(str, path)))
def test_every_value_of_a_document_is_told_when_it_changes(path: tuple[Any, ...]) -> None:
    value: Any = FULL
    for step in path:
        value = value[step]
    found = texts(changed(list(path), other(value)))
    assert found
    assert "Written in another way" not in found


def test_equal_documents_have_no_difference() -> None:
    assert texts(FULL) == []


ONE: list[str | int] = ["groups", 0]
A: list[str | int] = [*ONE, "metrics", 0]


@pytest.mark.parametrize(
    ("path", "value", "told"),
    [
        (["name"], "Better", "Name “Health” → “Better”"),
        (["scheme"], "letter", "Grading scheme ryg (Poor, At risk, Good) → letter (Poor, At risk, Good)"),
        (["rank"], None, "Rank 2 → 1"),
        (["rollup"], "minimum",
         "Overall score is poor if any is poor, good if all are good → the lowest score"),
        (["points", "poor"], 20, "Score where any is poor 10 → 20"),
        (["min_coverage"], 60, "Minimum coverage 40\u202f% → 60\u202f%"),
        (["trend_days"], 30, "Change over 14 days → 30 days"),
        (["applies_to", "stage"], ["live", "trial"], "Only stages live → live, trial"),
        (["applies_to", "segment"], None, "Only segments big taken out"),
        (["applies_to", "attributes"], {"plan": ["pro", "team"]},
         "Only accounts with plan: pro → plan: pro, team"),
        (["exceptions", 0, "value"], 40, "Exception “Lost”: score 50 → 40"),
        (["exceptions", 0, "effect"], "floor",
         "Exception “Lost”: effect The score is at most → The score is at least"),
        (["exceptions", 1, "when", 0, "value"], 5, "Exception “Up”: when a is over 1 → a is over 5"),
        ([*ONE, "weight"], 1, "Weight of One 3 → 1 (75\u202f% → 50\u202f% of the whole)"),
        ([*ONE, "help"], None, "One: help text “about” taken out"),
        ([*A, "weight"], 2, "Weight of A 1 → 2 (19\u202f% → 30\u202f% of the whole)"),
        ([*A, "name"], "Log-ins", "“A” renamed “Log-ins”"),
        ([*A, "missing"], "neutral", "A: without a value Count it as 0 → Count it as 50"),
        ([*A, "not_applicable", "reason"], "none",
         "A: does not apply because “free” → “none”"),
        ([*A, "not_applicable", "when", 0, "value"], ["free"],
         "A: does not apply where plan is one of free, trial → plan is one of free"),
        ([*A, "validity_days"], None, "A: valid for 90 days taken out"),
        ([*A, "source", "window_days"], 90, "A: window 60 days → 90 days"),
        ([*A, "source"], {"type": "manual"},
         "A: source Uses of features in 60 days (a) → Set by a person"),
        ([*A, "grade", "best"], 40, "A: value for 100 30 → 40"),
        ([*A, "help", "why"], "new", "A: help “why it matters” “c” → “new”"),
        ([*ONE, "metrics", 1, "grade", "steps"], [*STEPS, {"min": 80, "score": 90}],
         "B: steps 0 from 0, 100 from 50 → 0 from 0, 100 from 50, 90 from 80"),
        ([*ONE, "metrics", 2, "grade", "levels", 0, "score"], 5, "C: level “No”: score 0 → 5"),
        ([*ONE, "metrics", 3, "source", "when"], None,
         "D: source Done when: Uses of features in 60 days (a) is at least 3 → set by hand"),
    ],
)  # fmt: skip
def test_change_is_told_in_one_sentence(path: list[str | int], value: Any, told: str) -> None:
    assert texts(changed(path, value)) == [told]


H = "Set by a person · a number from 0 to 100"


def test_groups_and_metrics_are_added_moved_and_taken_out() -> None:
    after: dict[str, Any] = deepcopy(FULL)
    del after["groups"][1]["metrics"][0]
    after["groups"][1]["groups"][0]["metrics"].append(after["groups"][1]["metrics"].pop())
    after["groups"].append({"key": "four", "name": "Four", "weight": 4, "metrics": [metric("h")]})
    assert texts(after) == [
        "Group “Four” added, weight 4 (50\u202f% of the whole)",
        "Metric “E” taken out",
        "“F” moved from “Two” to “Three”",
        f"Metric “H” added to “Four”, weight 1 (50\u202f% of the whole): {H}",
    ]


def test_other_order_is_told() -> None:
    after: dict[str, Any] = deepcopy(FULL)
    after["groups"].reverse()
    after["groups"][1]["metrics"].reverse()
    after["exceptions"].reverse()
    assert texts(after) == [
        "Other order of the exception entries: Up, Lost",
        "Other order of the groups: Two, One",
        "Other order in “One”: D, C, B, A",
    ]


def test_bands_are_told_by_their_minima() -> None:
    moved = (*BANDS[:2], Band(key="green", label="Good", min=80))
    found = differences(Configuration(FULL, BANDS), Configuration(FULL, moved))
    assert [d.text for d in found] == ["Band “Good”: from 76 → 80"]


def test_another_scheme_is_told_as_a_whole() -> None:
    after = Configuration({**FULL, "scheme": "letter"}, SHIPPED["letter"])
    assert [d.text for d in differences(Configuration(FULL, BANDS), after)] == [
        "Grading scheme ryg (Poor, At risk, Good) → letter (F, D, C, B, A)"
    ]


def test_first_version_is_counted() -> None:
    assert [d.text for d in differences(None, Configuration(FULL, BANDS))] == [
        "First version: 3 groups, 7 metrics"
    ]
