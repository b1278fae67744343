from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts import counters
from accounts.api.authentication import parse_rate
from accounts.models import ApiKey, Workspace
from accounts.services.keys import revoke_api_key
from accounts.tenancy import scope
from tests.factories import bearer, make_key, make_workspace

URL = "/api/v1/seats/"


def post(client: Client, **extra: Any) -> Any:
    return client.post(URL, b'{"seats": []}', content_type="application/json", **extra)


def shape(response: Any) -> set[str]:
    return set(response.json())


@pytest.mark.parametrize(
    "header",
    ["", "Bearer", "Bearer ", "Bearer nonsense", "Basic YTpi", "sk_abc", "Bearer sk_é", "bearer\t"],
)
def test_request_without_a_usable_key_is_401(client: Client, db: None, header: str) -> None:
    extra = {"HTTP_AUTHORIZATION": header} if header else {}
    response = post(client, **extra)
    assert response.status_code == 401
    assert response["WWW-Authenticate"] == "Bearer"
    assert shape(response) == {"code", "message", "detail", "errors"}
    assert response.json()["code"] == "unauthorized"


def test_revoked_key_is_401_at_once(client: Client, workspace: Workspace, secret: str) -> None:
    assert post(client, **bearer(secret)).status_code == 200
    with scope(workspace.pk):
        revoke_api_key(key=ApiKey.objects.get(), moment=timezone.now())
    assert post(client, **bearer(secret)).status_code == 401


def test_expired_key_is_401(client: Client, workspace: Workspace) -> None:
    secret = make_key(workspace, expires_at=datetime(2020, 1, 1, tzinfo=UTC))
    assert post(client, **bearer(secret)).status_code == 401
    secret = make_key(workspace, expires_at=timezone.now() + timedelta(days=1))
    assert post(client, **bearer(secret)).status_code == 200


def test_key_without_the_scope_is_403(client: Client, workspace: Workspace) -> None:
    secret = make_key(workspace, ["read", "ingest", "admin"])
    response = post(client, **bearer(secret))
    assert (response.status_code, response.json()["code"]) == (403, "forbidden")
    assert "write" in response.json()["message"]


def test_session_does_not_open_the_api(client: Client, workspace: Workspace) -> None:
    from_session = Client()
    from_session.get("/login/")
    assert post(from_session).status_code == 401


def test_scheme_is_read_in_any_case(client: Client, secret: str) -> None:
    assert post(client, HTTP_AUTHORIZATION=f"bEARER  {secret}").status_code == 200


def test_rate_over_the_limit_is_429_until_the_window_ends(
    client: Client, workspace: Workspace, secret: str, settings: Any
) -> None:
    settings.API_RATE = "3/day"
    other = make_key(workspace)
    statuses = [post(client, **bearer(secret)).status_code for _ in range(4)]
    response = post(client, **bearer(secret))
    assert [*statuses, response.status_code] == [200, 200, 200, 429, 429]
    assert 0 < int(response["Retry-After"]) <= 86_400
    assert response.json()["code"] == "rate_limited"
    assert post(client, **bearer(other)).status_code == 200


def test_dead_cache_does_not_take_the_api_down(
    client: Client, secret: str, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.API_RATE = "1/day"
    settings.CACHES = {
        "default": {**settings.CACHES["default"], "LOCATION": "redis://127.0.0.1:1/0"}
    }
    monkeypatch.setattr(counters, "_dead_until", 0.0)
    assert [post(client, **bearer(secret)).status_code for _ in range(3)] == [200] * 3
    monkeypatch.setattr(counters, "_dead_until", 0.0)


@pytest.mark.parametrize(
    ("rate", "parsed"),
    [("6000/min", (6000, 60)), ("5/s", (5, 1)), ("1/hour", (1, 3600)), ("2/day", (2, 86_400))],
)
def test_rate_is_requests_per_period(rate: str, parsed: tuple[int, int]) -> None:
    assert parse_rate(rate) == parsed


def test_unknown_address_is_401_for_a_stranger_and_404_with_a_key(
    client: Client, db: None, secret: str
) -> None:
    for path in ("/api/", "/api/v1/", "/api/v1/nothing/", "/api/v1/seats", "/api/v2/accounts/"):
        for method in (client.get, client.post, client.delete, client.options):
            assert method(path).status_code == 401
            found = method(path, **bearer(secret))
            assert (found.status_code, found.json()["code"]) == (404, "not_found")


def test_method_that_is_not_there_is_405(client: Client, secret: str) -> None:
    response = client.delete(URL, **bearer(secret))
    assert (response.status_code, response.json()["code"]) == (405, "method_not_allowed")
    assert "POST" in response["Allow"]
    assert client.delete(URL).status_code == 401


def test_answer_is_kept_by_no_cache(client: Client, secret: str) -> None:
    response = post(client, **bearer(secret))
    assert response["Cache-Control"] == "no-store"
    assert "Authorization" in response["Vary"]


def test_two_workspaces_do_not_see_each_other(client: Client, secret: str) -> None:
    other = make_key(make_workspace("globex"))
    row = {"accounts": [{"key": "a", "name": "A"}]}
    for key in (secret, other):
        response = client.post(
            "/api/v1/accounts/", row, content_type="application/json", **bearer(key)
        )
        assert response.json() == {"created": 1, "updated": 0, "unchanged": 0}
