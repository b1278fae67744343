"""Scorecards as code: published by PUT, in JSON or YAML, tried with dry_run, read back."""

from copy import deepcopy
from typing import Any

import pytest
import yaml

from accounts.models import Workspace
from accounts.tenancy import scope
from scoring.models import Run, Scorecard, ScorecardVersion
from scoring.services.arrangement import archive
from scoring.starters import FOLDER
from tests.scoring.api.conftest import NOW, TODAY, Api, paths, problems
from tests.scoring.documents import HEALTH_YAML, health

KEYS = sorted(path.stem for path in FOLDER.iterdir())
YAML = {"content_type": "application/yaml"}


def put(api: Api, text: str, path: str = "scorecards/health/", **options: Any) -> Any:
    return api.put(path, text.encode(), **{**YAML, **options})


def changed(**fields: Any) -> dict[str, Any]:
    return {**health(), **fields}


def versions(workspace: Workspace) -> int:
    with scope(workspace.pk):
        return ScorecardVersion.objects.count()


def test_document_of_the_contract_is_published_from_yaml_and_read_back(
    workspace: Workspace, api: Api
) -> None:
    published = put(api, HEALTH_YAML)
    assert published.status_code == 200
    read = api.get("scorecards/health/")
    assert read.json() == published.json()
    # Defaults are left out; nothing else is lost.
    assert list(read.json()) == ["key", "name", "scheme", "applies_to", "exceptions", "groups"]
    metric = read.json()["groups"][0]["metrics"][0]
    assert list(metric) == ["key", "name", "weight", "source", "grade"]
    assert next(iter(metric["grade"].items())) == ("type", "linear")
    assert api.put("scorecards/health/", health()).json() == read.json()
    assert put(api, yaml.safe_dump(read.json())).json() == read.json()
    assert versions(workspace) == 1


@pytest.mark.parametrize(
    "media_type", ["application/yaml", "text/yaml", "application/x-yaml; charset=utf-8"]
)
def test_yaml_is_taken_by_each_of_its_names(api: Api, media_type: str) -> None:
    assert put(api, HEALTH_YAML, content_type=media_type).status_code == 200


def test_body_of_another_type_is_415(api: Api) -> None:
    response = put(api, HEALTH_YAML, content_type="text/plain")
    assert (response.status_code, response.json()["code"]) == (415, "unsupported_media_type")


def test_list_and_versions_tell_what_is_published(workspace: Workspace, api: Api) -> None:
    put(api, HEALTH_YAML)
    api.put("scorecards/health/", changed(name="Health", rank=2))
    api.put("scorecards/adoption/", changed(key="adoption", name="Adoption"))
    assert api.get("scorecards/").json() == {
        "results": [
            {"key": "adoption", "name": "Adoption", "rank": 1, "active": True, "version": 1},
            {"key": "health", "name": "Health", "rank": 2, "active": True, "version": 2},
        ],
        "next": None,
    }
    found = api.get("scorecards/health/versions/").json()["results"]
    assert [(row["number"], row["document"]["name"]) for row in found] == [
        (2, "Health"),
        (1, "Customer health"),
    ]
    first = api.get("scorecards/health/versions/?limit=1").json()
    second = api.get(f"scorecards/health/versions/?limit=1&cursor={first['next']}").json()
    assert [first["results"], second["results"], second["next"]] == [found[:1], found[1:], None]
    as_text = api.get("scorecards/", HTTP_ACCEPT="text/csv").content.decode()
    assert as_text.splitlines() == [
        "key,name,rank,active,version",
        "adoption,Adoption,1,true,1",
        "health,Health,2,true,2",
    ]


def test_list_as_yaml_is_every_document_with_what_they_name(workspace: Workspace, api: Api) -> None:
    bands = [{"key": "low", "label": "Low", "min": 0}, {"key": "high", "label": "High", "min": 70}]
    scheme = {"kind": "scheme", "key": "ours", "name": "Ours", "bands": bands}
    saved = api.put("schemes/ours/", {"name": "Ours", "bands": bands})
    assert (saved.status_code, saved.json()) == (200, scheme)
    api.put("scorecards/health/", changed(scheme="ours", rank=2))
    api.put("scorecards/adoption/", changed(key="adoption", name="Adoption"))
    for accept in ("application/yaml", "text/yaml", "application/yaml;q=0.9, */*;q=0.1"):
        response = api.get("scorecards/", HTTP_ACCEPT=accept)
        found = list(yaml.safe_load_all(response.content))
        assert [document["key"] for document in found] == ["ours", "adoption", "health"]
    assert found[0] == scheme
    assert api.get("schemes/ours/").json() == scheme
    assert api.get("schemes/").json() == {"results": [scheme], "next": None}
    assert yaml.safe_load(api.get("schemes/", HTTP_ACCEPT="application/yaml").content) == scheme


@pytest.mark.parametrize("bands", [[], [{"key": "a", "label": "A", "min": 5}], "a", None])
def test_bad_scheme_is_refused(workspace: Workspace, api: Api, bands: Any) -> None:
    response = api.put("schemes/ours/", {"name": "Ours", "bands": bands})
    assert (response.status_code, response.json()["code"]) == (400, "invalid")
    assert api.get("schemes/ours/").status_code == 404


@pytest.mark.parametrize("key", KEYS)
def test_template_round_trips_in_json_and_yaml(workspace: Workspace, api: Api, key: str) -> None:
    text = (FOLDER / f"{key}.yaml").read_text()
    path = f"scorecards/{key}/"
    assert put(api, text, path).status_code == 200
    as_yaml = api.get(path, HTTP_ACCEPT="application/yaml")
    assert (as_yaml.content.decode(), as_yaml["Content-Type"]) == (
        text,
        "application/yaml; charset=utf-8",
    )
    document = api.get(path).json()
    assert list(document) == list(yaml.safe_load(text))
    assert api.put(path, document).json() == document
    assert put(api, as_yaml.content.decode(), path).json() == document
    assert versions(workspace) == 1


def test_another_rank_alone_is_no_version(workspace: Workspace, api: Api) -> None:
    put(api, HEALTH_YAML)
    assert api.put("scorecards/health/", changed(rank=7)).json()["rank"] == 7
    assert (versions(workspace), api.get("scorecards/health/").json()["rank"]) == (1, 7)


def test_archived_scorecard_is_read_but_not_listed_until_it_is_put_again(
    workspace: Workspace, api: Api
) -> None:
    put(api, HEALTH_YAML)
    with scope(workspace.pk):
        archive(scorecard=Scorecard.objects.get(), today=TODAY, moment=NOW)
    assert api.get("scorecards/").json()["results"] == []
    assert api.get("scorecards/", HTTP_ACCEPT="application/yaml").content == b""
    assert api.get("scorecards/health/").status_code == 200
    put(api, HEALTH_YAML)
    (row,) = api.get("scorecards/").json()["results"]
    assert (row["active"], row["version"]) == (True, 1)


def test_scorecard_that_was_never_published_is_404(workspace: Workspace, api: Api) -> None:
    with scope(workspace.pk):
        Scorecard.objects.create(key="draft", name="Draft", draft={})
    for path in ("scorecards/draft/", "scorecards/nothing/", "scorecards/nothing/versions/"):
        assert api.get(path).status_code == 404


def test_key_may_be_left_out_but_not_contradict_the_address(api: Api) -> None:
    document = health()
    del document["key"]
    assert api.put("scorecards/health/", document).json()["key"] == "health"
    response = api.put("scorecards/other/", health())
    assert problems(response) == [("key", "The key differs from the one in the address.")]


def test_key_with_points_is_found_at_its_address(api: Api) -> None:
    api.put("scorecards/v1.2-a_b/", changed(key="v1.2-a_b"))
    assert api.get("scorecards/v1.2-a_b/").json()["key"] == "v1.2-a_b"


def broken(path: list[str | int], value: Any) -> dict[str, Any]:
    document: Any = deepcopy(health())
    inner = document
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = value
    return document  # type: ignore[no-any-return]


METRIC = ["groups", 0, "metrics", 0]


@pytest.mark.parametrize(
    ("path", "value", "where"),
    [
        (["nme"], "x", "nme"),
        (["name"], None, "name"),
        (["name"], 5, "name"),
        (["name"], "x" * 1_000_000, "name"),
        (["name"], "a\0b", "name"),
        (["scheme"], "nothing", "scheme"),
        (["rank"], "first", "rank"),
        (["rank"], 2**70, "rank"),
        (["rollup"], "median", "rollup"),
        (["min_coverage"], 101, "min_coverage"),
        (["trend_days"], 0, "trend_days"),
        (["groups"], {}, "groups"),
        (["groups", 0, "weight"], -1, "groups[0].weight"),
        (["groups", 0, "weight"], True, "groups[0].weight"),
        ([*METRIC, "key"], "sponsor", "groups[1].metrics[0].key"),
        ([*METRIC, "key"], "k" * 64, "groups[0].metrics[0].key"),
        ([*METRIC, "source"], {"type": "guess"}, "groups[0].metrics[0].source.type"),
        ([*METRIC, "source", "measure"], "happiness", "groups[0].metrics[0].source.measure"),
        ([*METRIC, "source", "window_days"], 10**9, "groups[0].metrics[0].source.window_days"),
        ([*METRIC, "source"], {"type": "scorecard", "scorecard": "x"}, "groups[0].metrics[0].source.scorecard"),
        ([*METRIC, "grade", "best"], 7, "groups[0].metrics[0].grade.best"),
        (["applies_to"], {"segment": ["a"]}, "applies_to.segment[0]"),
        (["exceptions", 0, "when", 0, "metric"], "nothing", "exceptions[0].when[0].metric"),
    ],
)  # fmt: skip
def test_bad_document_is_refused_at_its_path(
    workspace: Workspace, api: Api, path: list[str | int], value: Any, where: str
) -> None:
    for query in ("", "?dry_run=1"):
        response = api.put(f"scorecards/health/{query}", broken(path, value))
        assert where in paths(response), response.json()
        assert all(len(message) <= 500 for _path, message in problems(response))
    assert versions(workspace) == 0


def test_every_problem_of_a_document_is_told(api: Api) -> None:
    response = api.put("scorecards/health/", changed(rollup="median", rank="first", nme=1))
    assert sorted(paths(response)) == ["nme", "rank", "rollup"]


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b"null", b'"health"', b"\xff\xfe", b'{"key": "health"', b"[" * 100_000],
)
def test_malformed_json_is_400(workspace: Workspace, api: Api, body: bytes) -> None:
    response = api.put("scorecards/health/", body)
    assert response.status_code == 400
    assert set(response.json()) == {"code", "message", "detail", "errors"}
    assert versions(workspace) == 0


BOMB = "a: &a [x, x, x]\n" + "".join(
    f"{name}: &{name} [*{before}, *{before}, *{before}, *{before}]\n"
    for before, name in zip("abcdefghijklmnopqrs", "bcdefghijklmnopqrst", strict=True)
)


@pytest.mark.parametrize(
    "text",
    [
        "", "- a\n- b", "key: [", "a: b: c", "!!python/object/apply:os.system [id]", BOMB,
        "key: \"a\\0b\"", "name: \"\\ud800\"", "? {a: 1}\n: b", "1: 2", "key: 2024-99-99",
        "- " * 5000, "{" * 5000, "!!binary aGk=", "rank: .inf", "min_coverage: .nan",
        "rank: 1" + "0" * 5000, "key: health\n---\nkey: other", "\x07",
    ],
)  # fmt: skip
def test_malformed_yaml_is_400(workspace: Workspace, api: Api, text: str) -> None:
    response = put(api, text)
    assert (response.status_code, versions(workspace)) == (400, 0), response.content
    assert set(response.json()) == {"code", "message", "detail", "errors"}


def test_yaml_that_is_no_utf_8_is_400(api: Api) -> None:
    response = api.put("scorecards/health/", HEALTH_YAML.encode("utf-16"), **YAML)
    assert (response.status_code, response.json()["code"]) == (400, "malformed")


@pytest.mark.parametrize("query", ["dry_run=maybe", "dryrun=1", "dry_run=2"])
def test_parameter_that_is_not_understood_publishes_nothing(
    workspace: Workspace, api: Api, query: str
) -> None:
    response = put(api, HEALTH_YAML, f"scorecards/health/?{query}")
    assert paths(response) == [query.partition("=")[0]]
    assert versions(workspace) == 0


def test_dry_run_tells_who_would_change_band_and_stores_nothing(
    scored: Workspace, api: Api
) -> None:
    same = api.put("scorecards/health/?dry_run=1", health())
    value = [{"currency": "USD", "contract_value": "125000.00"}]
    cell = {"before": "red", "after": "red", "direction": "same", "accounts": 1}
    outside = dict.fromkeys(("before", "after"), "not_applicable")
    outside |= {"direction": "same", "accounts": 1, "contract_values": []}
    expected = {
        "valid": True,
        "complete": True,
        "done": 2,
        "total": 2,
        "moved": 0,
        "better": 0,
        "worse": 0,
        "at_stake": [],
        "matrix": [{**cell, "contract_values": value}, outside],
        "moves": [],
        "next": None,
    }
    assert same.json() == expected
    kinder = changed(exceptions=[])
    kinder["groups"][1]["weight"] = 0
    found = api.put("scorecards/health/?dry_run=true", kinder)
    cell |= {"after": "yellow", "direction": "better"}
    assert found.json() == expected | {
        "moved": 1,
        "better": 1,
        "at_stake": value,
        "matrix": [{**cell, "contract_values": value}, outside],
        "moves": [
            {
                "account": "acme",
                "name": "Acme",
                "before": "red",
                "after": "yellow",
                "score_before": "31.1304",
                "score_after": "51.8841",
                "contract_value": "125000.00",
                "currency": "USD",
            }
        ],
    }
    assert versions(scored) == 1


def test_dry_run_of_a_new_scorecard_moves_everybody_it_measures(
    scored: Workspace, api: Api
) -> None:
    found = api.put("scorecards/other/?dry_run=1", changed(key="other")).json()
    assert [(move["account"], move["before"], move["after"]) for move in found["moves"]] == [
        ("acme", "not_applicable", "red")
    ]
    assert [cell["direction"] for cell in found["matrix"]] == ["in", "same"]
    with scope(scored.pk):
        assert Scorecard.objects.count() == 1


def test_dry_run_answers_its_moves_in_pieces(scored: Workspace, api: Api) -> None:
    kinder = changed(exceptions=[])
    kinder["groups"][1]["weight"] = 0
    ask = "scorecards/health/?dry_run=1&limit={}&offset={}"
    first = api.put(ask.format(0, 0), kinder).json()
    assert (first["moves"], first["next"]) == ([], 0)
    rest = api.put(ask.format(1, first["next"]), kinder).json()
    assert ([move["account"] for move in rest["moves"]], rest["next"]) == (["acme"], None)


def test_new_version_scores_every_account_again(scored: Workspace, api: Api) -> None:
    def runs() -> int:
        with scope(scored.pk):
            return len(Run.objects.all())

    before = runs()
    api.put("scorecards/health/", health())
    assert runs() == before, "the same document is no new version"
    api.put("scorecards/health/", changed(name="Health"))
    assert runs() == before + 1


def test_idempotency_key_replays_a_publication_and_refuses_another(
    workspace: Workspace, api: Api
) -> None:
    once = api.put("scorecards/health/", health(), HTTP_IDEMPOTENCY_KEY="k1")
    api.put("scorecards/health/", changed(name="Other"))
    again = api.put("scorecards/health/", health(), HTTP_IDEMPOTENCY_KEY="k1")
    assert (again.json(), again["Idempotency-Replayed"]) == (once.json(), "true")
    assert api.get("scorecards/health/").json()["name"] == "Other"
    other = api.put("scorecards/health/", changed(name="Third"), HTTP_IDEMPOTENCY_KEY="k1")
    assert (other.status_code, other.json()["code"]) == (422, "unprocessable")
    assert versions(workspace) == 2
