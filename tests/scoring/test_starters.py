"""The templates that ship: sound, explained, canonical, and each complete by itself."""

import json
from typing import Any

import pytest

from accounts.tenancy import scope
from scoring.documents import read_document, write_document
from scoring.drafts import groups_of, metrics_of, shares
from scoring.engine.document import export, parse
from scoring.services.configuration import publish_scorecard
from scoring.starters import FOLDER, STARTERS, starter
from tests.factories import make_workspace
from tests.scoring.api.conftest import NOW

KEYS = [found.key for found in STARTERS if found.key]


def test_every_file_of_the_catalogue_is_a_template() -> None:
    assert sorted(path.stem for path in FOLDER.iterdir()) == sorted(KEYS)
    assert len(KEYS) == 5


@pytest.mark.parametrize("key", KEYS)
def test_template_is_written_as_an_export_writes_it(key: str) -> None:
    text = (FOLDER / f"{key}.yaml").read_text()
    document = starter(key).document()
    assert document["key"] == key
    assert json.dumps(export(parse(document))) == json.dumps(document)
    assert write_document(read_document(text)) == text


@pytest.mark.parametrize("key", KEYS)
def test_template_is_published_in_an_empty_workspace(db: None, key: str) -> None:
    workspace = make_workspace("empty")
    with scope(workspace.pk):
        version = publish_scorecard(document=starter(key).document(), by=None, moment=NOW)
    assert version.document == starter(key).document()


@pytest.mark.parametrize("key", KEYS)
def test_every_metric_and_level_of_a_template_is_explained(key: str) -> None:
    document = starter(key).document()
    silent = [place.node["key"] for place in groups_of(document) if not place.node.get("help")]
    for place in metrics_of(document):
        texts = place.node.get("help", {})
        silent += [
            f"{place.node['key']}.{n}"
            for n in ("what", "graded", "why", "improve")
            if not texts.get(n)
        ]
        levels: list[Any] = place.node.get("grade", {}).get("levels", [])
        silent += [level["key"] for level in levels if not level.get("help")]
    assert silent == []


@pytest.mark.parametrize("key", KEYS)
def test_judgements_of_a_template_grow_old(key: str) -> None:
    by_hand = [
        p.node for p in metrics_of(starter(key).document()) if p.node["source"]["type"] == "manual"
    ]
    assert [node["key"] for node in by_hand if not node.get("validity_days")] == []


def test_onboarding_is_achieved_weight_of_the_total() -> None:
    document = starter("onboarding").document()
    metrics = [place.node for place in metrics_of(document)]
    assert {metric["source"]["type"] for metric in metrics} == {"milestone"}
    weights = [metric["weight"] for metric in metrics]
    assert set(weights) <= {1, 2, 3, 4, 5}
    found = shares(document)
    told = [found[place.path].of_whole for place in metrics_of(document)]
    assert told == [round(10_000 * weight / sum(weights)) for weight in weights]
    assert document["applies_to"] == {"stage": ["onboarding"]}


def test_product_adoption_measures_the_features_that_the_workspace_has() -> None:
    document = starter("product-adoption").document(["reports", "maps_and more", "api"])
    group = document["groups"][0]
    found = [(m["key"], m["name"], m["source"]["features"]) for m in group["metrics"]]
    assert found == [
        ("reports", "Reports", ["reports"]),
        ("maps_and-more", "Maps and more", ["maps_and more"]),
        ("api", "Connections to other systems", ["api"]),
    ]
    assert export(parse(document))["groups"][0]["metrics"][1]["name"] == "Maps and more"
    assert starter("product-adoption").document() != document, "the catalogue stays as it is"


def test_classic_usage_is_five_metrics_of_equal_weight() -> None:
    metrics = [place.node for place in metrics_of(starter("classic-usage").document())]
    assert [(m["weight"], m["source"]["type"]) for m in metrics] == [(1, "usage")] * 5
