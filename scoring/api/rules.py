"""Rules as code: their documents, in JSON or YAML."""

from typing import Any

import msgspec
from django.shortcuts import get_object_or_404
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
from scoring.engine.rules import Rule as RuleDocument
from scoring.exports import rule_document, rule_documents
from scoring.models import Rule
from scoring.services.configuration import save_rule

TAG = "Configuration"


class RuleRow(msgspec.Struct):
    key: str
    name: str
    active: bool
    document: dict[str, Any]


class RuleView(ApiView):
    scopes = {"GET": "read or admin", "PUT": "admin"}
    renderer_classes = DOCUMENT_RENDERERS

    @documented("A rule's document", answer=RuleDocument, tag=TAG)
    def get(self, request: Request, key: str) -> Response:
        return Response(rule_document(get_object_or_404(Rule.objects.all(), key=key)))

    @documented(
        "Save a rule",
        body=RuleDocument,
        answer=RuleDocument,
        media_types=JSON_OR_YAML,
        tag=TAG,
    )
    def put(self, request: Request, key: str) -> Response:
        return Response(rule_document(save_rule(document=keyed(read(request), key))))


class RulesView(ListView):
    scopes = {"GET": "read or admin"}
    renderer_classes = LIST_RENDERERS

    @documented(
        "Rules",
        description="As `application/yaml` all of them as documents.",
        query=ListQuery,
        answer=page_of(RuleRow),
        csv=True,
        tag=TAG,
    )
    def get(self, request: Request) -> Response:
        wanted = query(request, ListQuery)
        if wants_yaml(request):
            return Response(rule_documents())
        return paginate(
            request,
            Rule.objects.all(),
            query=wanted,
            row=lambda rule: RuleRow(rule.key, rule.name, rule.active, rule_document(rule)),
            columns={"key": "key"},
            default="key",
        )
