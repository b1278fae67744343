"""Where values come from, and which day they belong to, with a key alone."""

from datetime import UTC, date, datetime, time
from typing import Any

import pytest
import time_machine

from accounts.models import Workspace
from tests.scoring.api.conftest import DAY, FIRST, NOW, TODAY, Api, evaluate
from tests.scoring.api.contract import (
    MILESTONE,
    account,
    card,
    group,
    measured,
    metric,
    metrics_of,
    put,
    sent,
    tell,
    told,
)

pytestmark = pytest.mark.usefixtures("clock")

CARDS = ("start", "live", "all")


def scores(api: Api, first: date, query: str = "") -> list[str]:
    rows = sent(api.get(f"accounts/acme/health/history/?from={first}{query}"))["results"]
    return [row["score"] for row in rows]


def test_the_latest_measurement_is_that_of_the_latest_moment(
    api: Api, workspace: Workspace
) -> None:
    """However late an older one is told, on the days evaluated and before them."""
    account(api)
    put(api, card(group("g", metric("a"), metric("b"))))
    tell(api, {"a": 70, "b": 70}, TODAY - DAY)
    tell(api, {"a": 10}, TODAY - 5 * DAY)
    evaluate(workspace, TODAY - 2 * DAY, TODAY)
    assert scores(api, TODAY - 2 * DAY) == ["10.0000", "70.0000", "70.0000"]
    tell(api, {"a": 30}, TODAY - 3 * DAY)
    tell(api, {"a": 20}, TODAY - 4 * DAY)
    evaluate(workspace, TODAY - 2 * DAY, TODAY)
    assert scores(api, TODAY - 2 * DAY) == ["30.0000", "70.0000", "70.0000"]


def test_a_measurement_for_one_scorecard_is_no_others(api: Api, workspace: Workspace) -> None:
    account(api)
    put(api, card(group("g", metric("a"))))
    put(api, card(group("g", metric("a")), key="other", rank=2))
    for row in ({"value": 70}, {"value": 33, "scorecard": "other"}):
        rows = [{"account": "acme", "metric": "a", **row}]
        sent(api.post("measurements/", {"measurements": rows}))
    evaluate(workspace, TODAY, TODAY)
    assert (told(api)["score"], told(api, "scorecard=other")["score"]) == ("70.0000", "33.0000")


def login(number: int, user: str, moment: str) -> dict[str, Any]:
    return {
        "event_id": str(number),
        "account": "acme",
        "user": user,
        "type": "login",
        "occurred_at": moment,
    }


def test_days_begin_at_midnight_of_the_workspace(api: Api, workspace: Workspace) -> None:
    """In Auckland at noon of UTC: of windows, of validity, of what was known on a day."""
    Workspace.objects.filter(pk=workspace.pk).update(time_zone="Pacific/Auckland")
    workspace.refresh_from_db()
    account(api)
    logins = metric(
        "logins",
        source={"type": "usage", "measure": "logins", "window_days": 3},
        grade={"type": "ratio"},
    )
    put(
        api,
        card(group("g", logins, metric("old", validity_days=2), metric("new", validity_days=2))),
    )
    moments = [
        "2026-06-07T11:59:59Z",
        "2026-06-07T12:00:00Z",
        "2026-06-10T11:59:59Z",
        "2026-06-10T12:00:00Z",
    ]
    events = [login(n, "u", moment) for n, moment in enumerate(moments)]
    sent(api.post("events/", {"events": events}))
    rows = [
        {"account": "acme", "metric": key, "value": 10 * n, "measured_at": moment}
        for key, n, moment in (
            ("old", 1, moments[0]),
            ("new", 2, moments[1]),
            ("new", 3, moments[3]),
        )
    ]
    sent(api.post("measurements/", {"measurements": rows}))
    evaluate(workspace, TODAY - 3 * DAY, TODAY + DAY)
    found = [metrics_of(told(api, f"as_of={TODAY + n * DAY}")) for n in (-3, 0, 1)]
    assert [
        [(day[key]["value"], day[key]["status"]) for key in ("logins", "old", "new")]
        for day in found
    ] == [
        [("1.0000", "ok"), ("10.0000", "ok"), (None, "missing")],
        [("2.0000", "ok"), ("10.0000", "expired"), ("20.0000", "ok")],
        [("2.0000", "ok"), ("10.0000", "expired"), ("30.0000", "ok")],
    ]


def test_the_evening_still_belongs_to_the_day_west_of_utc(api: Api, workspace: Workspace) -> None:
    Workspace.objects.filter(pk=workspace.pk).update(time_zone="America/New_York")
    workspace.refresh_from_db()
    account(api)
    put(api, card(group("g", metric("a"))))
    for value, moment in ((20, "2026-06-10T03:59:59Z"), (30, "2026-06-10T04:00:00Z")):
        row = {"account": "acme", "metric": "a", "value": value, "measured_at": moment}
        sent(api.post("measurements/", {"measurements": [row]}))
    evaluate(workspace, TODAY - DAY, TODAY - DAY)
    evaluate(workspace, TODAY, TODAY)
    assert scores(api, TODAY - DAY) == ["20.0000", "30.0000"]


def test_a_milestone_scorecard_counts_what_is_achieved_of_the_whole(
    api: Api, workspace: Workspace
) -> None:
    """Nobody ever logged in: that is not reached, and no reason to leave it out."""
    used = {"type": "usage", "measure": "logins", "window_days": 30}
    first = {"type": "milestone", "when": {"source": used, "op": "gte", "value": 1}}
    milestones = [
        {"key": "first", "name": "First log-in", "weight": 5, "source": first},
        {"key": "kickoff", "name": "Kick-off", "weight": 3, **MILESTONE},
        {"key": "trained", "name": "Trained", "weight": 2, **MILESTONE},
    ]
    account(api)
    put(api, card(group("g", *milestones)))
    tell(api, {"kickoff": True}, FIRST)
    evaluate(workspace, TODAY, TODAY)
    assert (told(api)["score"], told(api)["coverage"]) == ("30.0000", "1.0000")
    sent(api.post("events/", {"events": [login(1, "u", f"{TODAY}T10:00:00Z")]}))
    evaluate(workspace, TODAY, TODAY)
    assert told(api)["score"] == "80.0000"


def test_what_does_not_apply_leaves_with_its_reason(api: Api, workspace: Workspace) -> None:
    """A number by the reason of a person; whatever its policies say of lost values."""
    account(api)
    lenient = {"missing": "zero", "error": "zero", "expired": "zero", "validity_days": 1}
    put(api, card(group("g", metric("a"), metric("b", **lenient))))
    tell(api, {"a": 60, "b": 20}, TODAY - DAY)
    evaluate(workspace, TODAY - DAY, TODAY - DAY)
    row = {"account": "acme", "metric": "b", "value": None, "reason": "Not sold"}
    sent(api.post("measurements/", {"measurements": [{**row, "measured_at": NOW.isoformat()}]}))
    evaluate(workspace, TODAY, TODAY)
    answer = told(api)
    found = metrics_of(answer)["b"]
    assert (found["status"], found["reason"], found["share"]) == (
        "not_applicable", "Not sold", "0.0000",
    )  # fmt: skip
    assert (answer["score"], answer["coverage"], answer["band"], answer["held"]) == (
        "60.0000", "1.0000", "yellow", False,
    )  # fmt: skip


def describe(api: Api, day: date, key: str = "acme", **fields: Any) -> None:
    """As it was told on that day."""
    with time_machine.travel(datetime.combine(day, time(12), UTC), tick=False):
        account(api, key, **fields)


def test_growth_of_an_attribute_is_against_its_window_earlier(
    api: Api, workspace: Workspace
) -> None:
    then = {"n": 4, "zero": 0, "new": 0, "text": "few", "lost": 5, "big": 1}
    now = {"n": 3, "zero": 0, "new": 2, "text": 9, "lost": "many", "big": 9}
    describe(api, TODAY - 5 * DAY, attributes=then)
    describe(api, TODAY - 4 * DAY, attributes=now)
    metrics = [
        {
            "key": name,
            "name": name,
            "weight": 1,
            "source": {
                "type": "growth",
                "source": {"type": "attribute", "attribute": name},
                "window": 5,
            },
        }
        for name in (*then, "unknown")
    ]
    put(api, card(group("g", *metrics)))
    evaluate(workspace, TODAY, TODAY)
    found = metrics_of(told(api))
    assert {key: (one["score"], one["status"]) for key, one in found.items()} == {
        "n": ("37.5000", "ok"),
        "zero": (None, "missing"),
        "new": ("100.0000", "ok"),
        "text": (None, "error"),
        "lost": (None, "error"),
        "big": ("100.0000", "ok"),
        "unknown": (None, "missing"),
    }


def test_a_band_stays_held_over_another_version_while_its_source_fails(
    api: Api, workspace: Workspace
) -> None:
    for n, value in enumerate((20, "broken")):
        describe(api, FIRST + n * DAY, attributes={"b": value})
    pair = group("g", metric("a"), measured("b", {"type": "ratio"}))
    put(api, card(pair))
    tell(api, {"a": 90}, FIRST)
    for n in range(3):
        if n == 2:
            put(api, card(pair, rollup="maximum"))
        evaluate(workspace, FIRST + n * DAY, FIRST + n * DAY)
    days = [told(api, f"as_of={FIRST + n * DAY}") for n in range(3)]
    assert [(day["version"], day["band"], day["held"]) for day in days] == [
        (1, "yellow", False),
        (1, "yellow", True),
        (2, "yellow", True),
    ]
    sent(api.put("accounts/acme/override/", {"score": 10, "reason": "They leave"}))
    evaluate(workspace, TODAY, TODAY)
    assert (told(api)["band"], told(api)["held"]) == ("red", False)


def test_profiles_apply_by_stage_and_attribute_of_the_day_and_the_lowest_rank_is_primary(
    api: Api, workspace: Workspace
) -> None:
    for rank, (key, applies) in enumerate(
        {
            "start": {"stage": ["onboarding"]},
            "live": {"stage": ["live", "renewal"], "attributes": {"plan": ["gold", "silver"]}},
            "all": {},
        }.items()
    ):
        put(api, card(group("g", metric("a")), key=key, rank=rank, applies_to=applies))
    gold = {"attributes": {"plan": "gold"}}
    describe(api, TODAY - 2 * DAY, "moved", stage="onboarding", **gold)
    describe(api, TODAY - DAY, "moved", stage="renewal", **gold)
    describe(api, TODAY - 2 * DAY, "tin", stage="live", attributes={"plan": "tin"})
    describe(api, TODAY - 2 * DAY, "plain")
    evaluate(workspace, TODAY - 2 * DAY, TODAY)

    def primary(key: str, day: date) -> str:
        return str(told(api, f"as_of={day}", account=key)["scorecard"])

    def matching(key: str) -> set[str]:
        days = {one: api.get(f"accounts/{key}/health/?scorecard={one}") for one in CARDS}
        return {one for one, answer in days.items() if answer.status_code == 200}

    assert [primary("moved", TODAY - n * DAY) for n in (2, 1, 0)] == ["start", "live", "live"]
    assert {key: matching(key) for key in ("moved", "tin", "plain")} == {
        "moved": {"start", "live", "all"},
        "tin": {"all"},
        "plain": {"all"},
    }
    assert told(api, "scorecard=start", account="moved")["day"] == str(TODAY - 2 * DAY)
