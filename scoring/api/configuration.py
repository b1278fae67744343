"""Scorecards as code: their documents, in JSON or YAML."""

import msgspec
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
from scoring.api.previews import Preview, PublishQuery, preview
from scoring.engine.card import Scorecard as Card
from scoring.exports import published_scorecards, scorecard_documents
from scoring.models import Scorecard
from scoring.services.importing import How, import_documents
from scoring.versions import published_document

TAG = "Configuration"


class ScorecardRow(msgspec.Struct):
    key: str
    name: str
    rank: int
    active: bool
    version: int | None


class ScorecardsView(ListView):
    """Archived ones are no part of the list; their documents and versions stay readable."""

    scopes = {"GET": "read or admin"}
    renderer_classes = LIST_RENDERERS

    @documented(
        "Scorecards",
        description="As `application/yaml` all published documents, with the schemes that they "
        "name: what `manage.py apply` takes.",
        query=ListQuery,
        answer=page_of(ScorecardRow),
        csv=True,
        tag=TAG,
    )
    def get(self, request: Request) -> Response:
        wanted = query(request, ListQuery)
        if wants_yaml(request):
            return Response(scorecard_documents(published_scorecards()))
        found = Scorecard.objects.kept().select_related("current_version")
        return paginate(
            request, found, query=wanted, row=_row, columns={"rank": "rank", "key": "key"},
            default="rank",
        )  # fmt: skip


class ScorecardView(ApiView):
    scopes = {"GET": "read or admin", "PUT": "admin"}
    renderer_classes = DOCUMENT_RENDERERS

    @documented("A scorecard's published document", answer=Card, tag=TAG)
    def get(self, request: Request, key: str) -> Response:
        published = Scorecard.objects.filter(current_version__isnull=False)
        found = get_object_or_404(published.select_related("current_version"), key=key)
        return Response(published_document(found))

    @documented(
        "Publish a scorecard",
        description="Every account is scored with a new version at once; the same document again "
        "is no new version. With `dry_run` nothing is published, and the answer says who would "
        "change band, from which to which, and with how much contract value.",
        body=Card,
        answer=Card | Preview,
        query=PublishQuery,
        media_types=JSON_OR_YAML,
        tag=TAG,
    )
    def put(self, request: Request, key: str) -> Response:
        wanted, workspace = query(request, PublishQuery), self.workspace()
        document, moment = keyed(read(request), key), timezone.now()
        if wanted.dry_run:
            return Response(
                preview(workspace=workspace, document=document, moment=moment, wanted=wanted)
            )
        today = workspace.day_of(moment)
        how = How(publish=True, by=None, today=today, moment=moment)
        (published,) = import_documents(documents=[{"kind": "scorecard", **document}], how=how)
        return Response(published.after)


def _row(scorecard: Scorecard) -> ScorecardRow:
    version = scorecard.current_version
    return ScorecardRow(
        key=scorecard.key,
        name=scorecard.name,
        rank=scorecard.rank,
        active=scorecard.active,
        version=version.number if version else None,
    )
