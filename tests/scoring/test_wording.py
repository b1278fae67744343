from typing import Any

import msgspec
import pytest
from django.utils import translation

from scoring.engine import card
from scoring.engine.fixed import LARGEST, to_fixed
from scoring.sentences import moved_text
from scoring.wording import graded_text, plain, value_text


def made(source: dict[str, Any], grade: dict[str, Any] | None = None, **fields: Any) -> card.Metric:
    given = {"key": "m", "name": "M", "weight": 1, "source": source, "grade": grade}
    return msgspec.convert(given | fields, card.Metric)


def usage(measure: str, days: int = 30) -> dict[str, Any]:
    return {"type": "usage", "measure": measure, "window_days": days}


LIMITS = {"daily": 20, "frequent": 9, "occasional": 1}
GROWTH = {"type": "growth", "source": usage("logins"), "window": 30}
LINEAR = {"type": "linear", "worst": 7, "best": 30}
LEVEL = {"type": "level", "levels": [{"key": "no", "label": "No contact", "score": 0}]}


@pytest.mark.parametrize(
    ("source", "grade", "value", "expected"),
    [
        (usage("logins", 90), LINEAR, 212, "212 in 90 days"),
        (usage("active_users", 1), LINEAR, 1234, "1,234 in 1 day"),
        (usage("active_days"), LINEAR, 12, "12 of 30 days"),
        (usage("license_utilization"), LINEAR, 27.5, "27.5 % of seats"),
        (usage("frequency") | {"frequency": "daily"}, LINEAR, 62.5, "62.5 % of users"),
        (usage("feature_users", 1), LINEAR, 3, "3 in 1 day"),
        (usage("session_minutes"), LINEAR, 9.98, "10 min a session"),
        (usage("days_since_last_login"), LINEAR, 1, "1 day ago"),
        (usage("days_since_last_login"), LINEAR, 0, "today"),
        ({"type": "attribute", "attribute": "a"}, LINEAR, -3, "−3"),
        ({"type": "attribute", "attribute": "a", "measure": "days_until"}, LINEAR, 9, "in 9 days"),
        (
            {"type": "attribute", "attribute": "a", "measure": "days_until"},
            LINEAR,
            -2,
            "2 days ago",
        ),
        ({"type": "attribute", "attribute": "a", "measure": "days_since"}, LINEAR, 2, "2 days ago"),
        ({"type": "attribute", "attribute": "a"}, {"type": "boolean"}, 1, "Yes"),
        ({"type": "milestone"}, None, 0, "Not done"),
        ({"type": "manual"}, {"type": "number"}, 78.5, "78.5"),
        (GROWTH, None, 0.75, "75 % of 30 days earlier"),
        (GROWTH, None, 12.3456, "1,234.6 % of 30 days earlier"),
    ],
)
def test_value_text_has_its_unit(
    source: dict[str, Any], grade: dict[str, Any] | None, value: float, expected: str
) -> None:
    assert value_text(made(source, grade), to_fixed(value)) == expected


def test_value_text_of_a_growth_from_nothing_is_no_number() -> None:
    assert value_text(made(GROWTH), LARGEST) == "up from nothing"


def test_graded_text_of_a_growth_tells_both_times() -> None:
    told = graded_text(made(GROWTH, {"type": "growth"}), LIMITS)
    assert told == (
        "Log-ins over 30 days. Against 30 days earlier."
        " 50 points where nothing changed, 100 where it doubled."
    )


def test_value_text_of_a_level_is_its_label() -> None:
    assert value_text(made({"type": "manual"}, LEVEL), 0) == "No contact"


def test_plain_follows_the_locale() -> None:
    with translation.override("de"):
        assert plain(to_fixed(1234.5)) == "1.234,5"


@pytest.mark.parametrize(
    ("metric", "expected"),
    [
        (
            made(usage("logins", 90), LINEAR),
            "Log-ins over 90 days. 0 points at 7, 100 at 30, straight between.",
        ),
        (
            made(usage("frequency") | {"frequency": "frequent"}, {"type": "ratio"}),
            "Share of users active on 9 or more of the last 30 days. The number is the score.",
        ),
        (
            made(usage("feature_users", 7) | {"features": ("a", "b")}, {"type": "ratio"}),
            "Users of features (a, b) over 7 days. The number is the score.",
        ),
        (
            made({"type": "manual"}, LEVEL, validity_days=90),
            "Set by a person or another system. No contact 0. Valid for 90 days.",
        ),
        (
            made(
                {"type": "attribute", "attribute": "tickets"},
                {"type": "steps", "steps": [{"min": 0, "score": 100}, {"min": 5, "score": 20}]},
            ),
            "The account's attribute “tickets”. Points by steps: 100 from 0, 20 from 5.",
        ),
    ],
)
def test_graded_text_tells_the_configuration(metric: card.Metric, expected: str) -> None:
    assert graded_text(metric, LIMITS) == expected


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (66, 54, "Down 12 in 30 days"),
        (54, 66, "Up 12 in 30 days"),
        (54, 54.4, "Unchanged in 30 days"),
        (None, 0, "No score 30 days before"),
        (0, None, "No score"),
    ],
)
def test_moved_text(before: float | None, after: float | None, expected: str) -> None:
    fixed = [None if score is None else to_fixed(score) for score in (before, after)]
    assert moved_text(fixed[0], fixed[1], 30) == expected
