"""`Idempotency-Key`: a write that is sent again is answered again and not done again.

The first request holds the row until it commits together with what it wrote; a second one with the
same key waits for it at the unique key. A failed request takes its row back, so it may be repeated.
"""

import hashlib
from collections.abc import Callable
from datetime import datetime

import msgspec
from django.db import connection
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.bodies import read_body
from accounts.api.errors import Unprocessable
from accounts.api.rendering import encode
from accounts.errors import InvalidInput
from accounts.models import IdempotentRequest
from accounts.tenancy import current_workspace_id

METHODS = {"POST", "PUT", "PATCH", "DELETE"}
HEADER = "Idempotency-Key"
LONGEST_KEY = 255

# A row that has outlived its day is taken over as if it were not there.
CLAIM = """
INSERT INTO accounts_idempotentrequest
    (workspace_id, key, fingerprint, status, body, created_at)
VALUES (%(workspace)s, %(key)s, %(fingerprint)s, 0, '', %(moment)s)
ON CONFLICT (workspace_id, key) DO UPDATE
SET fingerprint = excluded.fingerprint, status = 0, body = '', created_at = excluded.created_at
WHERE accounts_idempotentrequest.created_at < %(expired)s
RETURNING key
"""
PRUNE = """
DELETE FROM accounts_idempotentrequest
WHERE workspace_id = %(workspace)s AND key IN (
    SELECT key FROM accounts_idempotentrequest
    WHERE workspace_id = %(workspace)s AND created_at < %(expired)s
    ORDER BY created_at LIMIT 100 FOR UPDATE SKIP LOCKED
)
"""


def once(
    request: Request, handle: Callable[[], HttpResponseBase], *, moment: datetime
) -> HttpResponseBase:
    """Handle the request unless its Idempotency-Key has been answered."""
    key = key_of(request)
    if key is None:
        return handle()
    fingerprint = fingerprint_of(request)
    if not claimed(key, fingerprint, moment=moment):
        return answered(key, fingerprint)
    response = handle()
    if isinstance(response, Response) and response.status_code < 400:
        body = "" if response.data is None else encode(response.data).decode()
        IdempotentRequest.objects.filter(key=key).update(status=response.status_code, body=body)
    return response


def key_of(request: Request) -> str | None:
    key = request.headers.get(HEADER)
    if key is None or request.method not in METHODS:
        return None
    if not 0 < len(key) <= LONGEST_KEY or not key.isprintable():
        raise InvalidInput.at(
            HEADER, _("Use 1 to %(most)s printable characters.") % {"most": LONGEST_KEY}
        )
    return key


def fingerprint_of(request: Request) -> str:
    """Without the boundary of multipart, which every attempt makes anew."""
    media_type, _equals, boundary = (request.content_type or "").partition("boundary=")
    body = read_body(request)
    if boundary:
        body = body.replace(boundary.strip('"').encode(), b"")
    head = msgspec.json.encode([request.method or "", request.get_full_path(), media_type])
    return hashlib.sha256(head + b"\n" + body).hexdigest()


def claimed(key: str, fingerprint: str, *, moment: datetime) -> bool:
    values: dict[str, str | int | datetime] = {
        "workspace": current_workspace_id(),
        "key": key,
        "fingerprint": fingerprint,
        "moment": moment,
        "expired": moment - IdempotentRequest.KEPT,
    }
    with connection.cursor() as cursor:
        cursor.execute(CLAIM, values)
        won = cursor.fetchone() is not None
        if won:
            cursor.execute(PRUNE, values)
        return won


def answered(key: str, fingerprint: str) -> HttpResponse:
    earlier = IdempotentRequest.objects.get(key=key)
    if earlier.fingerprint != fingerprint:
        raise Unprocessable(_("This Idempotency-Key was used for another request."))
    return HttpResponse(
        earlier.body,
        status=earlier.status,
        content_type="application/json",
        headers={"Idempotency-Replayed": "true"},
    )
