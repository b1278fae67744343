"""The whole timeline of an account: filtered by kind and period, searched, page by page."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.access import WorkspaceRequest
from accounts.models import Account
from scoring.addresses import Address, cleaned
from scoring.menus import Menu, always, one, several
from scoring.models import Scorecard
from scoring.pages.account_timeline import primary_scorecard_id
from scoring.timeline.pages import page
from scoring.timeline.wanted import KINDS, Place, Wanted
from scoring.views.account import account_scorecard

ALL = "all"
PERIODS = {"30": 30, "90": 90, "365": 365}
MOST_WORDS = 8


@require_safe
def timeline(request: WorkspaceRequest, slug: str, key: str) -> HttpResponse:
    account = Account.objects.select_related("owner").filter(key=key).first()
    if account is None:
        # An account's key may end like this address.
        return account_scorecard(request, slug, f"{key}/timeline")
    query = cleaned(request.GET)
    address = Address(query)
    today = request.workspace.day_of(timezone.now())
    cards = list(Scorecard.objects.kept().order_by("rank", "id").only("key", "name"))
    scorecard = _scorecard(query.get("scorecard", ""), account, cards)
    found = page(
        request.workspace,
        account,
        _wanted(address, account, today, scorecard),
        after=Place.read(query.get("after", "")),
        before=Place.read(query.get("before", "")),
    )
    filtered = any(query.get(name) for name in ("kind", "period", "q"))
    context = {
        "nav": "accounts",
        "account": account,
        "today": today,
        "page": found,
        "menus": _menus(address, cards, scorecard),
        "filtered": filtered,
        "clear_all_url": request.path if filtered else "",
        "search": query.get("q", ""),
        "kept": address.fields("q"),
        "previous_url": address.url(before=found.previous) if found.previous else "",
        "next_url": address.url(after=found.following) if found.following else "",
        "account_url": reverse("account_scorecard", args=[slug, account.key]),
    }
    return render(request, "scoring/timeline.html", context)


def _scorecard(key: str, account: Account, cards: Sequence[Scorecard]) -> Scorecard | None:
    """The one that is asked for, or the account's primary one; None for all of them."""
    asked = next((card for card in cards if card.key == key), None)
    if asked is not None or key == ALL:
        return asked
    primary = primary_scorecard_id(account)
    return next((card for card in cards if card.pk == primary), None)


def _wanted(address: Address, account: Account, today: date, scorecard: Scorecard | None) -> Wanted:
    query = address.query
    days = PERIODS.get(query.get("period", ""))
    return Wanted(
        account_id=account.pk,
        last=today,
        first=today - timedelta(days=days - 1) if days else None,
        kinds=frozenset(query.getlist("kind")) & frozenset(KINDS),
        scorecard_id=scorecard.pk if scorecard else None,
        words=tuple(query.get("q", "").lower().split()[:MOST_WORDS]),
    )


def _menus(address: Address, cards: Sequence[Scorecard], scorecard: Scorecard | None) -> list[Menu]:
    kinds: list[tuple[str, Any, Any]] = [(key, label, None) for key, label in KINDS.items()]
    periods = [("30", _("30 days")), ("90", _("90 days")), ("365", _("1 year"))]
    scores = [*((card.key, card.name) for card in cards), (ALL, _("All"))]
    chosen = scorecard.key if scorecard else ALL
    return [
        several(address, "kind", _("Kind"), kinds),
        one(address, "period", _("Period"), periods),
        always(address, "scorecard", _("Bands of"), scores, chosen),
    ]
