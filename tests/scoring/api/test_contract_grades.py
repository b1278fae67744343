"""From a value to a score, at every edge, with a key alone."""

from datetime import timedelta
from typing import Any

import pytest

from accounts.models import Workspace
from tests.scoring.api.conftest import TODAY, Api, evaluate, paths
from tests.scoring.api.contract import (
    account,
    card,
    group,
    measured,
    metrics_of,
    put,
    sent,
    told,
    tried,
)

pytestmark = pytest.mark.usefixtures("clock")

LINEAR = {"type": "linear", "worst": 7, "best": 30}
INVERTED = {"type": "linear", "worst": 30, "best": 7}
STEPS = {
    "type": "steps",
    "steps": [{"min": 0, "score": 10}, {"min": 50, "score": 60}, {"min": 80.5, "score": 100}],
}
RATIO = {"type": "ratio"}
BOOLEAN = {"type": "boolean"}
TWO = {"type": "boolean", "when_true": 20, "when_false": 80.5}
GRADES: list[tuple[dict[str, Any], Any, str | None, str]] = [
    (LINEAR, 18, "47.8261", "ok"),
    (LINEAR, 5, "0.0000", "ok"),
    (LINEAR, 7, "0.0000", "ok"),
    (LINEAR, 29.9999, "99.9996", "ok"),
    (LINEAR, 30, "100.0000", "ok"),
    (LINEAR, 35, "100.0000", "ok"),
    (LINEAR, "18", "47.8261", "ok"),
    (INVERTED, 18, "52.1739", "ok"),
    (INVERTED, 30, "0.0000", "ok"),
    (INVERTED, 31, "0.0000", "ok"),
    (INVERTED, 7, "100.0000", "ok"),
    (INVERTED, -3, "100.0000", "ok"),
    ({"type": "linear", "worst": -50, "best": 50}, -25, "25.0000", "ok"),
    ({"type": "linear", "worst": 0.1, "best": 0.4}, 0.2, "33.3333", "ok"),
    (STEPS, -1, "10.0000", "ok"),
    (STEPS, 0, "10.0000", "ok"),
    (STEPS, 49.9999, "10.0000", "ok"),
    (STEPS, 50, "60.0000", "ok"),
    (STEPS, 80.4999, "60.0000", "ok"),
    (STEPS, 80.5, "100.0000", "ok"),
    (RATIO, 67, "67.0000", "ok"),
    (RATIO, 133, "100.0000", "ok"),
    (RATIO, -1, "0.0000", "ok"),
    (RATIO, 66.66666, "66.6667", "ok"),
    (BOOLEAN, True, "100.0000", "ok"),
    (BOOLEAN, False, "0.0000", "ok"),
    (TWO, True, "20.0000", "ok"),
    (TWO, False, "80.5000", "ok"),
    (LINEAR, None, None, "missing"),
    (LINEAR, "many", None, "error"),
]


def test_every_grade_at_its_edges(api: Api, workspace: Workspace) -> None:
    keys = [f"m{n}" for n in range(len(GRADES))]
    attributes = {key: row[1] for key, row in zip(keys, GRADES, strict=True) if row[1] is not None}
    metrics = [measured(key, row[0]) for key, row in zip(keys, GRADES, strict=True)]
    found = metrics_of(
        tried(api, workspace, card(group("all", *metrics)), {}, attributes=attributes)
    )
    assert [
        (*row[:2], found[key]["score"], found[key]["status"])
        for key, row in zip(keys, GRADES, strict=True)
    ] == GRADES


def test_a_date_is_counted_from_today_in_both_directions(api: Api, workspace: Workspace) -> None:
    fields = {"ahead": 10, "today": 0, "past": -10, "renewal_on": 5}
    days = {name: str(TODAY + timedelta(apart)) for name, apart in fields.items()}
    grade = {"type": "linear", "worst": 0, "best": 20}
    metrics = [
        measured(f"{name}-{way}", grade, name) for name in fields for way in ("until", "since")
    ]
    for metric in metrics:
        metric["source"]["measure"] = f"days_{metric['key'].split('-')[1]}"
    renewal = days.pop("renewal_on")
    document = card(group("all", *metrics))
    answer = tried(api, workspace, document, {}, attributes=days, renewal_on=renewal)
    assert {key: (one["value"], one["score"]) for key, one in metrics_of(answer).items()} == {
        "ahead-until": ("10.0000", "50.0000"),
        "ahead-since": ("-10.0000", "0.0000"),
        "today-until": ("0.0000", "0.0000"),
        "today-since": ("0.0000", "0.0000"),
        "past-until": ("-10.0000", "0.0000"),
        "past-since": ("10.0000", "50.0000"),
        "renewal_on-until": ("5.0000", "25.0000"),
        "renewal_on-since": ("-5.0000", "0.0000"),
    }


BY_STAGE = {
    "type": "linear",
    "worst": 0,
    "best": 100,
    "by": "stage",
    "cases": [
        {"stage": ["trial"], "worst": 0, "best": 50},
        {"stage": ["live", "won"], "worst": 0, "best": 40},
    ],
}
BY_AGE = {
    "type": "steps",
    "steps": [{"min": 0, "score": 1}],
    "by": "age_months",
    "cases": [
        {"min": 3, "steps": [{"min": 0, "score": 3}]},
        {"min": 12, "steps": [{"min": 0, "score": 12}]},
    ],
}


def test_limits_by_stage_and_by_age_change_on_their_day(api: Api, workspace: Workspace) -> None:
    """Three months after the 10th of March are the 10th of June, today."""
    rows = {
        "a": ("trial", "2026-03-11", ("40.0000", "1.0000")),
        "b": ("won", "2026-03-10", ("50.0000", "3.0000")),
        "c": ("other", "2025-06-11", ("20.0000", "3.0000")),
        "d": ("", "2025-06-10", ("20.0000", "12.0000")),
    }
    put(api, card(group("all", measured("n", BY_STAGE), measured("age", BY_AGE, "n"))))
    for key, (stage, began, _) in rows.items():
        account(api, key, stage=stage, created_on=began, attributes={"n": 20})
    evaluate(workspace, TODAY, TODAY)
    for key, (*_, expected) in rows.items():
        found = metrics_of(told(api, account=key))
        assert (found["n"]["score"], found["age"]["score"]) == expected


def growth(key: str, of: str, window: int) -> dict[str, Any]:
    inner = {"type": "usage", "measure": of, "window_days": 5}
    return {
        "key": key,
        "name": key,
        "weight": 1,
        "source": {"type": "growth", "source": inner, "window": window},
    }


def test_growth_from_and_to_nothing(api: Api, workspace: Workspace) -> None:
    """Windows of five days: 3 log-ins until today and 5 before; uses then and none now."""
    account(api)
    told_of = {
        **{f"2026-06-0{day}": ("login", "") for day in (1, 2, 3, 4, 5, 7, 8, 9)},
        "2026-05-30": ("feature", "old"),
        "2026-06-06": ("feature", "new"),
    }
    events = [
        {
            "event_id": day,
            "account": "acme",
            "user": "u",
            "occurred_at": f"{day}T05:00:00Z",
            "type": kind,
            **({"feature": feature} if feature else {}),
        }
        for day, (kind, feature) in told_of.items()
    ]
    sent(api.post("events/", {"events": events}))
    metrics = [growth("less", "logins", 5), growth("new", "feature_uses", 5)]
    metrics += [growth("old", "logins", 400)]
    metrics[1]["source"]["source"]["features"] = ["new"]
    metrics += [{**growth("none", "feature_uses", 5), "key": "none"}]
    metrics[3]["source"]["source"]["features"] = ["never"]
    put(api, card(group("all", *metrics)))
    evaluate(workspace, TODAY, TODAY)
    found = metrics_of(told(api))
    assert {key: (one["value"], one["score"], one["status"]) for key, one in found.items()} == {
        "less": ("0.6000", "30.0000", "ok"),
        "new": (None, "100.0000", "ok"),
        "old": (None, "100.0000", "ok"),
        "none": (None, None, "missing"),
    }


def test_percentile_shares_the_mean_rank_and_needs_five(api: Api, workspace: Workspace) -> None:
    up, down = {"type": "percentile"}, {"type": "percentile", "lower_is_better": True}
    put(
        api, card(group("all", measured("n", up), measured("down", down, "n"), measured("few", up)))
    )
    for n, value in enumerate([1, 2, 2, 2, 5, 9]):
        few = {"few": value} if n < 4 else {}
        account(api, f"a{n}", attributes={"n": value, **few})
    evaluate(workspace, TODAY, TODAY)
    rows = [metrics_of(told(api, account=f"a{n}")) for n in range(6)]
    tied = ("41.6667", "58.3333")
    assert [(row["n"]["score"], row["down"]["score"]) for row in rows] == [
        ("8.3333", "91.6667"), tied, tied, tied, ("75.0000", "25.0000"), ("91.6667", "8.3333"),
    ]  # fmt: skip
    assert {row["few"]["status"] for row in rows} == {"missing"}


@pytest.mark.parametrize(
    ("grade", "path"),
    [
        ({"type": "linear", "worst": 0.00001, "best": 0.00002}, "best"),
        ({"type": "steps", "steps": [{"min": 0, "score": 1}, {"min": 0.00004, "score": 2}]}, "steps[1].min"),
        ({"type": "steps", "steps": []}, "steps"),
    ],
)  # fmt: skip
def test_limits_that_are_one_after_rounding_are_refused(
    api: Api, grade: dict[str, Any], path: str
) -> None:
    answer = api.put("scorecards/health/", card(group("all", measured("n", grade))))
    assert paths(answer) == [f"groups[0].metrics[0].grade.{path}"]
