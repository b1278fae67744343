"""Segments as code: their documents, in JSON or YAML."""

from typing import Any

import msgspec
from django.shortcuts import get_object_or_404
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.bodies import query
from accounts.api.pagination import ListQuery, paginate
from accounts.api.schema import documented, page_of
from accounts.api.views import ApiView, ListView
from accounts.models import Segment
from scoring.api.documents import (
    DOCUMENT_RENDERERS,
    JSON_OR_YAML,
    LIST_RENDERERS,
    keyed,
    read,
    wants_yaml,
)
from scoring.engine.segments import Segment as SegmentDocument
from scoring.engine.segments import export_segment
from scoring.inputs.segments import document_of
from scoring.services.segments import remove_segment, save_segment

TAG = "Configuration"


class SegmentRow(msgspec.Struct):
    key: str
    name: str
    document: dict[str, Any]


class SegmentView(ApiView):
    scopes = {"GET": "read or admin", "PUT": "admin", "DELETE": "admin"}
    renderer_classes = DOCUMENT_RENDERERS

    @documented("A segment's document", answer=SegmentDocument, tag=TAG)
    def get(self, request: Request, key: str) -> Response:
        return Response(plain(get_object_or_404(Segment.objects.all(), key=key)))

    @documented(
        "Save a segment",
        description="Accounts of scorecards that it limits are scored again.",
        body=SegmentDocument,
        answer=SegmentDocument,
        media_types=JSON_OR_YAML,
        tag=TAG,
    )
    def put(self, request: Request, key: str) -> Response:
        today = self.workspace().day_of(timezone.now())
        return Response(plain(save_segment(document=keyed(read(request), key), today=today)))

    @documented("Remove a segment that no scorecard uses", status=204, tag=TAG)
    def delete(self, request: Request, key: str) -> Response:
        remove_segment(segment=get_object_or_404(Segment.objects.all(), key=key))
        return Response(status=204)


class SegmentsView(ListView):
    scopes = {"GET": "read or admin"}
    renderer_classes = LIST_RENDERERS

    @documented(
        "Segments",
        description="As `application/yaml` all of them as documents.",
        query=ListQuery,
        answer=page_of(SegmentRow),
        csv=True,
        tag=TAG,
    )
    def get(self, request: Request) -> Response:
        wanted = query(request, ListQuery)
        if wants_yaml(request):
            return Response([plain(segment) for segment in Segment.objects.order_by("key")])
        return paginate(
            request,
            Segment.objects.all(),
            query=wanted,
            row=lambda segment: SegmentRow(segment.key, segment.name, plain(segment)),
            columns={"key": "key"},
            default="key",
        )


def plain(segment: Segment) -> dict[str, Any]:
    return export_segment(document_of(segment))
