from datetime import datetime
from typing import Annotated, Any, ClassVar

import msgspec
from django.utils import timezone
from django.utils.translation import gettext as _
from msgspec import Meta
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.bodies import Body, decode, query
from accounts.api.schema import documented, page_of
from accounts.api.views import ApiView, ListView
from accounts.errors import InvalidInput
from integrations.quarantine import Place, Wanted
from integrations.quarantine import page_of as rows_of
from integrations.services.replay import replay
from usage.models import RejectedEvent


class QuarantineQuery(msgspec.Struct, forbid_unknown_fields=True, kw_only=True, frozen=True):
    reason: str = ""
    source: str = ""
    since: datetime | None = None
    limit: Annotated[int, Meta(ge=1, le=1000)] = 100
    cursor: str = ""


class Kept(msgspec.Struct):
    """An event as it was sent, why it was rejected, and how often it came."""

    id: int
    event_id: str
    reason: str
    source: str
    key: str | None
    received_at: datetime
    last_received_at: datetime
    occurrences: int
    body: Any


class ReplayBody(Body, frozen=True):
    """The events with these ids; without ids, all that match the reason and source that are given."""

    ids: Annotated[list[int], Meta(max_length=10_000)] | None = None
    reason: str = ""
    source: str = ""


class ReplayAnswer(msgspec.Struct):
    """`stored` left the quarantine, `rejected` are still in it with the reason of now."""

    stored: int
    rejected: int


class QuarantineView(ListView):
    scopes: ClassVar = {"GET": "admin"}

    @documented(
        "Events that could not be stored, the latest first",
        answer=page_of(Kept),
        query=QuarantineQuery,
        tag="Data in",
        csv=True,
    )
    def get(self, request: Request) -> Response:
        asked = query(request, QuarantineQuery)
        place = Place.read(asked.cursor)
        if asked.cursor and place is None:
            raise InvalidInput.at("cursor", _("Use the cursor of the page before."))
        if asked.since is not None and asked.since.tzinfo is None:
            raise InvalidInput.at(
                "since", _("has no time zone: write it like 2026-01-31T09:30:00Z")
            )
        wanted = Wanted(asked.reason, asked.source, None, asked.since)
        rows, following = rows_of(wanted, place, asked.limit)
        found = [msgspec.to_builtins(kept(row)) for row in rows]
        return Response({"results": found, "next": str(following) if following else None})


def kept(row: RejectedEvent) -> Kept:
    return Kept(
        row.pk,
        row.event_id,
        row.message,
        row.source,
        row.api_key.prefix if row.api_key else None,
        row.received_at,
        row.last_received_at,
        row.occurrences,
        row.body,
    )


class ReplayView(ApiView):
    scopes: ClassVar = {"POST": "admin"}

    @documented(
        "Send rejected events again",
        description="Through the service that they came through: what is good by now is stored,"
        " counted once and leaves the quarantine.",
        body=ReplayBody,
        answer=ReplayAnswer,
        tag="Data in",
    )
    def post(self, request: Request) -> Response:
        asked = decode(request, ReplayBody)
        ids = asked.ids
        if ids is None:
            rows = Wanted(asked.reason, asked.source).rows()
            ids = list(rows.values_list("pk", flat=True))
        done = replay(
            workspace=self.workspace(),
            ids=[pk for pk in ids if 0 < pk < 2**63],
            moment=timezone.now(),
        )
        return Response(msgspec.to_builtins(ReplayAnswer(done.stored, done.rejected)))
