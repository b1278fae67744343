"""Configuration as code: the documents of scorecards and rules, in JSON or YAML."""

from typing import Any

import msgspec
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.bodies import Body, content, decode, query, refuse_nul
from accounts.api.errors import Malformed
from accounts.api.pagination import ListQuery, paginate
from accounts.api.schema import documented, page_of
from accounts.api.views import ApiView, ListView
from accounts.errors import InvalidInput
from scoring.api.numbers import amount
from scoring.documents import read_document
from scoring.engine.card import Scorecard as Card
from scoring.engine.rules import Rule as RuleDocument
from scoring.models import Rule, Scorecard, ScorecardVersion
from scoring.services.configuration import save_rule
from scoring.services.preview import Move, band_moves
from scoring.services.publishing import apply_scorecard
from scoring.versions import document_of

JSON_OR_YAML = ("application/json", "application/yaml")
YAML = {"application/yaml", "application/x-yaml", "text/yaml", "text/x-yaml"}
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


class PublishQuery(Body, frozen=True, kw_only=True):
    """`dry_run` publishes nothing."""

    dry_run: bool = False


class MoveRow(msgspec.Struct):
    account: str
    name: str
    before: str
    after: str
    contract_value: str | None
    currency: str


class Preview(msgspec.Struct):
    """What publishing would do: `moves` are the accounts that would change band today."""

    valid: bool
    moves: list[MoveRow]


class RuleRow(msgspec.Struct):
    key: str
    name: str
    active: bool
    document: dict[str, Any]


def read(request: Request) -> dict[str, Any]:
    """The body as plain data, whichever of the two languages it is written in."""
    media_type = (request.content_type or "").partition(";")[0].strip().lower()
    if media_type not in YAML:
        return decode(request, dict[str, Any])
    try:
        text = content(request).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Malformed(_("The body is not valid UTF-8.")) from error
    document: dict[str, Any] = read_document(text)
    refuse_nul(document)
    return document


def keyed(document: dict[str, Any], key: str) -> dict[str, Any]:
    """The document with the address' key, which it may leave out but not contradict."""
    if document.setdefault("key", key) != key:
        raise InvalidInput.at("key", _("The key differs from the one in the address."))
    return document


class ScorecardsView(ListView):
    scopes = {"GET": "read or admin"}

    @documented("Scorecards", query=ListQuery, answer=page_of(ScorecardRow), csv=True, tag=TAG)
    def get(self, request: Request) -> Response:
        wanted = query(request, ListQuery)
        found = Scorecard.objects.select_related("current_version")
        return paginate(
            request, found, query=wanted, row=_row, columns={"rank": "rank", "key": "key"},
            default="rank",
        )  # fmt: skip


class ScorecardView(ApiView):
    scopes = {"GET": "read or admin", "PUT": "admin"}

    @documented("A scorecard's published document", answer=Card, tag=TAG)
    def get(self, request: Request, key: str) -> Response:
        published = Scorecard.objects.filter(current_version__isnull=False)
        found = get_object_or_404(published.select_related("current_version"), key=key)
        return Response(document_of(found.current_version))

    @documented(
        "Publish a scorecard",
        description="Every account is scored with a new version at once; the same document again "
        "is no new version. With `dry_run` the answer says who would change band.",
        body=Card,
        answer=Card,
        query=PublishQuery,
        media_types=JSON_OR_YAML,
        tag=TAG,
    )
    def put(self, request: Request, key: str) -> Response:
        dry_run = query(request, PublishQuery).dry_run
        document, moment = keyed(read(request), key), timezone.now()
        if dry_run:
            moves = band_moves(workspace=self.workspace(), document=document, moment=moment)
            return Response(Preview(valid=True, moves=[_move_row(move) for move in moves]))
        today = self.workspace().day_of(moment)
        version = apply_scorecard(document=document, by=None, today=today, moment=moment)
        return Response(document_of(version))


class VersionsView(ListView):
    scopes = {"GET": "read or admin"}

    @documented("A scorecard's versions", query=ListQuery, answer=page_of(VersionRow),
                csv=True, tag=TAG)  # fmt: skip
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
    scopes = {"GET": "read or admin", "PUT": "admin"}

    @documented("A rule's document", answer=RuleDocument, tag=TAG)
    def get(self, request: Request, key: str) -> Response:
        return Response(get_object_or_404(Rule.objects.all(), key=key).document)

    @documented(
        "Save a rule",
        body=RuleDocument,
        answer=RuleDocument,
        media_types=JSON_OR_YAML,
        tag=TAG,
    )
    def put(self, request: Request, key: str) -> Response:
        return Response(save_rule(document=keyed(read(request), key)).document)


class RulesView(ListView):
    scopes = {"GET": "read or admin"}

    @documented("Rules", query=ListQuery, answer=page_of(RuleRow), csv=True, tag=TAG)
    def get(self, request: Request) -> Response:
        return paginate(
            request,
            Rule.objects.all(),
            query=query(request, ListQuery),
            row=lambda rule: RuleRow(rule.key, rule.name, rule.active, rule.document),
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
        document=document_of(version),
    )


def _move_row(move: Move) -> MoveRow:
    value = move.contract_value_cents
    return MoveRow(
        account=move.account,
        name=move.name,
        before=move.before,
        after=move.after,
        contract_value=None if value is None else amount(value, move.currency),
        currency=move.currency,
    )
