"""Who may call what: a key with the scope, one without it, one of another workspace, and nobody."""

from typing import Any

import pytest
from django.test import Client

from accounts.models import Workspace
from accounts.tenancy import scope
from scoring.models import Alert, Run, RunKind
from scoring.services.runs import start_run
from tests.factories import make_key
from tests.scoring.api.conftest import TODAY, Api
from tests.scoring.documents import DROP, health

OVERRIDE = {"score": 50, "reason": "told"}
JUDGEMENT = {"measurements": [{"account": "acme", "metric": "sponsor", "value": "none"}]}

# Method, path, body; the scopes that suffice; what a stranger gets.
CALLS: list[tuple[str, str, Any, set[str], int]] = [
    ("GET", "accounts/", None, {"read"}, 200),
    ("GET", "accounts/acme/health/", None, {"read"}, 404),
    ("GET", "accounts/acme/health/changes/?from=2026-06-05", None, {"read"}, 404),
    ("GET", "accounts/acme/health/history/", None, {"read"}, 404),
    ("PUT", "accounts/acme/override/", OVERRIDE, {"write"}, 404),
    ("DELETE", "accounts/acme/override/", None, {"write"}, 404),
    ("GET", "alerts/", None, {"read"}, 200),
    ("GET", "alerts/{alert}/", None, {"read"}, 404),
    ("PATCH", "alerts/{alert}/", {"state": "acknowledged"}, {"write"}, 404),
    ("GET", "scorecards/", None, {"read", "admin"}, 200),
    ("GET", "scorecards/health/", None, {"read", "admin"}, 404),
    ("PUT", "scorecards/health/", health(), {"admin"}, 200),
    ("PUT", "scorecards/health/?dry_run=1", health(), {"admin"}, 200),
    ("GET", "scorecards/health/versions/", None, {"read", "admin"}, 404),
    ("GET", "rules/", None, {"read", "admin"}, 200),
    ("GET", "rules/drop/", None, {"read", "admin"}, 404),
    ("PUT", "rules/drop/", DROP, {"admin"}, 400),
    ("POST", "measurements/", JUDGEMENT, {"write"}, 400),
    ("POST", "evaluations/", {"accounts": ["acme"]}, {"write"}, 400),
    ("GET", "jobs/{job}/", None, {"read", "write"}, 404),
]
SCOPES = {"ingest", "read", "write", "admin"}
named = pytest.mark.parametrize(
    ("method", "path", "body", "scopes", "foreign"),
    CALLS,
    ids=[f"{method} {path}" for method, path, *_ in CALLS],
)


@pytest.fixture
def ids(scored: Workspace) -> dict[str, int]:
    with scope(scored.pk):
        run = start_run(kind=RunKind.REQUEST, first=TODAY, last=TODAY)
        return {"alert": Alert.objects.get().pk, "job": run.pk}


@named
def test_call_needs_its_scope(
    workspace: Workspace,
    ids: dict[str, int],
    method: str,
    path: str,
    body: Any,
    scopes: set[str],
    foreign: int,
) -> None:
    address = path.format(**ids)
    for each in sorted(scopes):
        answer = Api(Client(), make_key(workspace, [each])).send(method, address, body)
        expected = {
            "evaluations/": 202,
            "accounts/acme/override/": 204 if method == "DELETE" else 200,
        }
        assert answer.status_code == expected.get(path, 200), answer.content
    refused = Api(Client(), make_key(workspace, sorted(SCOPES - scopes)))
    answer = refused.send(method, address, body)
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
    nobody = Client().generic(method, f"/api/v1/{address}", b"{}", content_type="application/json")
    assert (nobody.status_code, nobody.json()["code"]) == (401, "unauthorized")


@named
def test_call_of_another_workspace_finds_and_changes_nothing(
    workspace: Workspace,
    stranger: Api,
    ids: dict[str, int],
    method: str,
    path: str,
    body: Any,
    scopes: set[str],
    foreign: int,
) -> None:
    answer = stranger.send(method, path.format(**ids), body)
    assert answer.status_code == foreign, answer.content
    if method == "GET" and foreign == 200:
        assert answer.json() == {"results": [], "next": None}
    with scope(workspace.pk):
        assert Alert.objects.get().state == "open"
        assert Run.objects.count() == 2


@pytest.mark.parametrize("path", ["alerts/{}/", "jobs/{}/"])
@pytest.mark.parametrize("pk", ["0", str(2**31), str(2**63), "9" * 40])
def test_number_of_nothing_is_404(api: Api, path: str, pk: str) -> None:
    assert api.get(path.format(pk)).status_code == 404
