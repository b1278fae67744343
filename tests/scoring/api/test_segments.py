"""Segments as code: who belongs together, and scorecards that measure them alone."""

from typing import Any

import pytest
import yaml

from accounts.models import Segment, Workspace
from accounts.tenancy import scope
from scoring.models import Run
from tests.factories import make_account
from tests.scoring.api.conftest import Api, paths, problems
from tests.scoring.scored import document, metric

LARGE: dict[str, Any] = {
    "key": "large",
    "name": "Large customers",
    "conditions": [
        {"attribute": "contract_value", "op": "gte", "value": 50_000},
        {"attribute": "plan", "op": "in", "value": ["Pro", "Enterprise"]},
    ],
}
LIMITED = {**document(metric("nps", 1)), "applies_to": {"segment": ["large"]}}


def test_segment_is_saved_from_json_and_yaml_and_read_back(api: Api) -> None:
    assert api.put("segments/large/", LARGE).json() == LARGE
    assert api.get("segments/large/").json() == LARGE
    renamed = {"name": "Renamed", "conditions": LARGE["conditions"]}
    text = yaml.safe_dump(renamed).encode()
    assert api.put("segments/large/", text, content_type="application/yaml").status_code == 200
    assert api.get("segments/").json() == {
        "results": [{"key": "large", "name": "Renamed", "document": {**LARGE, "name": "Renamed"}}],
        "next": None,
    }
    assert yaml.safe_load(api.get("segments/large/", HTTP_ACCEPT="application/yaml").content) == {
        **LARGE,
        "name": "Renamed",
    }


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"key": "other"}, "key"),
        ({"name": " "}, "name"),
        ({"conditions": []}, "conditions"),
        ({"conditions": LARGE["conditions"] * 11}, "conditions"),
        ({"conditions": [{"attribute": "plan", "op": "in", "value": "Pro"}]}, "conditions[0].op"),
        ({"conditions": [{"attribute": "plan", "op": "in", "value": []}]}, "conditions[0].value"),
        ({"conditions": [{"attribute": "", "op": "eq", "value": 1}]}, "conditions[0].attribute"),
        ({"conditions": [{"attribute": "x", "op": "is", "value": 1}]}, "conditions[0].op"),
        ({"conditions": [{"attribute": "x", "op": "eq", "value": None}]}, "conditions[0].value"),
        ({"conditions": [{"metric": "x", "op": "eq", "value": 1}]}, "conditions[0].metric"),
        ({"rank": 1}, "rank"),
    ],
)
def test_segment_that_makes_no_sense_is_refused(api: Api, changes: Any, path: str) -> None:
    assert path in paths(api.put("segments/large/", {**LARGE, **changes}))
    assert api.get("segments/large/").status_code == 404


def test_scorecard_names_a_segment_that_there_is(api: Api, workspace: Workspace) -> None:
    refused = api.put("scorecards/health/", LIMITED)
    assert problems(refused) == [("applies_to.segment[0]", "there is no segment “large”")]
    api.put("segments/large/", LARGE)
    assert api.put("scorecards/health/", LIMITED).json() == LIMITED
    kept = api.send("DELETE", "segments/large/")
    assert problems(kept) == [
        ("", "It limits scorecards: Customer health. Take it out there first.")
    ]
    api.put("scorecards/health/", document(metric("nps", 1)))
    assert api.send("DELETE", "segments/large/").status_code == 204
    assert api.get("segments/large/").status_code == 404
    assert api.send("DELETE", "segments/large/").status_code == 404


def test_change_of_a_segment_in_use_has_every_account_scored(
    api: Api, workspace: Workspace
) -> None:
    make_account(workspace)

    def runs() -> int:
        with scope(workspace.pk):
            Run.objects.update(state="done")
            return Run.objects.count()

    api.put("segments/large/", LARGE)
    assert runs() == 0
    api.put("scorecards/health/", LIMITED)
    assert runs() == 1
    api.put("segments/large/", {**LARGE, "name": "Renamed"})
    assert runs() == 1
    api.put("segments/large/", {**LARGE, "conditions": LARGE["conditions"][:1]})
    assert runs() == 2


def test_segment_of_another_workspace_is_unknown(
    api: Api, stranger: Api, workspace: Workspace
) -> None:
    api.put("segments/large/", LARGE)
    assert stranger.get("segments/large/").status_code == 404
    assert stranger.send("DELETE", "segments/large/").status_code == 404
    assert stranger.get("segments/").json()["results"] == []
    with scope(workspace.pk):
        assert Segment.objects.count() == 1


def test_export_of_all_scorecards_brings_their_segments(api: Api) -> None:
    api.put("segments/large/", LARGE)
    api.put("scorecards/health/", LIMITED)
    every = api.get("scorecards/", HTTP_ACCEPT="application/yaml").content
    assert list(yaml.safe_load_all(every)) == [{"kind": "segment", **LARGE}, LIMITED]
