"""Day after day, with a key alone: what holds, what is confirmed, what is told of the change."""

import random
from datetime import date
from decimal import Decimal
from itertools import combinations_with_replacement
from typing import Any

import pytest

from accounts.models import Workspace
from scoring.services.stale import evaluate_stale
from tests.scoring.api.conftest import DAY, FIRST, NOW, TODAY, Api, evaluate
from tests.scoring.api.contract import (
    account,
    card,
    group,
    ledger,
    metric,
    metrics_of,
    put,
    sent,
    tell,
    told,
)

pytestmark = pytest.mark.usefixtures("clock")


def at(n: int) -> date:
    """The tenth day is today."""
    return FIRST + n * DAY


def told_days(api: Api, *names: str) -> list[tuple[Any, ...]]:
    days = [told(api, f"as_of={at(n)}") for n in range(10)]
    return [tuple(day[name] for name in names) for day in days]


def begin(api: Api, document: dict[str, Any], values: dict[int, dict[str, Any]]) -> None:
    """The values are those of the days by their number."""
    account(api)
    put(api, document)
    for n, told_then in values.items():
        tell(api, told_then, at(n))


PAIR = group("g", metric("a"), metric("b", validity_days=1))


def test_a_band_is_held_until_what_was_lost_is_back(api: Api, workspace: Workspace) -> None:
    """Of a and b the mean; b is worth 20 until day 1 (it is valid for a day), and 80 on day 6."""
    values = {0: {"a": 90, "b": 20}, 1: {"b": 20}, 4: {"a": 95}, 6: {"b": 80}, 9: {"a": 60}}
    begin(api, card(PAIR), values)
    evaluate(workspace, FIRST, TODAY)
    assert told_days(api, "score", "band", "held") == [
        *[("55.0000", "yellow", False)] * 3,
        ("90.0000", "yellow", True),
        *[("95.0000", "yellow", True)] * 2,
        *[("87.5000", "green", False)] * 2,
        # What is lost now was good: nothing looks better for it.
        ("95.0000", "green", False),
        ("60.0000", "yellow", False),
    ]
    held = ledger(api, at(2), at(3))
    assert held["entries"] == [
        {"metric": "a", "kind": "data", "points": "45.0000"},
        {"metric": "b", "kind": "data", "points": "-10.0000"},
        {"metric": None, "kind": "held", "points": "0.0000"},
    ]
    assert held["sentence"] == "90, up 35 in 1 day: a (share) +45, b expired −10."
    assert ledger(api, at(2), at(6))["entries"] == [
        {"metric": "a", "kind": "behaviour", "points": "2.5000"},
        {"metric": "b", "kind": "behaviour", "points": "30.0000"},
    ]


def test_a_change_of_band_is_confirmed_by_days_not_by_evaluations(
    api: Api, workspace: Workspace
) -> None:
    numbers = (80, 40, 40, 80, 40, 40, 40, 60, 30, 30)
    begin(
        api, card(group("g", metric("a")), confirm=3), {n: {"a": v} for n, v in enumerate(numbers)}
    )
    for n in (0, 1, 1, 1, 2, 2, 3, 4, 5, 6, 7, 8, 9, 9, 9):
        evaluate(workspace, at(n), at(n))
    assert [band for (band,) in told_days(api, "band")] == ["green"] * 6 + ["red"] * 4
    assert [score for (score,) in told_days(api, "score")] == [f"{v}.0000" for v in numbers]


def test_bands_of_the_days_before_are_known_by_their_keys_in_another_version(
    api: Api, workspace: Workspace
) -> None:
    """A band more, below the one that waits for its confirmation to end; and another trend."""
    lowest, highest = {"key": "low", "min": 0}, {"key": "high", "min": 76}
    between = [{"key": "poor", "min": 30}, {"key": "fair", "min": 51}]
    begin(api, card(group("g", metric("a"))), {0: {"a": 80}, 1: {"a": 20}})
    for n, inner in enumerate(([], between, between)):
        bands = [{**band, "label": band["key"]} for band in (lowest, *inner, highest)]
        put(api, card(group("g", metric("a")), bands=bands, confirm=2, trend_days=max(n, 1)))
        evaluate(workspace, at(n), at(n))
    assert [told(api, f"as_of={at(n)}")["band"] for n in range(3)] == ["high", "high", "low"]
    changes = sent(api.get(f"accounts/acme/health/changes/?to={at(1)}"))
    assert changes["from"]["day"] == str(at(0))


def test_t60_the_trend_looks_back_one_window(api: Api, workspace: Workspace) -> None:
    numbers = [60] * 7 + [52] * 2
    document = card(group("g", metric("a")), trend_days=7)
    begin(api, document, {n: {"a": value} for n, value in enumerate(numbers)})
    for n in (7, 8):
        evaluate(workspace, FIRST, at(n))
        change = sent(api.get(f"accounts/acme/health/changes/?to={at(n)}"))
        assert (change["from"]["day"], change["delta"]) == (str(at(n - 7)), "-8.0000")
        assert change["sentence"] == "52, down 8 in 7 days: a −8."
        (row,) = sent(api.get("accounts/"))["results"]
        assert (row["change"], row["reason"]) == ("-8.0000", "a −8")
    weeks = sent(api.get(f"accounts/acme/health/history/?from={FIRST}&to={at(8)}&step=week"))
    assert [(row["day"], row["shown"]) for row in weeks["results"]] == [
        ("2026-06-07", 60),
        ("2026-06-09", 52),
    ]


def made_up(rnd: random.Random, number: int) -> dict[str, Any]:
    """A scorecard with everything that a ledger has to explain."""
    stale = rnd.choice(["exclude", "zero", "neutral", "keep", "fade"])
    lost = rnd.choice(["exclude", "zero", "neutral"])
    inner = group(
        "h", metric("c", 3, missing=lost), metric("d", 1, validity_days=1), weight=2.5,
        rollup=rnd.choice(["weighted_mean", "minimum", "conditions"]),
    )  # fmt: skip
    aging = metric("b", rnd.random(), validity_days=2, expired=stale)
    outer = group("g", metric("a", rnd.randint(0, 9)), aging, inner, weight=rnd.randint(1, 50))
    own = [metric("f", 1.5)] if number else []
    return card(
        outer,
        group("k", metric("e", 2), *own, weight=rnd.randint(1, 50)),
        exceptions=[
            {"name": "E", "when": [{"metric": "e", "op": "lt", "value": 40}], "effect": "cap", "value": 50},
            {"name": "S", "when": [{"metric": "a", "op": "gt", "value": 80}], "effect": "shift", "bands": -1},
        ],
        confirm=rnd.choice([1, 2]),
    )  # fmt: skip


@pytest.mark.parametrize("seed", range(2))
def test_points_add_up_to_the_last_place_between_any_days(
    api: Api, workspace: Workspace, seed: int
) -> None:
    """Versions, losses, exemptions, exceptions, an override, held and unconfirmed bands."""
    rnd = random.Random(seed)  # noqa: S311
    account(api)
    for n in range(10):
        if n in (0, 3, 6):
            put(api, made_up(rnd, n))
        values = {key: round(rnd.random() * 100, 4) for key in "abcde" if rnd.random() < 0.6}
        tell(api, values | {"a": round(rnd.random() * 100, 4)}, at(n))
        if n == 4:
            row = {"account": "acme", "metric": "e", "value": None, "reason": "Never asked"}
            rows = [{**row, "measured_at": f"{at(n)}T10:00:00Z"}]
            sent(api.post("measurements/", {"measurements": rows}))
        if n == 9:
            sent(api.put("accounts/acme/override/", {"score": 77.7777, "reason": "Told so"}))
        evaluate(workspace, at(n), at(n))
    for n in range(10):
        day = told(api, f"as_of={at(n)}")
        rows = metrics_of(day).values()
        earned = sum(Decimal(row["earned"] or 0) for row in rows)
        missed = sum(Decimal(row["missed"] or 0) for row in rows)
        assert (earned, earned + missed) == (Decimal(day["computed"]), 100)
    for first, last in combinations_with_replacement(range(10), 2):
        found = ledger(api, at(first), at(last))
        points = sum(Decimal(entry["points"]) for entry in found["entries"])
        apart = Decimal(found["to"]["score"]) - Decimal(found["from"]["score"])
        assert points == Decimal(found["delta"]) == apart


def test_an_override_stands_beside_what_is_computed(api: Api, workspace: Workspace) -> None:
    cap = {"name": "E", "when": [{"metric": "a", "op": "lt", "value": 50}], "effect": "cap"}
    begin(api, card(group("g", metric("a")), exceptions=[{**cap, "value": 30}]), {0: {"a": 40}})
    evaluate(workspace, TODAY - DAY, TODAY)
    sent(api.put("accounts/acme/override/", {"band": "green", "reason": "Signed"}))
    evaluate(workspace, TODAY, TODAY)
    day = told(api)
    assert (day["score"], day["band"], day["computed"], day["exception"]) == (
        "76.0000", "green", "40.0000", "E",
    )  # fmt: skip
    assert (day["override"]["last_day"], day["override"]["reason"]) == ("2026-07-10", "Signed")
    assert ledger(api, TODAY - DAY, TODAY)["entries"] == [
        {"metric": None, "kind": "override", "points": "46.0000"}
    ]


def use(api: Api, day: date, count: int) -> None:
    event = {"account": "acme", "user": "u", "type": "login", "occurred_at": f"{day}T05:00:00Z"}
    events = [{**event, "event_id": f"{day}-{n}"} for n in range(count)]
    sent(api.post("events/", {"events": events}))


def marked(api: Api) -> list[str]:
    """Score, version, and whether it was evaluated anew."""
    told = []
    for row in sent(api.get("accounts/acme/health/history/"))["results"]:
        restated = " restated" if any(mark["kind"] == "restated" for mark in row["marks"]) else ""
        told.append(f"{row['shown']} v{row['version']}{restated}")
    return told


def test_publishing_leaves_the_past_and_late_data_restates_it(
    api: Api, workspace: Workspace
) -> None:
    """Log-ins of the last three days on a scale to 10, and a number."""
    logins = metric(
        "logins",
        source={"type": "usage", "measure": "logins", "window_days": 3},
        grade={"type": "linear", "worst": 0, "best": 10},
    )
    begin(api, card(group("g", logins, metric("a"))), {0: {"a": 50}})
    use(api, at(2), 8)
    evaluate(workspace, FIRST, TODAY)
    before = told_days(api, "score", "version", "groups")
    assert marked(api) == ["50 v1"] * 2 + ["65 v1"] * 3 + ["25 v1"] * 5
    put(api, card(group("g", logins, metric("a", 3))))
    assert told_days(api, "score", "version", "groups")[:9] == before[:9]
    use(api, at(3), 1)
    tell(api, {"a": 100}, at(8))
    evaluate_stale(workspace=workspace, moment=NOW)
    assert marked(api) == [
        "50 v1", "50 v1", "65 v1", "70 v1 restated", "70 v1 restated", "30 v1 restated",
        "25 v1", "25 v1", "50 v1 restated", "75 v2",
    ]  # fmt: skip


CHANGES: dict[str, dict[str, list[int]]] = {
    "drop": {"20/1": [1, 5], "20.0001/1": [], "20/2": [5, 6], "30/2": [5]},
    "rise": {"20/1": [2, 3], "20.0001/1": [], "20/2": [3], "30/2": [3]},
    "any": {"20/1": [1, 2, 3, 5], "20.0001/1": [], "20/2": [3, 5, 6], "30/2": [3, 5]},
}
BANDS = {"worse": [1, 4, 5], "better": [2, 3], "any": [1, 2, 3, 4, 5]}


def test_rules_fire_on_their_days(api: Api, workspace: Workspace) -> None:
    """60, 40, 60, 80, 70, and 50 from then on."""
    numbers = (60, 40, 60, 80, 70, 50)
    begin(api, card(group("g", metric("a"))), {n: {"a": value} for n, value in enumerate(numbers)})
    expected: dict[str, list[int]] = {}
    whens: dict[str, dict[str, Any]] = {}
    for way, days in CHANGES.items():
        for limits, fired in days.items():
            points, back = limits.split("/")
            whens[f"s{len(whens)}"] = {
                "type": "score_change", "direction": way, "points": float(points), "days": int(back),
            }  # fmt: skip
            expected[f"s{len(expected)}"] = fired
    for way, fired in BANDS.items():
        whens[f"b-{way}"] = {"type": "band_change", "direction": way}
        expected[f"b-{way}"] = fired
    for key, when in whens.items():
        rule = {"key": key, "name": key, "scorecard": "health", "when": when, "severity": "info"}
        sent(api.put(f"rules/{key}/", {**rule, "cooldown_days": 0, "actions": []}))
    evaluate(workspace, FIRST, TODAY)
    found: dict[str, list[int]] = {key: [] for key in whens}
    for row in sent(api.get("alerts/?limit=500"))["results"]:
        found[row["rule"]].append((date.fromisoformat(row["day"]) - FIRST).days)
    assert {key: sorted(days) for key, days in found.items()} == expected


def test_what_a_document_leaves_out_is_as_the_contract_says(api: Api, workspace: Workspace) -> None:
    """ryg, a mean, provisional under 50 %, a trend of 30 days, confirmed at once, lost excluded."""
    account(api)
    put(api, card(group("g", metric("a", 4999), metric("b", 5001))))
    tell(api, {"a": 40}, TODAY - 30 * DAY)
    tell(api, {"b": 76}, TODAY)
    evaluate(workspace, TODAY - 30 * DAY, TODAY)
    then = told(api, f"as_of={TODAY - DAY}")
    assert (then["score"], then["band"], then["provisional"]) == ("40.0000", "red", True)
    today = told(api)
    assert (today["score"], today["band"], today["provisional"]) == ("58.0036", "yellow", False)
    change = sent(api.get("accounts/acme/health/changes/"))
    assert change["from"]["day"] == str(TODAY - 30 * DAY)
