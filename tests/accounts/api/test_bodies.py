"""Whatever is sent: the right 4xx in the one shape, never a 500, nothing stored."""

import gzip
import io
import zlib
from typing import Any

import pytest
from django.test import Client

from accounts.models import Account, Workspace
from accounts.tenancy import scope
from tests.accounts.conftest import Send
from tests.factories import bearer

GOOD = b'{"accounts": [{"key": "a", "name": "A"}]}'


def problems(response: Any) -> list[tuple[str, str]]:
    return [(error["path"], error["message"]) for error in response.json()["errors"]]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"   ",
        b"{",
        b'{"accounts"',
        b"not json",
        GOOD + b"x",
        b'{"accounts": [{"key": "\xff", "name": "A"}]}',
        b'{"accounts": [{"key": "\\ud800", "name": "A"}]}',
        b'{"accounts": [{"key": "a\x00", "name": "A"}]}',
        b'{"accounts": [{"key": "a", "name": "A", "attributes": {"x": NaN}}]}',
        b'{"accounts": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        "{}".encode("utf-16"),
    ],
)
def test_body_that_is_no_json_is_400(send: Send, workspace: Workspace, body: bytes) -> None:
    response = send("accounts/", body)
    assert response.status_code == 400
    assert set(response.json()) == {"code", "message", "detail", "errors"}
    assert response.json()["detail"] == response.json()["message"]
    with scope(workspace.pk):
        assert Account.objects.count() == 0


def test_what_is_no_json_is_said_once(send: Send) -> None:
    told = send("accounts/", b"not json").json()["message"]
    assert told == "The body is not valid JSON: invalid character (byte 4)"


@pytest.mark.parametrize(
    ("body", "path"),
    [
        (b"[]", ""),
        (b"null", ""),
        (b"{}", "accounts"),
        (b'{"accounts": {}}', "accounts"),
        (b'{"accounts": [], "more": 1}', "more"),
        (b'{"accounts": [null]}', "accounts[0]"),
        (b'{"accounts": [{"key": "a"}, {"key": 1, "name": "A"}]}', "accounts[1].key"),
        (b'{"accounts": [{"key": "", "name": "A"}]}', "accounts[0].key"),
        (b'{"accounts": [{"name": "A"}]}', "accounts[0].key"),
        (b'{"accounts": [{"key": "a", "nme": "A"}]}', "accounts[0].nme"),
        (b'{"accounts": [{"key": "a", "name": "\\u0000"}]}', "accounts[0].name"),
        (
            b'{"accounts": [{"key": "a", "name": "A", "attributes": {"x\\u0000": 1}}]}',
            "accounts[0].attributes.x",
        ),
        (
            b'{"accounts": [{"key": "a", "name": "A", "attributes": {"x": 1e400}}]}',
            "accounts[0].attributes[...]",
        ),
        (
            b'{"accounts": [{"key": "a", "name": "A", "seats": ' + b"9" * 5000 + b"}]}",
            "accounts[0].seats",
        ),
        (b'{"accounts": [{"key": "a", "name": "A", "seats": -1}]}', "accounts[0].seats"),
        (b'{"accounts": [{"key": "a", "name": "A", "seats": 1.5}]}', "accounts[0].seats"),
        (
            b'{"accounts": [{"key": "a", "name": "A", "created_on": "2026-02-30"}]}',
            "accounts[0].created_on",
        ),
        (
            b'{"accounts": [{"key": "a", "name": "A", "currency": "eur"}]}',
            "accounts[0].currency",
        ),
    ],
)
def test_body_of_another_form_names_the_place(
    send: Send, workspace: Workspace, body: bytes, path: str
) -> None:
    response = send("accounts/", body)
    assert (response.status_code, response.json()["code"]) == (400, "invalid")
    assert problems(response)[0][0] == path
    with scope(workspace.pk):
        assert Account.objects.count() == 0


def test_every_bad_element_of_a_batch_is_named(send: Send) -> None:
    rows = [{"key": "a", "name": "A"}, {"key": 1}, {"key": "c", "name": "x" * 1_000_000}, {}]
    response = send("accounts/", {"accounts": rows})
    assert problems(response) == [
        ("accounts[1].key", "Expected str, got int"),
        ("accounts[2].name", "Expected str of length <= 200"),
        ("accounts[3].key", "This field is required."),
    ]
    assert "2 more" in response.json()["message"]


def test_problems_are_bounded(send: Send) -> None:
    response = send("accounts/", {"accounts": [{}] * 1000})
    assert len(problems(response)) == 100
    assert len(response.content) < 20_000


def test_batch_over_the_limit_is_400(send: Send, workspace: Workspace) -> None:
    rows = [{"key": f"k{n}", "name": "N"} for n in range(1001)]
    response = send("accounts/", {"accounts": rows})
    assert problems(response) == [("accounts", "Expected array of length <= 1000")]
    with scope(workspace.pk):
        assert Account.objects.count() == 0


def test_long_unknown_name_is_not_sent_back_whole(send: Send) -> None:
    response = send("accounts/", {"x" * 1_000_000: 1, "accounts": []})
    assert response.status_code == 400
    assert len(response.content) < 2000


def test_body_over_the_limit_is_413(send: Send, settings: Any) -> None:
    settings.API_BODY_LIMIT = 100
    assert send("accounts/", b" " * 59 + GOOD).status_code == 200
    response = send("accounts/", b" " * 60 + GOOD)
    assert (response.status_code, response.json()["code"]) == (413, "too_large")


def test_declared_length_over_the_limit_is_413_unread(send: Send, settings: Any) -> None:
    settings.API_BODY_LIMIT = 100
    assert send("accounts/", GOOD, CONTENT_LENGTH="101").status_code == 413


def test_body_shorter_than_declared_is_400(client: Client, secret: str) -> None:
    extra = {"wsgi.input": io.BytesIO(GOOD), "CONTENT_LENGTH": str(len(GOOD) + 5)}
    response = client.generic(
        "POST", "/api/v1/accounts/", b"x", "application/json", **{**extra, **bearer(secret)}
    )
    assert (response.status_code, response.json()["code"]) == (400, "malformed")


@pytest.mark.parametrize("length", ["-1", "many", ""])
def test_senseless_length_is_no_500(send: Send, length: str) -> None:
    assert send("accounts/", GOOD, CONTENT_LENGTH=length).status_code in {400, 411}


def chunked(client: Client, secret: str, body: bytes, **extra: Any) -> Any:
    extra = {
        "wsgi.input": io.BytesIO(body),
        "wsgi.input_terminated": True,
        "CONTENT_LENGTH": "",
        "HTTP_TRANSFER_ENCODING": "chunked",
        **bearer(secret),
        **extra,
    }
    return client.generic("POST", "/api/v1/accounts/", b"x", "application/json", **extra)


def test_body_without_length_is_read_up_to_the_limit(
    client: Client, secret: str, settings: Any
) -> None:
    settings.API_BODY_LIMIT = 100
    assert chunked(client, secret, GOOD).json() == {"created": 1, "updated": 0, "unchanged": 0}
    assert chunked(client, secret, b" " * 101).status_code == 413
    refused = chunked(client, secret, GOOD, **{"wsgi.input_terminated": False})
    assert (refused.status_code, refused.json()["code"]) == (411, "length_required")


@pytest.mark.parametrize(
    "media_type",
    [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/json; charset=latin-1",
        "application/xml",
    ],
)
def test_other_media_type_is_415(send: Send, media_type: str) -> None:
    response = send("accounts/", GOOD, content_type=media_type)
    assert (response.status_code, response.json()["code"]) == (415, "unsupported_media_type")


@pytest.mark.parametrize(
    "media_type",
    ["application/json", "application/json; charset=utf-8", "application/vnd.x+json", ""],
)
def test_json_by_any_name_is_taken(send: Send, media_type: str) -> None:
    assert send("accounts/", GOOD, content_type=media_type).status_code == 200


def test_byte_order_mark_is_no_matter(send: Send) -> None:
    assert send("accounts/", b"\xef\xbb\xbf" + GOOD).status_code == 200


def test_gzip_body_is_inflated(send: Send) -> None:
    for encoding in ("gzip", "GZip", "x-gzip"):
        response = send("accounts/", gzip.compress(GOOD), HTTP_CONTENT_ENCODING=encoding)
        assert response.status_code == 200
    two_members = gzip.compress(GOOD[:10]) + gzip.compress(GOOD[10:])
    assert send("accounts/", two_members, HTTP_CONTENT_ENCODING="gzip").status_code == 200


def test_gzip_bomb_is_413(send: Send, settings: Any) -> None:
    settings.API_BODY_LIMIT = 100_000
    bomb = gzip.compress(b" " * 50_000_000)
    assert len(bomb) < 100_000
    assert send("accounts/", bomb, HTTP_CONTENT_ENCODING="gzip").status_code == 413


@pytest.mark.parametrize(
    "body", [b"x", GOOD, gzip.compress(GOOD, mtime=0)[:-9], zlib.compress(GOOD)]
)
def test_broken_gzip_is_400(send: Send, body: bytes) -> None:
    response = send("accounts/", body, HTTP_CONTENT_ENCODING="gzip")
    assert (response.status_code, response.json()["code"]) == (400, "malformed")


def test_unknown_content_encoding_is_415(send: Send) -> None:
    assert send("accounts/", GOOD, HTTP_CONTENT_ENCODING="br").status_code == 415


def test_answer_that_nobody_renders_is_406(send: Send, client: Client) -> None:
    response = send("accounts/", GOOD, HTTP_ACCEPT="image/png")
    assert (response.status_code, response.json()["code"]) == (406, "not_acceptable")
    stranger = client.post("/api/v1/accounts/", GOOD, "application/json", HTTP_ACCEPT="image/png")
    assert stranger.status_code == 401
