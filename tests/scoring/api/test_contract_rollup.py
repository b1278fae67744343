"""From the scores of metrics to what is published, with a key alone."""

from decimal import Decimal
from typing import Any

import pytest

from accounts.models import Workspace
from tests.scoring.api.conftest import DAY, TODAY, Api, evaluate
from tests.scoring.api.contract import (
    account,
    card,
    group,
    measured,
    metric,
    metrics_of,
    put,
    tell,
    told,
    tried,
)

pytestmark = pytest.mark.usefixtures("clock")

POLICIES: dict[str, dict[int, str | None]] = {
    "exclude": {10: "80.0000", 11: None, 20: None},
    "zero": {10: "80.0000", 11: "0.0000", 21: "0.0000"},
    "neutral": {10: "80.0000", 11: "50.0000", 21: "50.0000"},
    "keep": {10: "80.0000", 11: "80.0000", 30: "80.0000"},
    "fade": {10: "80.0000", 11: "77.0000", 15: "65.0000", 20: "50.0000", 21: "50.0000"},
}
"""Set to 80 so many days ago, valid for 10: the score that counts."""


def test_every_status_does_what_its_policy_says(api: Api, workspace: Workspace) -> None:
    aged = {
        f"{policy}-{age}": (age, policy, score)
        for policy, ages in POLICIES.items()
        for age, score in ages.items()
    }
    metrics = [metric(k, validity_days=10, expired=policy) for k, (_, policy, _) in aged.items()]
    lost: dict[str, str | None] = {"exclude": None, "zero": "0.0000", "neutral": "50.0000"}
    for policy in lost:
        metrics += [metric(f"missing-{policy}", missing=policy)]
        metrics += [measured(f"error-{policy}", {"type": "ratio"}, "text", error=policy)]
    account(api, attributes={"text": "word"})
    put(api, card(group("all", *metrics)))
    for key, (age, *_) in aged.items():
        tell(api, {key: 80}, TODAY - age * DAY)
    evaluate(workspace, TODAY, TODAY)
    answer = told(api)
    found = metrics_of(answer)
    assert {key: (one["score"], one["status"]) for key, one in found.items()} == {
        **{key: (score, "ok" if age == 10 else "expired") for key, (age, _, score) in aged.items()},
        **{f"missing-{policy}": (score, "missing") for policy, score in lost.items()},
        **{f"error-{policy}": (score, "error") for policy, score in lost.items()},
    }
    # Five of 22 weights have a valid score behind them, whatever the others count with.
    assert answer["coverage"] == f"{Decimal(5) / len(metrics):.4f}"
    counted = [Decimal(one["earned"]) for one in found.values() if one["earned"] is not None]
    assert sum(counted) == Decimal(answer["computed"])


NESTED = (
    group("a", metric("a1", 2), metric("a2", 3), group("aa", metric("aa1"), weight=5), weight=60),
    group("b", metric("b1"), metric("b2", 0), weight=30),
    group("c", metric("c1", 4), weight=10),
    group("z", metric("z1", 4), weight=0),
    group("empty", weight=7),
    group("lost", metric("lost1"), weight=25),
)
VALUES = {"a1": 10, "a2": 20, "b1": 66, "b2": 99, "c1": 100, "z1": 33}


def test_weight_goes_to_siblings_in_the_group_first(api: Api, workspace: Workspace) -> None:
    answer = tried(api, workspace, card(*NESTED), VALUES)
    found = metrics_of(answer)
    assert {key: one["share"] for key, one in found.items() if one["share"] != "0.0000"} == {
        "a1": "0.2400", "a2": "0.3600", "b1": "0.3000", "c1": "0.1000",
    }  # fmt: skip
    assert (answer["score"], answer["coverage"]) == ("39.4000", "0.5600")
    assert {one["key"]: (one["score"], one["share"]) for one in answer["groups"]} == {
        "a": ("16.0000", "0.6000"),
        "b": ("66.0000", "0.3000"),
        "c": ("100.0000", "0.1000"),
        "z": ("33.0000", "0.0000"),
        "empty": (None, "0.0000"),
        "lost": (None, "0.0000"),
    }
    assert (found["b2"]["score"], found["b2"]["earned"]) == ("99.0000", "0.0000")


def test_the_share_of_a_group_is_that_of_its_metrics_not_of_their_roundings(
    api: Api, workspace: Workspace
) -> None:
    keys = [f"m{n}" for n in range(6)]
    inner = group("inner", *map(metric, keys[3:]), weight=3)
    document = card(group("all", *map(metric, keys[:3]), inner))
    answer = tried(api, workspace, document, dict.fromkeys(keys, 50))
    assert metrics_of(answer)["m0"]["share"] == "0.1667"
    (whole,) = answer["groups"]
    assert (whole["share"], whole["groups"][0]["share"]) == ("1.0000", "0.5000")


INPUTS = {
    "mixed": (("a", 60), ("b", 80), ("c", None)),
    "good": (("d", 76), ("e", 75.5)),
    "poor": (("f", 90), ("g", 50.4)),
    "none": (("h", None),),
}
CUSTOM = {"poor": 10, "average": 55.5, "good": 90}
ROLLUPS = [
    ("minimum", {}, ["60.0000", "75.5000", "50.4000", None, "50.4000"]),
    ("maximum", {}, ["80.0000", "76.0000", "90.0000", None, "90.0000"]),
    ("conditions", {}, ["60.0000", "100.0000", "0.0000", None, "0.0000"]),
    ("conditions", {"points": CUSTOM}, ["55.5000", "90.0000", "10.0000", None, "10.0000"]),
]


@pytest.mark.parametrize(("rollup", "extra", "scores"), ROLLUPS)
def test_rollups_ignore_inputs_without_a_value(
    api: Api, workspace: Workspace, rollup: str, extra: dict[str, Any], scores: list[str | None]
) -> None:
    """A metric without weight has no say either."""
    groups = [
        group(key, *(metric(name) for name, _ in rows), rollup=rollup, **extra)
        for key, rows in INPUTS.items()
    ]
    groups[0]["metrics"].append(metric("mute", 0))
    values = {k: value for rows in INPUTS.values() for k, value in rows if value is not None}
    document = card(*groups, rollup=rollup, **extra)
    answer = tried(api, workspace, document, {**values, "mute": 5})
    assert [*(one["score"] for one in answer["groups"]), answer["score"]] == scores
    earned = [Decimal(one["earned"] or 0) for one in metrics_of(answer).values()]
    assert sum(earned) == Decimal(answer["score"])


@pytest.mark.parametrize(("least", "provisional"), [(40, False), (40.01, True), (0, False)])
def test_a_score_under_its_least_coverage_is_provisional(
    api: Api, workspace: Workspace, least: float, provisional: bool
) -> None:
    groups = group("x", metric("a"), weight=40), group("y", metric("b"), weight=60)
    answer = tried(api, workspace, card(*groups, min_coverage=least), {"a": 50})
    assert (answer["coverage"], answer["provisional"]) == ("0.4000", provisional)


EDGES = {
    "low": (32.4, "bad"),
    "up": (32.5, "fair"),
    "near": (65.4999, "fair"),
    "top": (65.5, "fine"),
}
BANDS = [
    {"key": "bad", "label": "Bad", "min": 0},
    {"key": "fair", "label": "Fair", "min": 33, "color": "#ff8800", "shape": "square"},
    {"key": "fine", "label": "Fine", "min": 66},
]


def test_bands_in_place_compare_the_shown_integer_and_change_no_score(
    api: Api, workspace: Workspace
) -> None:
    groups = group("all", *map(metric, EDGES))
    values = {key: value for key, (value, _) in EDGES.items()}
    answer = tried(api, workspace, card(groups, bands=BANDS), values)
    assert {key: one["band"] for key, one in metrics_of(answer).items()} == {
        key: band for key, (_, band) in EDGES.items()
    }
    assert (answer["score"], answer["band"], answer["label"]) == ("48.9750", "fair", "Fair")
    put(api, card(groups, scheme="letter"))
    evaluate(workspace, TODAY, TODAY)
    answer = told(api)
    assert (answer["score"], answer["band"]) == ("48.9750", "f")


def on(subject: str, name: str, op: str, **wanted: Any) -> dict[str, Any]:
    return {subject: name, "op": op, **wanted}


GOLD = on("attribute", "plan", "eq", value="gold")
CONDITIONS: list[tuple[list[dict[str, Any]], bool]] = [
    ([on("metric", "a", "lt", value=40)], False),
    ([on("metric", "a", "lt", value=40.0001)], True),
    ([on("metric", "a", "lte", value=40)], True),
    ([on("metric", "a", "eq", value=40)], True),
    ([on("metric", "a", "ne", value=40)], False),
    ([on("metric", "a", "gte", value=40)], True),
    ([on("metric", "a", "gt", value=40)], False),
    ([on("metric", "a", "in", value=[40, 41])], True),
    ([on("metric", "a", "eq", band="red")], True),
    ([on("metric", "a", "lt", band="yellow")], True),
    ([on("metric", "a", "in", band=["yellow", "green"])], False),
    ([on("group", "g", "lte", band="yellow")], True),
    ([on("group", "g", "eq", value=60)], True),
    ([on("group", "g", "gt", value=60)], False),
    ([on("metric", "m", "eq", status="missing")], True),
    ([on("metric", "m", "ne", status="ok")], True),
    ([on("metric", "a", "in", status=["missing", "expired"])], False),
    ([on("metric", "m", "lt", value=100)], False),
    ([on("metric", "m", "ne", value=1)], False),
    ([GOLD], True),
    ([on("attribute", "plan", "in", value=["tin", "gold"])], True),
    ([on("attribute", "n", "gte", value=5)], True),
    ([on("attribute", "n", "lt", value=5)], False),
    ([on("attribute", "vip", "eq", value=True)], True),
    ([on("attribute", "stage", "eq", value="live")], True),
    ([on("attribute", "contract_value", "gt", value=1000)], True),
    ([on("attribute", "renewal_on", "lt", value="2026-07-01")], True),
    ([on("attribute", "unknown", "ne", value=1)], False),
    ([GOLD, on("metric", "a", "lt", value=50)], True),
    ([GOLD, on("metric", "a", "gt", value=50)], False),
]
EFFECTS: list[tuple[dict[str, Any], str]] = [
    ({"effect": "set", "value": 33.3}, "33.3000"),
    ({"effect": "cap", "value": 50}, "50.0000"),
    ({"effect": "cap", "value": 70}, "60.0000"),
    ({"effect": "floor", "value": 50}, "60.0000"),
    ({"effect": "floor", "value": 70}, "70.0000"),
    ({"effect": "shift", "bands": -1}, "50.0000"),
    ({"effect": "shift", "bands": 1}, "76.0000"),
    ({"effect": "shift", "bands": -9}, "50.0000"),
    ({"effect": "shift", "bands": 9}, "76.0000"),
]


def rules(*given: tuple[str, list[dict[str, Any]], dict[str, Any]]) -> list[dict[str, Any]]:
    return [{"name": name, "when": when, **effect} for name, when, effect in given]


def answers(api: Api, workspace: Workspace, exceptions: list[Any]) -> list[Any]:
    """Of scorecards that differ in their exceptions alone: a 40, b 80, and m that is missing."""
    account(
        api, stage="live", contract_value=1000.01, renewal_on="2026-06-30",
        attributes={"plan": "gold", "n": 5, "vip": True},
    )  # fmt: skip
    groups = group("g", metric("a"), metric("b"), metric("m"))
    for n, rows in enumerate(exceptions):
        put(api, card(groups, key=f"c{n}", rank=n + 1, exceptions=rows))
    tell(api, {"a": 40, "b": 80})
    evaluate(workspace, TODAY, TODAY)
    return [told(api, f"scorecard=c{n}") for n in range(len(exceptions))]


def test_conditions_of_every_kind(api: Api, workspace: Workspace) -> None:
    effect = {"effect": "set", "value": 1}
    given = [rules(("It", when, effect)) for when, _ in CONDITIONS]
    found = [answer["exception"] == "It" for answer in answers(api, workspace, given)]
    assert list(zip([when for when, _ in CONDITIONS], found, strict=True)) == CONDITIONS


def test_effects_and_the_first_exception_that_matches(api: Api, workspace: Workspace) -> None:
    never, holds = [on("metric", "a", "gt", value=99)], [on("metric", "a", "gt", value=1)]
    sets = {"effect": "set", "value": 2}
    given = [
        rules(("Never", never, sets), ("First", holds, effect), ("Second", holds, sets))
        for effect, _ in EFFECTS
    ]
    found = answers(api, workspace, given)
    assert {(one["exception"], one["computed"]) for one in found} == {("First", "60.0000")}
    expected = [score for _, score in EFFECTS]
    assert [one["score"] for one in found] == expected
