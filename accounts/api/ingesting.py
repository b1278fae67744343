"""The way in for events: one thin frame around the API's own call and those of public clients.

What pages need (sessions, languages, CSP, redirects to a slash or to TLS) does not happen here; a
public client loses its batch at a redirect.
"""

import base64
import binascii
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from typing import Any, cast

from django.conf import settings
from django.core.signals import got_request_exception
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from rest_framework.exceptions import (
    AuthenticationFailed,
    MethodNotAllowed,
    NotAuthenticated,
    Throttled,
)
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.authentication import no_key, require_scope, unknown_key, waiting_time
from accounts.api.bodies import decoded, read_raw
from accounts.api.errors import failed, logger, refusal_of
from accounts.api.idempotency import once
from accounts.api.rendering import encode
from accounts.api.views import ApiView
from accounts.deadlines import body_comes_within, database_answers_within
from accounts.models import ApiKey, Workspace
from accounts.refusals import Owner, note_refused
from accounts.services.keys import KnownKey, closed_key, known_key, open_current_key
from accounts.tenancy import entered, restoring

SCOPE = "ingest"
IDEMPOTENCY_KEY = "HTTP_IDEMPOTENCY_KEY"
OWNER = "scorecard.owner"
COUNTED = "scorecard.counted"
MAGIC = b"\x1f\x8b"
HEADERS = {"Cache-Control": "no-store", "Vary": "Authorization"}
HEADERS["X-Content-Type-Options"] = "nosniff"
# Before it the server itself has cancelled the statement.
GRACE = 2.0
SMALL = 4096


@dataclass(frozen=True, slots=True)
class Received:
    """A request of a key with the scope, in the open scope of its workspace.

    `body` is what was sent, inflated, whatever its Content-Type says; `moment` is when it came.
    The key and its workspace are shared with other requests and only read.
    """

    request: HttpRequest
    key: ApiKey
    body: bytes
    moment: datetime

    @property
    def workspace(self) -> Workspace:
        return self.key.workspace


Handle = Callable[[Received], object]
Alone = Callable[[Received, KnownKey], object | None]
Handles = Mapping[str, Handle]
KeyInBody = Callable[[bytes], str | None]
View = Callable[[HttpRequest], HttpResponse]


def ingesting(
    *,
    key_in_body: KeyInBody | None = None,
    withdraw: Handle | None = None,
    alone: Alone | None = None,
) -> Callable[[Handle], View]:
    """Makes a view of a function that stores what was received and returns the answer.

    What it returns is encoded as JSON and sent with 200, after the commit. What it raises
    (InvalidInput, Malformed, TooLarge …) takes everything back and becomes an error of the one shape.
    The key comes as Bearer, as the user name of Basic with a blank password, or is what
    `key_in_body` finds in the inflated body of a request without that header. No other middleware
    runs: `IngestionMiddleware` finds the addresses of these views in the URLconf, which must be
    fixed ones (`/v1/batch`, and `/v1/batch/` if that is wanted too). `withdraw` answers DELETE.
    `alone` may answer a small POST of a key that was read before, outside every transaction, with one
    statement that proves the key; where it returns None it has done nothing, and the rest is done.
    """

    def decorate(handle: Handle) -> View:
        handles = {"POST": handle} | ({"DELETE": withdraw} if withdraw else {})

        @wraps(handle)
        def view(request: HttpRequest) -> HttpResponse:
            translation.activate("en")
            try:
                return answered(request, handles, key_in_body, alone)
            except Exception as error:
                return refused(request, error, handles)

        described: Any = view
        described.ingesting = described.csrf_exempt = True
        described.cls, described.initkwargs = documentation_of(handles), {}
        return view

    return decorate


def answered(
    request: HttpRequest, handles: Handles, key_in_body: KeyInBody | None, alone: Alone | None
) -> HttpResponse:
    """Nothing is read of a stranger without a key, and nothing waits for a slow client while a
    transaction is open."""
    moment, secret, body = timezone.now(), secret_of(request), None
    if secret is None and key_in_body is None:
        raise no_key()
    with body_comes_within(settings.BODY_TIMEOUT, request):
        read_raw(request, settings.API_BODY_LIMIT)
    if secret is None and key_in_body is not None:
        body = unpacked(request)
        secret = key_in_body(body)
    if not secret:
        raise no_key()
    with database_answers_within(settings.INGEST_TIMEOUT + GRACE):
        answer = answered_alone(request, alone, secret, moment) if alone else None
        if answer is not None:
            return sent(encode(answer), 200)
        with restoring():
            return answered_in_scope(request, handles, secret, body, moment)


def answered_alone(
    request: HttpRequest, alone: Alone, secret: str, moment: datetime
) -> object | None:
    known = known_key(secret) if is_plain(request) else None
    if known is None or SCOPE not in known.key.scope_list or waiting_time(known.key) is not None:
        return None
    request.META[COUNTED] = True
    received = Received(request, known.key, request.body, moment)
    nested = restoring() if connection.in_atomic_block else nullcontext()
    with nested, entered(known.key.workspace.pk):
        return alone(received, known)


def is_plain(request: HttpRequest) -> bool:
    """A small one that needs nothing but what its body says."""
    return (
        request.method == "POST"
        and len(request.body) <= SMALL
        and not request.body.startswith(MAGIC)
        and not request.META.get("HTTP_CONTENT_ENCODING")
        and IDEMPOTENCY_KEY not in request.META
    )


def answered_in_scope(
    request: HttpRequest, handles: Handles, secret: str, body: bytes | None, moment: datetime
) -> HttpResponse:
    key = open_current_key(secret, moment=moment, seconds=settings.INGEST_TIMEOUT)
    if key is None:
        request.META[OWNER] = closed_key(secret, moment=moment)
        raise unknown_key()
    request.META[OWNER] = Owner(key.workspace.pk, key.pk)
    with entered(key.workspace.pk):
        if request.method == "OPTIONS":
            return HttpResponse(status=204, headers={"Allow": allowed(handles)})
        admit(request, key, handles)
        received = Received(request, key, unpacked(request) if body is None else body, moment)
        return stored(received, handles[str(request.method)])


def allowed(handles: Handles) -> str:
    return ", ".join([*handles, "OPTIONS"])


def admit(request: HttpRequest, key: ApiKey, handles: Handles) -> None:
    if request.method not in handles:
        raise MethodNotAllowed(str(request.method))
    require_scope(key, SCOPE)
    seconds = None if COUNTED in request.META else waiting_time(key)
    if seconds is not None:
        raise Throttled(seconds)


def stored(received: Received, handle: Handle) -> HttpResponse:
    if IDEMPOTENCY_KEY not in received.request.META:
        return sent(encode(handle(received)), 200)
    request = Request(received.request)
    response = once(request, lambda: Response(handle(received)), moment=received.moment)
    if isinstance(response, Response):
        return sent(encode(response.data), response.status_code)
    return cast(HttpResponse, response)


def secret_of(request: HttpRequest) -> str | None:
    """None where there is no Authorization; "" where it holds no key."""
    header: str | None = request.META.get("HTTP_AUTHORIZATION")
    if header is None:
        return None
    scheme, _space, credentials = header.strip().partition(" ")
    match scheme.lower():
        case "bearer":
            return credentials.strip()
        case "basic":
            return user_name(credentials)
    return ""


def user_name(credentials: str) -> str:
    """Of Basic authentication with a blank password."""
    try:
        name, _colon, password = (
            base64.b64decode(credentials, validate=True).decode().partition(":")
        )
    except (binascii.Error, ValueError):
        return ""
    return "" if password else name


def unpacked(request: HttpRequest) -> bytes:
    """Some clients send gzip and do not say so."""
    body, encoding = request.body, request.META.get("HTTP_CONTENT_ENCODING", "")
    if not encoding and body.startswith(MAGIC):
        encoding = "gzip"
    return decoded(body, encoding, settings.API_BODY_LIMIT)


def refused(request: HttpRequest, error: Exception, handles: Handles) -> HttpResponse:
    if isinstance(error, (NotAuthenticated, AuthenticationFailed)):
        error.auth_header = "Bearer"  # type: ignore[union-attr]
    refusal = refusal_of(error)
    if refusal is None:
        got_request_exception.send(sender=None, request=request)
        logger.error("%s failed", request.path_info, exc_info=error)
        return failed(500, _("This is our error; it was noted. Nothing was stored."))
    owner: Owner | None = request.META.get(OWNER)
    if owner is not None and refusal.status < 500:
        note_refused(owner, status=refusal.status, moment=timezone.now())
    response = sent(encode(refusal.body), refusal.status)
    if isinstance(error, MethodNotAllowed):
        response["Allow"] = allowed(handles)
    for name, value in refusal.headers.items():
        response[name] = value
    return response


def sent(body: bytes, status: int) -> HttpResponse:
    return HttpResponse(body, status=status, content_type="application/json", headers=HEADERS)


def documentation_of(handles: Handles) -> type[ApiView]:
    """A class as drf-spectacular looks for it at a view; nothing calls it."""
    fields: dict[str, Any] = {
        "scopes": dict.fromkeys(handles, SCOPE),
        "http_method_names": [method.lower() for method in handles],
    }
    fields |= {method.lower(): staticmethod(handle) for method, handle in handles.items()}
    return type(handles["POST"].__name__, (ApiView,), fields)
