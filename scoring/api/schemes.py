"""Grading schemes as code; scorecards name them by their keys."""

from django.shortcuts import get_object_or_404
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.bodies import query
from accounts.api.pagination import ListQuery, paginate
from accounts.api.schema import documented, page_of
from accounts.api.views import ApiView, ListView
from scoring.api.documents import (
    DOCUMENT_RENDERERS,
    JSON_OR_YAML,
    LIST_RENDERERS,
    keyed,
    read,
    wants_yaml,
)
from scoring.exports import SchemeDocument, scheme_document
from scoring.models import Scheme
from scoring.services.importing import How, import_documents

TAG = "Configuration"


class SchemeView(ApiView):
    scopes = {"GET": "read or admin", "PUT": "admin"}
    renderer_classes = DOCUMENT_RENDERERS

    @documented("A grading scheme's document", answer=SchemeDocument, tag=TAG)
    def get(self, request: Request, key: str) -> Response:
        return Response(scheme_document(get_object_or_404(Scheme.objects.all(), key=key)))

    @documented(
        "Save a grading scheme",
        description="No score changes. A scorecard that uses it shows the new bands with its next version.",
        body=SchemeDocument,
        answer=SchemeDocument,
        media_types=JSON_OR_YAML,
        tag=TAG,
    )
    def put(self, request: Request, key: str) -> Response:
        document, moment = {**keyed(read(request), key), "kind": "scheme"}, timezone.now()
        today = self.workspace().day_of(moment)
        how = How(publish=True, by=None, today=today, moment=moment)
        (saved,) = import_documents(documents=[document], how=how)
        return Response(saved.after)


class SchemesView(ListView):
    scopes = {"GET": "read or admin"}
    renderer_classes = LIST_RENDERERS

    @documented(
        "The workspace's own grading schemes",
        query=ListQuery,
        answer=page_of(SchemeDocument),
        tag=TAG,
    )
    def get(self, request: Request) -> Response:
        wanted = query(request, ListQuery)
        if wants_yaml(request):
            return Response([scheme_document(s) for s in Scheme.objects.order_by("key")])
        return paginate(
            request,
            Scheme.objects.all(),
            query=wanted,
            row=scheme_document,
            columns={"key": "key"},
            default="key",
        )
