"""Accounts with their current primary health."""

from datetime import date

import msgspec
from django.utils.translation import gettext as _
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.accounts import AccountsView as AccountsIn
from accounts.api.bodies import query
from accounts.api.pagination import ListQuery, page_response
from accounts.api.rendering import CsvRenderer, JsonRenderer
from accounts.api.schema import documented, page_of
from accounts.errors import InvalidInput
from accounts.models import Membership
from scoring.api.numbers import amount, decimal
from scoring.bands import UNKNOWN
from scoring.engine.fixed import shown
from scoring.portfolio.choice import segment_id
from scoring.portfolio.pages import Line, page
from scoring.portfolio.wanted import SORTS, Cursor, Wanted
from scoring.sentences import reasons_text
from scoring.versions import compiled_versions

SORTED_BY = {"contract_value": "value", "renewal_on": "renewal"}
ORDERINGS = [name for name in SORTS if name not in SORTED_BY.values()] + list(SORTED_BY)


class AccountQuery(ListQuery, frozen=True, kw_only=True):
    band: list[str] = []
    stage: list[str] = []
    owner: str | None = None
    segment: str | None = None
    tag: list[str] = []
    search: str = ""


class AccountRow(msgspec.Struct):
    key: str
    name: str
    stage: str
    status: str
    score: str | None
    shown: int | None
    band: str
    coverage: str | None
    provisional: bool
    held: bool
    change: str | None
    reason: str
    day: date | None
    renewal_on: date | None
    contract_value: str | None
    currency: str
    tags: list[str]


class AccountsView(AccountsIn):
    scopes = {**AccountsIn.scopes, "GET": "read"}

    def get_renderers(self) -> list[BaseRenderer]:
        """Only the list has rows that CSV could hold."""
        reads = self.request.method in {"GET", "HEAD"}
        return [JsonRenderer(), CsvRenderer()] if reads else [JsonRenderer()]

    @documented("Accounts with their health", query=AccountQuery, answer=page_of(AccountRow),
                csv=True, tag="Scores out")  # fmt: skip
    def get(self, request: Request) -> Response:
        asked = query(request, AccountQuery)
        wanted = _wanted(asked)
        after = None
        if asked.cursor:
            after = Cursor.read(asked.cursor, wanted.sort)
            if after is None:
                raise InvalidInput.at(
                    "cursor", _("Use the cursor of the page before, with the same ordering.")
                )
        found = page(wanted, after=after, size=asked.limit)
        cards = compiled_versions({line.version_id for line in found.lines if line.version_id})
        bands = {
            pk: {index: band.key for index, band in enumerate(card.bands)}
            for pk, card in cards.items()
        }
        rows = [_row(line, bands) for line in found.lines]
        following = str(found.following) if found.following else None
        return page_response(request, rows, following)


def _wanted(asked: AccountQuery) -> Wanted:
    segment = None if asked.segment is None else segment_id(asked.segment)
    if asked.segment is not None and segment is None:
        message = _("There is no segment “%(key)s”.")
        raise InvalidInput.at("segment", message % {"key": asked.segment})
    name = asked.ordering.removeprefix("-") or "score"
    if name not in ORDERINGS:
        raise InvalidInput.at(
            "ordering",
            _("Order by one of: %(names)s; with “-” descending.") % {"names": ", ".join(ORDERINGS)},
        )
    sign = "-" if asked.ordering.startswith("-") else ""
    return Wanted(
        text=asked.search,
        bands=tuple(asked.band),
        stages=tuple(asked.stage),
        owner=_owner(asked.owner),
        segment=segment,
        tags=tuple(asked.tag),
        with_tags=True,
        sort=sign + SORTED_BY.get(name, name),
    )


def _owner(email: str | None) -> int | None:
    """The member's id; nobody has the id −1, so that a stranger's e-mail finds nothing."""
    if email is None:
        return None
    found = Membership.objects.filter(user__email=email.lower()).values_list("user_id", flat=True)
    return found.first() or -1


def _row(line: Line, bands: dict[int, dict[int, str]]) -> AccountRow:
    value = line.contract_value_cents
    of_version = bands.get(line.version_id or 0, {})
    return AccountRow(
        key=line.key,
        name=line.name,
        stage=line.stage,
        status=line.status,
        score=decimal(line.score),
        shown=None if line.score is None else shown(line.score),
        band=of_version.get(-1 if line.band is None else line.band, UNKNOWN.key),
        coverage=decimal(line.coverage),
        provisional=line.provisional,
        held=line.held,
        change=decimal(line.change),
        reason=reasons_text(line.reasons[:2]),
        day=line.day,
        renewal_on=line.renewal_on,
        contract_value=None if value is None else amount(value, line.currency),
        currency=line.currency,
        tags=line.tags,
    )
