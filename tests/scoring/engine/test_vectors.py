"""The vectors of the scoring contract, as data."""

from typing import Any

import numpy as np
import pytest

from scoring.engine.fixed import SCALE, shown, to_decimal_string
from scoring.engine.ledger import Entry, ledger
from scoring.engine.points import shares
from scoring.engine.status import Status
from scoring.engine.trend import trend
from tests.scoring.engine.cards import (
    EXPIRED,
    MISSING,
    OK,
    by_day,
    compiled,
    explained,
    group,
    number,
    publish,
    run,
    usage,
    weighted,
)

LINEAR = {"type": "linear", "worst": 7, "best": 30}
INVERTED = {"type": "linear", "worst": 30, "best": 7}


def test_t01_one_group_is_its_weighted_mean() -> None:
    results = run(weighted(20, 15, 22), [47, 59, 21])
    assert to_decimal_string(results.computed[0]) == "40.1228"
    assert shown(results.computed[0]) == 40


@pytest.mark.parametrize(
    ("grade", "value", "score", "whole"),
    [
        (LINEAR, 18, "47.8261", 48),
        (LINEAR, 5, "0.0000", 0),
        (LINEAR, 35, "100.0000", 100),
        (INVERTED, 18, "52.1739", 52),
    ],
    ids=["T-04", "T-04 under", "T-04 over", "T-05"],
)
def test_linear_scores_are_exact(grade: dict[str, Any], value: int, score: str, whole: int) -> None:
    results = run(compiled(group("g", [usage("u", grade)])), [value])
    assert to_decimal_string(results.scores[0, 0]) == score
    assert shown(results.computed[0]) == whole


def test_t07_groups_are_averaged_by_their_weights() -> None:
    card = compiled(
        group("one", [number("a")], 2),
        group("two", [number("b"), number("c")], 3),
        group("three", [number("d")], 3),
        group("four", [number("e")], 2),
    )
    results = run(card, [80, 76, 65, 90, 54])
    assert to_decimal_string(results.computed[0]) == "74.9500"
    assert shown(results.computed[0]) == 75


def test_t22_a_ratio_is_its_own_score() -> None:
    assert run(compiled(group("g", [usage("u", {"type": "ratio"})])), [67]).computed[0] == 670_000


def nps_card(policy: str = "exclude") -> Any:
    metrics = [number("usage", 40), number("support", 30), number("nps", 30, missing=policy)]
    return compiled(group("g", metrics))


@pytest.mark.parametrize(
    ("policy", "expected"),
    [("exclude", "85.7143"), ("neutral", "75.0000"), ("zero", "60.0000")],
)
def test_t39_lost_data_follows_its_policy(policy: str, expected: str) -> None:
    card = nps_card(policy)
    assert to_decimal_string(run(card, [90, 80, 20]).computed[0]) == "66.0000"
    lost = run(card, [90, 80, 0], [OK, OK, MISSING])
    assert to_decimal_string(lost.computed[0]) == expected
    assert lost.coverage[0] == 7_000


def test_t45_milestones_count_by_their_weights() -> None:
    milestones = [
        {"key": k, "name": k, "weight": w, "source": {"type": "milestone"}}
        for k, w in (("a", 5), ("b", 3), ("c", 2))
    ]
    assert run(compiled(group("g", milestones)), [1, 0, 1]).computed[0] == 700_000


def test_t52_nothing_measured_is_no_score() -> None:
    results = run(weighted(1, 2), [0, 0], [MISSING, MISSING])
    assert (results.computed[0], results.coverage[0]) == (-1, 0)


def test_t53_all_weights_zero_is_no_score() -> None:
    assert run(weighted(0, 0), [50, 60]).computed[0] == -1


@pytest.mark.parametrize(("age", "status"), [(0, OK), (90, OK), (91, EXPIRED)])
def test_t55_a_value_expires_after_its_validity(age: int, status: int) -> None:
    card = compiled(group("g", [number("a", validity_days=90)]))
    assert run(card, [50], age_days=np.array([[age]], dtype=np.int32)).status[0, 0] == status


def test_t26_the_weight_of_an_expired_metric_goes_to_its_siblings() -> None:
    found = shares(weighted(20, 16, 16, 16, 12, 20), [True] * 5 + [False])
    assert [share * 100 for share in found] == [25, 20, 20, 20, 15, 0]


def test_t39_lost_data_does_not_improve_the_band() -> None:
    days = by_day(
        [[90, 80, 20], [90, 80, 0], [90, 80, 20]], [[OK] * 3, [OK, OK, MISSING], [OK] * 3]
    )
    published = publish(nps_card(), days)
    assert published.score[:, 0].tolist() == [660_000, 857_143, 660_000]
    assert published.band[:, 0].tolist() == [1, 1, 1]
    assert published.held[:, 0].tolist() == [False, True, False]


def test_t40_the_ledger_of_lost_data_is_exact() -> None:
    card = nps_card()
    days = publish(card, by_day([[90, 80, 20], [90, 80, 0]], [[OK] * 3, [OK, OK, MISSING]]))
    found = ledger(explained(card, days, 0), explained(card, days, 1))
    assert found.delta == 197_143
    assert found.entries == (
        Entry("data", 154_286, "usage"),
        Entry("data", 102_857, "support"),
        Entry("data", -60_000, "nps", Status.MISSING),
        Entry("held", 0),
    )


def test_t41_a_moved_metric_is_behaviour() -> None:
    card = nps_card()
    days = publish(card, by_day([[90, 80, 20], [60, 80, 20]]))
    found = ledger(explained(card, days, 0), explained(card, days, 1))
    assert (found.before, found.after) == (660_000, 540_000)
    assert found.entries == (Entry("behaviour", -120_000, "usage"),)


def test_t60_the_trend_compares_with_one_window_earlier() -> None:
    scores = np.array([60] * 7 + [52, 52], dtype=np.int32) * SCALE
    change, known = trend(scores, 7)
    assert (change[7:] // SCALE).tolist() == [-8, -8]
    assert known.tolist() == [False] * 7 + [True, True]


@pytest.mark.parametrize(("score", "band"), [(50.4, 0), (50.5, 1), (75.5, 2)])
def test_the_shown_integer_is_compared_with_the_bands(score: float, band: int) -> None:
    assert publish(weighted(1), by_day([[score]])).band[0, 0] == band
