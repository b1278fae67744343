"""The frame of what takes events: keys of every form, bodies of every form, errors of one shape."""

import base64
import gzip
import io
import json
import zlib
from typing import Any

import pytest
from django.test import Client, RequestFactory

from accounts.api.ingesting import Received, ingesting
from accounts.errors import InvalidInput
from accounts.middleware import ingesting_views
from accounts.models import Account, Workspace
from accounts.tenancy import scope
from tests.factories import bearer, make_key

ADDRESS = "/api/v1/events/"
SHAPE = {"code", "message", "detail", "errors"}


def key_of(body: bytes) -> str | None:
    found = json.loads(body).get("key")
    return found if isinstance(found, str) else None


@ingesting(key_in_body=key_of)
def echo(received: Received) -> object:
    Account.objects.create(key="kept", name="Kept")
    if received.body == b"bad":
        raise InvalidInput.at("body", "bad")
    return {"workspace": received.workspace.slug, "body": received.body.decode()}


def post(body: bytes, **headers: Any) -> Any:
    request = RequestFactory().post(
        "/v1/batch", body, "application/x-www-form-urlencoded", **headers
    )
    return echo(request)


def basic(name: str, password: str = "") -> dict[str, str]:
    credentials = base64.b64encode(f"{name}:{password}".encode()).decode()
    return {"HTTP_AUTHORIZATION": f"Basic {credentials}"}


@pytest.fixture
def ingest(workspace: Workspace) -> str:
    return make_key(workspace, ["ingest"])


def test_key_is_taken_from_the_header_or_from_the_body(workspace: Workspace, ingest: str) -> None:
    in_body = json.dumps({"key": ingest}).encode()
    for body, headers in (
        (b"text", bearer(ingest)),
        (b"text", basic(ingest)),
        (in_body, {}),
        (gzip.compress(in_body), {}),
    ):
        response = post(body, **headers)
        told = gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body
        assert response.status_code == 200
        assert json.loads(response.content) == {"workspace": workspace.slug, "body": told.decode()}
        with scope(workspace.pk):
            assert Account.objects.all().delete()[0] == 1


@pytest.mark.parametrize(
    "headers",
    [
        {},
        basic("sk_wrong"),
        {"HTTP_AUTHORIZATION": "Basic !"},
        {"HTTP_AUTHORIZATION": "Basic /w=="},
    ],
)
def test_stranger_is_401(db: None, headers: dict[str, str]) -> None:
    for body in (b'{"key": "sk_wrong"}', b'{"key": 1}', b"{}"):
        response = post(body, **headers)
        assert (response.status_code, response["WWW-Authenticate"]) == (401, "Bearer")
        assert set(json.loads(response.content)) == SHAPE


def test_password_beside_the_key_is_refused(ingest: str) -> None:
    assert post(b"text", **basic(ingest, "secret")).status_code == 401


def test_error_takes_everything_back(workspace: Workspace, ingest: str) -> None:
    response = post(b"bad", **bearer(ingest))
    assert response.status_code == 400
    assert json.loads(response.content)["errors"] == [{"path": "body", "message": "bad"}]
    with scope(workspace.pk):
        assert Account.objects.count() == 0


def test_error_of_our_own_is_a_500_of_the_same_shape(ingest: str) -> None:
    @ingesting()
    def failing(received: Received) -> object:
        raise ZeroDivisionError

    response = failing(RequestFactory().post("/v1/batch", **bearer(ingest)))
    assert (response.status_code, set(json.loads(response.content))) == (500, SHAPE)


@pytest.mark.parametrize(
    ("body", "encoding", "status"),
    [
        (gzip.compress(b"text"), "gzip", 200),
        (gzip.compress(b"text"), "", 200),
        (gzip.compress(b"te") + gzip.compress(b"xt"), "", 200),
        (gzip.compress(b"text")[:-3], "", 400),
        (gzip.compress(b"text")[:-3] + b"xyz", "", 400),
        (gzip.compress(b"") * 101, "", 400),
        (b"text", "gzip", 400),
        (zlib.compress(b"text"), "deflate", 415),
        (b"text", "br", 415),
        (b"text", "gzip, gzip", 415),
        (gzip.compress(b" " * 3001), "", 413),
        (b" " * 3001, "", 413),
    ],
    ids=range(12),
)
def test_body_is_unpacked_within_the_limit(
    ingest: str, settings: Any, body: bytes, encoding: str, status: int
) -> None:
    settings.API_BODY_LIMIT = 3000
    response = post(body, HTTP_CONTENT_ENCODING=encoding, **bearer(ingest))
    assert response.status_code == status
    if status != 200:
        assert set(json.loads(response.content)) == SHAPE


def test_body_shorter_than_declared_is_400(ingest: str) -> None:
    headers = {"CONTENT_LENGTH": "5", "wsgi.input": io.BytesIO(b"text")}
    assert post(b"", **headers, **bearer(ingest)).status_code == 400


def test_rate_over_the_limit_is_429_with_the_seconds_to_wait(ingest: str, settings: Any) -> None:
    settings.API_RATE = "1/hour"
    assert post(b"text", **bearer(ingest)).status_code == 200
    response = post(b"text", **bearer(ingest))
    assert (response.status_code, json.loads(response.content)["code"]) == (429, "rate_limited")
    assert 0 < int(response["Retry-After"]) <= 3600


def test_other_methods_are_refused_once_the_key_is_known(client: Client, ingest: str) -> None:
    assert client.get(ADDRESS).status_code == 401
    response = client.get(ADDRESS, **bearer(ingest))
    assert (response.status_code, response["Allow"]) == (405, "POST, DELETE, OPTIONS")
    assert client.options(ADDRESS, **bearer(ingest)).status_code == 204


def test_repeated_idempotency_key_is_answered_again(ingest: str) -> None:
    headers = {**bearer(ingest), "HTTP_IDEMPOTENCY_KEY": "once"}
    first, again = post(b"text", **headers), post(b"text", **headers)
    assert (first.status_code, again.status_code) == (200, 200)
    assert (again.content, again["Idempotency-Replayed"]) == (first.content, "true")
    assert post(b"other", **headers).status_code == 422


def test_nothing_of_pages_happens_at_the_addresses(client: Client, ingest: str) -> None:
    assert ADDRESS in ingesting_views()
    response = client.post(
        ADDRESS,
        b'{"events": []}',
        "text/plain",
        HTTP_HOST="whatever.example",
        HTTP_X_FORWARDED_PROTO="http",
        **bearer(ingest),
    )
    assert response.status_code == 200
    assert set(response.headers) == {
        *("Content-Type", "Cache-Control", "Vary", "X-Content-Type-Options"),
    }
