from typing import Any

import numpy as np
import pytest

from scoring.engine.problems import DocumentError
from scoring.engine.rules import Rule, export_rule, fires, lookback_days, parse_rule

KEYS = ("red", "yellow", "green")


def document(**when: Any) -> dict[str, Any]:
    return {"key": "drop", "name": "Drop", "when": when}


def score_change(direction: str) -> Rule:
    return parse_rule(document(type="score_change", direction=direction, points=10, days=30))


def fired(rule: Rule, scores: list[int], before: list[int]) -> list[bool]:
    now, then = np.array(scores, dtype=np.int32), np.array(before, dtype=np.int32)
    bands, earlier = now.astype(np.int8), then.astype(np.int8)
    found = fires(
        rule, scores=now, scores_before=then, bands=bands, bands_before=earlier, keys=KEYS
    )
    return [bool(one) for one in found]


@pytest.mark.parametrize(
    ("direction", "expected"),
    [
        ("drop", [True, False, False, False, False]),
        ("rise", [False, False, True, False, False]),
        ("any", [True, False, True, False, False]),
    ],
)
def test_a_score_change_fires_from_its_points_on(direction: str, expected: list[bool]) -> None:
    scores = [400_000, 400_001, 600_000, -1, 500_000]
    assert fired(score_change(direction), scores, [500_000] * 4 + [-1]) == expected


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        ({"direction": "worse"}, [True, False, False, True, False]),
        ({"direction": "better"}, [False, True, False, False, False]),
        ({"direction": "any"}, [True, True, False, True, False]),
        ({"direction": "any", "to_bands": ["red"]}, [True, False, False, False, False]),
        ({"direction": "any", "from_bands": ["green"]}, [False, False, False, True, False]),
    ],
)
def test_a_band_change_fires_by_its_direction(when: dict[str, Any], expected: list[bool]) -> None:
    rule = parse_rule(document(type="band_change", **when))
    assert fired(rule, [0, 2, 1, 1, -1], [1, 1, 1, 2, 1]) == expected


def test_a_rule_looks_back_its_days() -> None:
    assert lookback_days(score_change("drop")) == 30
    assert lookback_days(parse_rule(document(type="band_change"))) == 1


def test_a_rule_round_trips_without_its_defaults() -> None:
    raw = document(type="score_change", points=10, days=7) | {"severity": "info"}
    assert export_rule(parse_rule(raw)) == raw
    assert parse_rule(raw).cooldown_days == 7


@pytest.mark.parametrize(
    ("change", "path", "message"),
    [
        ({"when": {"type": "renewal"}}, "when.type", "is not available yet"),
        ({"when": {"type": "moon"}}, "when.type", "must be one of: score_change, band_change"),
        ({"when": {"type": "score_change", "points": 5}}, "when.days", "is required"),
        ({"actions": [{"type": "notify"}]}, "actions", "is not available yet"),
        ({"scope": {"stage": ["live"]}}, "scope", "is not available yet"),
        ({"severity": "high"}, "severity", "must be one of: risk, opportunity, info"),
    ],
)
def test_a_bad_rule_is_refused_at_its_path(change: dict[str, Any], path: str, message: str) -> None:
    with pytest.raises(DocumentError) as error:
        parse_rule(document(type="band_change") | change)
    assert [(p.path, p.message) for p in error.value.problems] == [(path, message)]
