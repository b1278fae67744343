"""Rules as code."""

from typing import Any

import pytest
import yaml

from accounts.models import Workspace
from accounts.tenancy import scope
from scoring.models import Rule
from tests.scoring.api.conftest import Api, paths
from tests.scoring.documents import DROP, HEALTH_YAML

CHANGE = {"type": "score_change", "direction": "any", "points": 5, "days": 7}


@pytest.fixture(autouse=True)
def card(api: Api) -> None:
    api.put("scorecards/health/", HEALTH_YAML.encode(), content_type="application/yaml")


def test_rule_is_saved_from_json_and_yaml_and_read_back(api: Api) -> None:
    saved = api.put("rules/drop/", DROP)
    assert saved.status_code == 200
    assert saved.json() == api.get("rules/drop/").json()
    assert saved.json() == {
        "key": "drop",
        "name": "Significant drop",
        "scorecard": "health",
        "when": {"type": "score_change", "points": 20, "days": 3},
        "cooldown_days": 30,
    }
    text = yaml.safe_dump({**DROP, "name": "Renamed"}).encode()
    assert api.put("rules/drop/", text, content_type="application/yaml").status_code == 200
    assert [(row["key"], row["name"], row["active"]) for row in api.get("rules/").json()["results"]] == [
        ("drop", "Renamed", True)
    ]  # fmt: skip


def test_band_change_is_a_rule_too(api: Api) -> None:
    when = {"type": "band_change", "direction": "worse", "to_bands": ["red"]}
    assert api.put("rules/band/", {**DROP, "key": "band", "when": when}).json()["when"] == {
        "type": "band_change",
        "to_bands": ["red"],
    }


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"when": {**CHANGE, "direction": "sideways"}}, "when.direction"),
        ({"when": {**CHANGE, "points": 0}}, "when.points"),
        ({"when": {**CHANGE, "points": "many"}}, "when.points"),
        ({"when": {**CHANGE, "days": 0}}, "when.days"),
        ({"when": {**CHANGE, "days": 10**6}}, "when.days"),
        ({"when": {**CHANGE, "dayz": 1}}, "when.dayz"),
        ({"when": {"type": "score_change"}}, "when.points"),
        ({"when": {"type": "weather"}}, "when.type"),
        ({"when": {"type": "renewal", "days": 3}}, "when.type"),
        ({"when": None}, "when"),
        ({"severity": "bad"}, "severity"),
        ({"cooldown_days": -1}, "cooldown_days"),
        ({"cooldown_days": "7"}, "cooldown_days"),
        ({"actions": [{"type": "notify", "channel": "x"}]}, "actions"),
        ({"scope": {"stage": ["live"]}}, "scope"),
        ({"scorecard": "nothing"}, "scorecard"),
        ({"name": ""}, "name"),
        ({"name": "x" * 1_000_000}, "name"),
        ({"name": "a\0"}, "name"),
        ({"key": "other"}, "key"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_bad_rule_is_refused_at_its_path(
    workspace: Workspace, api: Api, changes: dict[str, Any], path: str
) -> None:
    assert path in paths(api.put("rules/drop/", {**DROP, **changes}))
    with scope(workspace.pk):
        assert Rule.objects.count() == 0


def test_rule_that_is_not_there_is_404(api: Api) -> None:
    assert api.get("rules/nothing/").status_code == 404


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"3", b"\xff"])
def test_malformed_rule_is_400(api: Api, body: bytes) -> None:
    assert api.put("rules/drop/", body).status_code == 400
