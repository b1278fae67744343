from decimal import Decimal
from typing import Any

import pytest

from scoring.engine.card import Metric, metrics_of
from scoring.engine.document import parse
from scoring.engine.values import decode, encode
from tests.scoring.engine.cards import card, group, number

LEVELS = [{"key": key, "label": key, "score": score} for key, score in (("low", 0), ("high", 100))]


def metric(**extra: Any) -> Metric:
    return next(m for _, m in metrics_of(parse(card(group("g", [number("m", **extra)]))).groups))


def level() -> Metric:
    return metric(grade={"type": "level", "levels": LEVELS})


def milestone() -> Metric:
    return metric(source={"type": "milestone"}, grade={"type": "boolean"})


@pytest.mark.parametrize(
    ("of", "raw", "fixed", "back"),
    [
        (metric(), 42.5, 425_000, "42.5000"),
        (metric(), Decimal("0.1"), 1_000, "0.1000"),
        (level(), "high", 1, "high"),
        (milestone(), True, 10_000, True),
        (milestone(), False, 0, False),
    ],
)
def test_values_are_encoded_and_decoded(of: Metric, raw: Any, fixed: int, back: Any) -> None:
    assert encode(of, raw) == fixed
    assert decode(of, fixed) == back


@pytest.mark.parametrize(
    ("of", "raw"),
    [
        (metric(), 101),
        (metric(), -1),
        (metric(), True),
        (metric(), "42"),
        (level(), "mid"),
        (level(), 1),
        (milestone(), 1),
    ],
)
def test_what_a_metric_does_not_take_is_refused(of: Metric, raw: Any) -> None:
    with pytest.raises(ValueError, match="must be"):
        encode(of, raw)
