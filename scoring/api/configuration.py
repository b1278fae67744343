"""Configuration as code: the documents of scorecards and rules, in JSON or YAML."""

from typing import Any

import msgspec
import yaml
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.bodies import content, decode_json, query, refuse_nul
from accounts.api.errors import Malformed
from accounts.api.pagination import ListQuery, paginate
from accounts.api.schema import documented, page_of
from accounts.api.views import ApiView, ListView
from accounts.errors import InvalidInput
from scoring.engine.card import Scorecard as Card
from scoring.models import Rule, Scorecard, ScorecardVersion
from scoring.services.configuration import publish_scorecard, save_rule
from scoring.services.preview import Move, band_moves

JSON_OR_YAML = ("application/json", "application/yaml")
TAG = "Configuration"


class ScorecardRow(msgspec.Struct):
    key: str
    name: str
    rank: int
    active: bool
    version: int | None


class VersionRow(msgspec.Struct):
    number: int
    published_at: str
    published_by: str | None
    note: str
    document: dict[str, Any]


class Preview(msgspec.Struct):
    """What publishing would do: `moves` are the accounts that would change band."""

    valid: bool
    moves: list[Move]


def document_of(request: Request) -> Any:
    """The body as plain data, whichever of the two languages it is written in."""
    media_type = (request.content_type or "").partition(";")[0].strip().lower()
    if "yaml" not in media_type:
        return decode_json(content(request), dict[str, Any])
    try:
        document = yaml.safe_load(content(request))
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise Malformed(_("The body is not valid YAML: %(error)s") % {"error": error}) from error
    refuse_nul(document)
    return document


def keyed(document: Any, key: str) -> Any:
    """The document with the address' key, which it may leave out but not contradict."""
    if not isinstance(document, dict):
        raise InvalidInput.at("", _("Send one object."))
    if document.setdefault("key", key) != key:
        raise InvalidInput.at("key", _("The key differs from the one in the address."))
    return document


class ScorecardsView(ListView):
    scopes = {"GET": "read"}

    @documented("Scorecards", query=ListQuery, answer=page_of(ScorecardRow), csv=True, tag=TAG)
    def get(self, request: Request) -> Response:
        wanted = query(request, ListQuery)
        found = Scorecard.objects.select_related("current_version")
        return paginate(
            request, found, query=wanted, row=_row, columns={"rank": "rank", "key": "key"},
            default="rank",
        )  # fmt: skip


class ScorecardView(ApiView):
    scopes = {"GET": "read", "PUT": "admin"}

    @documented("A scorecard's published document", answer=Card, tag=TAG)
    def get(self, request: Request, key: str) -> Response:
        scorecard = get_object_or_404(
            Scorecard.objects.filter(current_version__isnull=False).select_related(
                "current_version"
            ),
            key=key,
        )
        return Response(scorecard.current_version.document)

    @documented("Publish a scorecard", body=Card, answer=Card, media_types=JSON_OR_YAML, tag=TAG)
    def put(self, request: Request, key: str) -> Response:
        document = keyed(document_of(request), key)
        if request.query_params.get("dry_run") in {"1", "true"}:
            moves = band_moves(workspace=self.workspace(), document=document, moment=timezone.now())
            return Response(Preview(valid=True, moves=moves))
        version = publish_scorecard(document=document, by=None, moment=timezone.now())
        return Response(version.document)


class VersionsView(ListView):
    scopes = {"GET": "read"}

    @documented("A scorecard's versions", query=ListQuery, answer=page_of(VersionRow), tag=TAG)
    def get(self, request: Request, key: str) -> Response:
        scorecard = get_object_or_404(Scorecard.objects.all(), key=key)
        found = ScorecardVersion.objects.filter(scorecard=scorecard)
        return paginate(
            request,
            found.select_related("published_by"),
            query=query(request, ListQuery),
            row=_version_row,
            columns={"number": "number"},
            default="-number",
        )


class RuleView(ApiView):
    scopes = {"GET": "read", "PUT": "admin"}

    @documented("A rule's document", answer=dict[str, Any], tag=TAG)
    def get(self, request: Request, key: str) -> Response:
        return Response(get_object_or_404(Rule.objects.all(), key=key).document)

    @documented(
        "Save a rule",
        body=dict[str, Any],
        answer=dict[str, Any],
        media_types=JSON_OR_YAML,
        tag=TAG,
    )
    def put(self, request: Request, key: str) -> Response:
        return Response(save_rule(document=keyed(document_of(request), key)).document)


class RulesView(ListView):
    scopes = {"GET": "read"}

    @documented("Rules", query=ListQuery, answer=page_of(ScorecardRow), tag=TAG)
    def get(self, request: Request) -> Response:
        return paginate(
            request,
            Rule.objects.all(),
            query=query(request, ListQuery),
            row=lambda rule: {**rule.document, "active": rule.active},
            columns={"key": "key"},
            default="key",
        )


def _row(scorecard: Scorecard) -> ScorecardRow:
    version = scorecard.current_version
    return ScorecardRow(
        key=scorecard.key,
        name=scorecard.name,
        rank=scorecard.rank,
        active=scorecard.active,
        version=version.number if version else None,
    )


def _version_row(version: ScorecardVersion) -> VersionRow:
    return VersionRow(
        number=version.number,
        published_at=version.published_at.isoformat(),
        published_by=version.published_by.email if version.published_by else None,
        note=version.note,
        document=version.document,
    )
