from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from scoring.engine.card import Milestone
from scoring.engine.compiled import Compiled, compile_card
from scoring.engine.document import parse
from scoring.engine.evaluate import evaluate
from scoring.engine.fixed import to_decimal_string
from scoring.engine.grade import condition_holds
from scoring.engine.peers import Distribution
from scoring.engine.status import Status
from tests.scoring.engine.cards import EXPIRED, MISSING, OK, card, group, inputs, number, run, usage

STEPS = [{"min": 0, "score": 10}, {"min": 50, "score": 60}, {"min": 80, "score": 100}]
LEVELS = [
    {"key": key, "label": key, "score": score} for key, score in (("a", 0), ("b", 33.3), ("c", 100))
]
WINDOW = {"type": "usage", "measure": "logins"}


def one(metric: dict[str, Any]) -> Compiled:
    return compile_card(parse(card(group("g", [metric]))))


def scored(metric: dict[str, Any], value: float, **extra: Any) -> str:
    return to_decimal_string(run(one(metric), [value], **extra).scores[0, 0])


@pytest.mark.parametrize(
    ("value", "score"), [(-5, 10), (0, 10), (49.9999, 10), (50, 60), (80, 100), (10**9, 100)]
)
def test_steps_have_inclusive_minima(value: float, score: float) -> None:
    grade = {"type": "steps", "steps": STEPS}
    assert scored(usage("u", grade), value) == f"{score}.0000"


def test_a_level_has_its_own_score() -> None:
    metric = number("m", grade={"type": "level", "levels": LEVELS})
    results = evaluate(one(metric), inputs([[0.0], [0.0001], [0.0002]]))
    assert results.scores[:, 0].tolist() == [0, 333_000, 1_000_000]


def test_a_boolean_is_100_or_0_or_what_is_given() -> None:
    source = {"type": "attribute", "attribute": "trained"}
    plain = number("m", source=source, grade={"type": "boolean"})
    given = number("m", source=source, grade={"type": "boolean", "when_true": 90, "when_false": 20})
    found = [scored(metric, value) for metric in (plain, given) for value in (1, 0)]
    assert found == ["100.0000", "0.0000", "90.0000", "20.0000"]


def test_linear_is_exact_over_limits_of_money() -> None:
    grade = {"type": "linear", "worst": 0, "best": 3_000_000_000}
    metric = number("m", source={"type": "attribute", "attribute": "revenue"}, grade=grade)
    assert scored(metric, 1_000_000_000) == "33.3333"
    assert scored(metric, 2_000_000_000) == "66.6667"


@pytest.mark.parametrize(
    ("now", "then", "score", "status"),
    [
        (1, 3, "16.6667", OK),
        (10, 10, "50.0000", OK),
        (30, 10, "100.0000", OK),
        (5, 0, "100.0000", OK),
        (0, 5, "0.0000", OK),
        (0, 0, "-0.0001", MISSING),
    ],
)
def test_growth_compares_now_with_then(now: int, then: int, score: str, status: Status) -> None:
    metric = number("m", source={"type": "growth", "source": WINDOW, "window": 30})
    del metric["grade"]
    previous = np.array([[then * 10_000]], dtype=np.int64)
    results = run(one(metric), [now], previous=previous)
    assert to_decimal_string(results.scores[0, 0]) == score
    assert results.status[0, 0] == status


@pytest.mark.parametrize(
    ("now", "then", "score"), [(3, 2, 1_000_000), (1, 1, 500_000), (9, 0, 1_000_000), (0, 0, -1)]
)
def test_growth_may_be_graded_by_limits_of_the_ratio(now: int, then: int, score: int) -> None:
    source = {"type": "growth", "source": WINDOW, "window": 30}
    metric = number("m", source=source, grade={"type": "linear", "worst": 0.5, "best": 1.5})
    previous = np.array([[then * 10_000]], dtype=np.int64)
    assert run(one(metric), [now], previous=previous).scores[0, 0] == score


def percentiles(values: list[int], **grade: Any) -> list[int]:
    rows = inputs([[value] for value in values])
    column = rows.values[:, 0]
    metric = one(usage("u", {"type": "percentile"} | grade))
    ranked = replace(rows, ranks={0: Distribution.of(column).ranks(column)})
    return [int(score) for score in evaluate(metric, ranked).scores[:, 0]]


def test_a_percentile_is_the_mean_rank_among_the_peers() -> None:
    assert percentiles([1, 2, 2, 3, 9]) == [100_000, 400_000, 400_000, 700_000, 900_000]
    assert percentiles([1, 2, 2, 3, 9], lower_is_better=True) == [
        900_000,
        600_000,
        600_000,
        300_000,
        100_000,
    ]


def test_fewer_than_five_peers_are_missing() -> None:
    assert percentiles([1, 2, 3, 4]) == [-1] * 4


def test_limits_may_depend_on_the_stage() -> None:
    cases = [{"stage": ["trial", "new"], "worst": 0, "best": 10}]
    grade = {"type": "linear", "worst": 0, "best": 100, "by": "stage", "cases": cases}
    stage = np.array(["live", "new", "trial", None], dtype=object)
    results = evaluate(one(usage("u", grade)), inputs([[5]] * 4, stage=stage))
    assert results.scores[:, 0].tolist() == [50_000, 500_000, 500_000, 50_000]


def test_limits_may_depend_on_the_age() -> None:
    cases = [
        {"min": 3, "steps": [{"min": 0, "score": 3}]},
        {"min": 12, "steps": [{"min": 0, "score": 12}]},
    ]
    grade = {"type": "steps", "steps": STEPS, "by": "age_months", "cases": cases}
    ages = np.array([2, 3, 11, 12], dtype=np.int32)
    results = evaluate(one(usage("u", grade)), inputs([[5]] * 4, age_months=ages))
    assert results.scores[:, 0].tolist() == [100_000, 30_000, 30_000, 120_000]


@pytest.mark.parametrize(
    ("op", "expected"),
    [
        ("lt", [True, False, False]),
        ("lte", [True, True, False]),
        ("eq", [False, True, False]),
        ("ne", [True, False, True]),
        ("gte", [False, True, True]),
        ("gt", [False, False, True]),
    ],
)
def test_a_milestone_may_be_a_condition_on_a_source(op: str, expected: list[bool]) -> None:
    when = {"source": WINDOW, "op": op, "value": 10}
    metric = number("m", source={"type": "milestone", "when": when})
    del metric["grade"]
    source = one(metric).metrics[0].metric.source
    assert isinstance(source, Milestone)
    assert source.when is not None
    values = inputs([[9.9999], [10], [10.0001]]).values[:, 0]
    assert condition_holds(source.when, values).tolist() == expected


@pytest.mark.parametrize(
    ("policy", "age", "score", "counts"),
    [
        ("exclude", 91, 800_000, False),
        ("zero", 91, 0, True),
        ("neutral", 91, 500_000, True),
        ("keep", 500, 800_000, True),
        ("fade", 90, 800_000, True),
        ("fade", 120, 700_000, True),
        ("fade", 180, 500_000, True),
        ("fade", 400, 500_000, True),
    ],
)
def test_an_expired_metric_follows_its_policy(
    policy: str, age: int, score: int, counts: bool
) -> None:
    metric = number("m", validity_days=90, expired=policy)
    results = run(one(metric), [80], age_days=np.array([[age]], dtype=np.int32))
    assert results.status[0, 0] == (EXPIRED if age > 90 else OK)
    assert (results.scores[0, 0], results.counts[0, 0]) == (score, counts)
