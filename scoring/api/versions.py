"""A scorecard's versions: what each changed, who published it and why, and its document."""

from typing import Any

import msgspec
from django.db.models import F, OuterRef, Subquery
from django.shortcuts import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.bodies import query
from accounts.api.pagination import ListQuery, paginate
from accounts.api.schema import documented, page_of
from accounts.api.views import ApiView, ListView
from scoring.api.documents import DOCUMENT_RENDERERS
from scoring.differences.whole import Configuration, differences
from scoring.engine.card import Scorecard as Card
from scoring.engine.schemes import Band
from scoring.models import Scorecard, ScorecardVersion
from scoring.version_history import configuration_of
from scoring.versions import document_of

TAG = "Configuration"
LARGEST_NUMBER = 2**31 - 1


class VersionRow(msgspec.Struct):
    """In force from `published_at` until `replaced_at`, null for the one that is in force now.

    `changes` tells in sentences what is different from the version before.
    """

    number: int
    published_at: str
    replaced_at: str | None
    published_by: str | None
    note: str
    changes: list[str]
    document: dict[str, Any]


class VersionsView(ListView):
    scopes = {"GET": "read or admin"}

    @documented("A scorecard's versions", query=ListQuery, answer=page_of(VersionRow),
                csv=True, tag=TAG)  # fmt: skip
    def get(self, request: Request, key: str) -> Response:
        scorecard = get_object_or_404(Scorecard.objects.all(), key=key)
        every = ScorecardVersion.objects.filter(scorecard=scorecard)
        beside = ScorecardVersion.objects.filter(scorecard=OuterRef("scorecard"))
        earlier = beside.filter(number=OuterRef("number") - 1)
        found = every.annotate(
            earlier_document=Subquery(earlier.values("document")),
            earlier_bands=Subquery(earlier.values("bands")),
            replaced_at=Subquery(
                beside.filter(number=OuterRef("number") + 1).values("published_at")
            ),
            by=F("published_by__email"),
        )
        return paginate(
            request,
            found,
            query=query(request, ListQuery),
            row=_row,
            columns={"number": "number"},
            default="-number",
        )


class VersionView(ApiView):
    scopes = {"GET": "read or admin"}
    renderer_classes = DOCUMENT_RENDERERS

    @documented("The document of a version", answer=Card, tag=TAG)
    def get(self, request: Request, key: str, number: int) -> Response:
        every = ScorecardVersion.objects.filter(scorecard__key=key)
        return Response(document_of(get_object_or_404(every, number=min(number, LARGEST_NUMBER))))


def _row(version: Any) -> VersionRow:
    replaced = version.replaced_at
    return VersionRow(
        number=version.number,
        published_at=version.published_at.isoformat(),
        replaced_at=replaced.isoformat() if replaced else None,
        published_by=version.by,
        note=version.note,
        changes=[d.text for d in differences(_earlier(version), configuration_of(version))],
        document=document_of(version),
    )


def _earlier(version: Any) -> Configuration | None:
    if version.earlier_document is None:
        return None
    bands = msgspec.convert(version.earlier_bands, tuple[Band, ...])
    return Configuration(version.earlier_document, bands)
