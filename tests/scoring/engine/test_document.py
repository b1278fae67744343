"""What a document may say, and what it is told where it may not."""

from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given, settings

from scoring.engine.card import metrics_of, usage_of
from scoring.engine.document import DocumentError, export, parse
from tests.scoring.engine.cards import card, group, number
from tests.scoring.engine.strategies import cards

STEPS = [{"min": 0, "score": 0}, {"min": 50, "score": 60}, {"min": 80, "score": 100}]
LEVELS = [
    {"key": "none", "label": "No contact", "score": 0, "help": "Nobody answers"},
    {"key": "sponsor", "label": "Active sponsor", "score": 100},
]
FULL: dict[str, Any] = {
    "key": "health",
    "name": "Customer health",
    "bands": [
        {"key": "red", "label": "Red", "min": 0},
        {"key": "yellow", "label": "Yellow", "min": 51, "color": "#fc0", "shape": "circle"},
    ],
    "applies_to": {
        "stage": ["live"],
        "segment": ["large"],
        "attributes": {"plan": ["pro", 2]},
    },
    "rank": 2,
    "rollup": "conditions",
    "points": {"average": 55},
    "min_coverage": 40,
    "trend_days": 7,
    "confirm": 2,
    "exceptions": [
        {
            "name": "Sponsor lost",
            "when": [{"metric": "sponsor", "op": "lt", "value": 40}],
            "effect": "cap",
            "value": 50,
        }
    ],
    "groups": [
        {
            "key": "usage",
            "name": "Product usage",
            "weight": 60,
            "metrics": [
                {
                    "key": "logins",
                    "name": "Logins",
                    "weight": 0.5,
                    "missing": "zero",
                    "source": {"type": "usage", "measure": "logins", "window_days": 90},
                    "grade": {
                        "type": "linear",
                        "worst": 7,
                        "best": 30,
                        "by": "stage",
                        "cases": [{"stage": ["trial"], "worst": 1, "best": 5}],
                    },
                },
                {
                    "key": "growth",
                    "name": "Growth",
                    "weight": 1,
                    "source": {
                        "type": "growth",
                        "source": {"type": "usage", "measure": "active_users"},
                        "window": 90,
                    },
                },
            ],
            "groups": [
                {
                    "key": "relationship",
                    "name": "Relationship",
                    "weight": 40,
                    "metrics": [
                        {
                            "key": "sponsor",
                            "name": "Sponsor",
                            "weight": 1,
                            "validity_days": 90,
                            "expired": "fade",
                            "source": {"type": "manual"},
                            "grade": {"type": "level", "levels": LEVELS},
                            "help": {"what": "Who speaks for us"},
                        },
                        {
                            "key": "live",
                            "name": "Live",
                            "weight": 1,
                            "source": {
                                "type": "milestone",
                                "when": {
                                    "source": {"type": "attribute", "attribute": "trained"},
                                    "op": "gte",
                                    "value": 5,
                                },
                            },
                        },
                        {
                            "key": "care",
                            "name": "Care",
                            "weight": 1,
                            "not_applicable": {
                                "when": [{"attribute": "plan", "op": "in", "value": ["free"]}],
                                "reason": "No support in their plan",
                            },
                            "source": {"type": "scorecard", "scorecard": "care"},
                        },
                    ],
                }
            ],
        }
    ],
}


def test_export_gives_the_document_back() -> None:
    parsed = parse(FULL)
    assert export(parsed) == FULL
    assert list(export(parsed)) == list(FULL)
    assert [metric.key for _, metric in metrics_of(parsed.groups)] == [
        "logins",
        "growth",
        "sponsor",
        "live",
        "care",
    ]


@settings(max_examples=60, deadline=None)
@given(cards())
def test_parse_and_export_round_trip(raw: dict[str, Any]) -> None:
    assert parse(export(parse(raw))) == parse(raw)


def at(document: dict[str, Any], path: list[Any], value: Any) -> dict[str, Any]:
    changed = deepcopy(document)
    node: Any = changed
    for step in path[:-1]:
        node = node[step]
    node[path[-1]] = value
    return changed


METRIC = ["groups", 0, "metrics", 0]
LIVE, CARE = (["groups", 0, "groups", 0, "metrics", n] for n in (1, 2))
RULE = "groups[0].groups[0].metrics[2].not_applicable"
USAGE = "groups[0].metrics[0]"


@pytest.mark.parametrize(
    ("path", "value", "where", "message"),
    [
        (["name"], 5, "name", "must be text"),
        (["name"], " ", "name", "must not be empty"),
        (["name"], "x" * 1_000_000, "name", "must have at most 5000 characters"),
        (["key"], "no spaces", "key", "must be 1 to 63 letters, digits, points, dashes or underscores, and start with a letter or digit"),
        (["nme"], "x", "nme", "is not a known field; did you mean name?"),
        (["rank"], True, "rank", "must be a whole number"),
        (["min_coverage"], 101, "min_coverage", "must be between 0 and 100"),
        (["min_coverage"], float("nan"), "min_coverage", "must be a number"),
        (["scheme"], "ryg", "bands", "give a scheme or bands, not both"),
        (["bands"], [{"key": "a", "label": "A", "min": 0}], "bands", "must be 2 to 12"),
        (["bands", 0, "min"], 5, "bands[0].min", "the first band must begin at 0"),
        (["bands", 1, "min"], 0, "bands[1].min", "must be more than the minimum of the band before, 0"),
        (["bands", 1, "key"], "red", "bands[1].key", "red is already used at bands[0].key"),
        (["exceptions", 0, "when", 0, "metric"], "gone", "exceptions[0].when[0].metric", "there is no gone in this scorecard"),
        (["exceptions", 0, "bands"], 1, "exceptions[0].bands", "means nothing for the effect cap"),
        (["groups", 0, "weight"], -1, "groups[0].weight", "must be 0 or between 0.000001 and 1000000"),
        ([*METRIC, "key"], "growth", "groups[0].metrics[1].key", "growth is already used at groups[0].metrics[0].key"),
        ([*METRIC, "source", "measure"], "moon", f"{USAGE}.source.measure", None),
        ([*METRIC, "source", "measure"], "frequency", f"{USAGE}.source.frequency", "is required"),
        ([*METRIC, "source", "window_days"], 401, f"{USAGE}.source.window_days", "must be between 1 and 400"),
        ([*METRIC, "source", "features"], ["a"], f"{USAGE}.source.features", "means nothing for the measure logins"),
        ([*METRIC, "validity_days"], 90, f"{USAGE}.validity_days", "only what people set grows old: use it with a manual source"),
        ([*METRIC, "grade", "best"], 7, f"{USAGE}.grade.best", "must differ from worst"),
        ([*METRIC, "grade", "by"], None, f"{USAGE}.grade.cases", "need `by: stage` or `by: age_months`"),
        ([*METRIC, "grade"], {"type": "number"}, f"{USAGE}.grade.type", "does not fit a source of type usage; use one of: linear, steps, ratio, percentile"),
        ([*METRIC, "grade"], {"type": "steps", "steps": [{"min": 5, "score": 1}]}, f"{USAGE}.grade.steps", "has a gap: values from 0 to 5 have no score"),
        ([*METRIC, "grade"], {"type": "steps", "steps": [STEPS[1], STEPS[1]]}, f"{USAGE}.grade.steps[1].min", "overlaps: two steps begin at 50"),
        ([*METRIC, "grade"], {"type": "steps", "steps": [STEPS[0], STEPS[2], STEPS[1]]}, f"{USAGE}.grade.steps[2].min", "must be more than the minimum of the step before, 80"),
        ([*METRIC, "grade", "cases", 0, "stage"], ["trial", "trial"], f"{USAGE}.grade.cases[0].stage", f"trial is already used at {USAGE}.grade.cases[0].stage"),
        ([*METRIC, "source"], {"type": "attribute"}, f"{USAGE}.source.attribute", "is required"),
        ([*METRIC, "source"], {"type": "moon"}, f"{USAGE}.source.type", None),
        ([*LIVE, "source", "when", "op"], "in", "groups[0].groups[0].metrics[1].source.when.op", None),
        ([*LIVE, "source", "when", "source"], {"type": "manual"}, "groups[0].groups[0].metrics[1].source.when.source.type", None),
        ([*CARE, "source", "scorecard"], "no key", "groups[0].groups[0].metrics[2].source.scorecard", None),
        ([*CARE, "not_applicable", "when"], [], f"{RULE}.when", "must not be empty"),
        ([*CARE, "not_applicable", "reason"], " ", f"{RULE}.reason", "must not be empty"),
        ([*CARE, "not_applicable", "when", 0, "op"], "eq", f"{RULE}.when[0].op", "a list goes with `in`, and `in` with a list"),
        ([*CARE, "not_applicable", "when", 0, "metric"], "live", f"{RULE}.when[0].metric", None),
        ([*CARE, "not_applicable", "when", 0, "attribute"], "", f"{RULE}.when[0].attribute", "must not be empty"),
    ],
)  # fmt: skip
def test_a_bad_document_is_told_where(
    path: list[Any], value: Any, where: str, message: str | None
) -> None:
    with pytest.raises(DocumentError) as error:
        parse(at(FULL, path, value))
    found = {problem.path: problem.message for problem in error.value.problems}
    assert where in found
    assert message in (None, found[where])


def test_all_problems_are_told_at_once() -> None:
    document = at(FULL, ["name"], 5)
    document = at(document, [*METRIC, "grade", "best"], 7)
    document = at(document, ["groups", 0, "groups", 0, "metrics", 0, "weight"], "heavy")
    with pytest.raises(DocumentError) as error:
        parse(document)
    assert [problem.path for problem in error.value.problems] == [
        "name",
        "groups[0].metrics[0].grade.best",
        "groups[0].groups[0].metrics[0].weight",
    ]


@pytest.mark.parametrize("raw", [None, [], "card", 5, {1: 2}, {"groups": 5}])
def test_what_is_no_document_is_refused(raw: object) -> None:
    with pytest.raises(DocumentError):
        parse(raw)


def test_deep_nesting_is_refused_not_followed() -> None:
    deep: dict[str, Any] = group("g", [])
    for i in range(3_000):
        deep = group(f"g{i}", [], groups=[deep])
    with pytest.raises(DocumentError):
        parse(card(deep))


@pytest.mark.parametrize("path", ["source", "source.source", "source.when.source"])
@pytest.mark.parametrize(
    "measured",
    [
        {"measure": "feature_users"},
        {"measure": "feature_users", "window_days": 400, "features": ["reports"]},
        {"measure": "frequency", "frequency": "daily"},
    ],
)
def test_source_takes_users_of_features_and_how_often_they_come(
    path: str, measured: dict[str, Any]
) -> None:
    source: dict[str, Any] = {"type": "usage", **measured}
    used = source
    if path == "source.source":
        source = {"type": "growth", "window": 30, "source": source}
    if path == "source.when.source":
        source = {"type": "milestone", "when": {"source": source, "op": "gt", "value": 1}}
    grade = {"source": {"type": "ratio"}, "source.source": {"type": "growth"}}.get(path)
    metric = number("a", source=source) | {"grade": grade or {"type": "boolean"}}
    ((_at, parsed),) = metrics_of(parse(card(group("g", [metric]))).groups)
    found = usage_of(parsed.source)
    assert found is not None
    assert (found.measure, found.frequency) == (used["measure"], used.get("frequency"))
