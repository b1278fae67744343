"""The portfolio as a whole: who moved between two days, and how it is spread over the bands."""

from typing import Any

from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.access import WorkspaceRequest
from scoring.analysis.accounts import read_accounts
from scoring.analysis.choice import Choice, most_used, read_choice
from scoring.analysis.distribution import read_distribution, switches, weeks_text
from scoring.analysis.heat import read_heat
from scoring.analysis.menus import clear_all, counted, menus
from scoring.analysis.moved_rows import moved_lines
from scoring.analysis.movers import read_movers
from scoring.analysis.movers_page import file_places, flows, listed
from scoring.analysis.tabs import tabs
from scoring.menus import always
from scoring.models import Scorecard
from scoring.pages.publish import headline
from scoring.portfolio import filters
from scoring.portfolio.choice import read_choice as portfolio_choice
from scoring.portfolio.pages import page
from scoring.portfolio.summary import Cell, owners, summarize
from scoring.portfolio.wanted import Cursor
from scoring.views.usage.explorer import download

MOVED_OVER = (7, 30, 90)
COURSES = (91, 182, 364)


@require_safe
def movers(request: WorkspaceRequest, slug: str) -> HttpResponseBase:
    choice, cells = _choice(request, MOVED_OVER, usual=7)
    context = framed(request, choice, cells, "movers")
    if choice.scorecard is None:
        return render(request, "scoring/analysis/movers.html", context)
    accounts = read_accounts(choice.whose)
    found = read_movers(choice.scorecard, accounts, choice.first, choice.last, today=choice.today)
    if request.GET.get("format") == "csv":
        lines = moved_lines(
            found,
            file_places(choice, found),
            workspace=request.workspace,
            language=get_language() or "en",
        )
        return download(lines, f"movers-{slug}", choice.last)
    context |= {
        "movers": found,
        "headline": headline(found.matrix),
        "flows": flows(choice, found),
        "lists": listed(choice, found),
        "whole_url": choice.url(**{"was": [], "is": [], "show": []}),
    }
    return render(request, "scoring/analysis/movers.html", context)


@require_safe
def distribution(request: WorkspaceRequest, slug: str) -> HttpResponseBase:
    choice, cells = _choice(request, COURSES, usual=91)
    context = framed(request, choice, cells, "distribution")
    if choice.scorecard is None:
        return render(request, "scoring/analysis/distribution.html", context)
    found = read_distribution(
        choice,
        choice.scorecard,
        read_accounts(choice.whose),
        people=owners(cells),
        currency=request.workspace.currency,
    )
    if request.GET.get("format") == "csv":
        return download(weeks_text(found), f"distribution-{slug}", choice.last)
    context |= {"found": found, "switches": switches(choice, found)}
    return render(request, "scoring/analysis/distribution.html", context)


def _choice(
    request: WorkspaceRequest, lengths: tuple[int, ...], *, usual: int
) -> tuple[Choice, list[Cell]]:
    today = request.workspace.day_of(timezone.now())
    cells = counted(request.workspace, today)
    choice = read_choice(
        request.GET,
        user_id=request.user.pk,
        today=today,
        lengths=lengths,
        usual=usual,
        cells=cells,
    )
    return choice, cells


def framed(
    request: WorkspaceRequest, choice: Choice, cells: list[Cell], current: str
) -> dict[str, Any]:
    """What these pages have in common."""
    return {
        "nav": "accounts",
        "choice": choice,
        "tabs": tabs(choice.query, request.workspace, current),
        "menus": menus(choice, cells, request.user.pk),
        "whose": filters.whose(choice),
        "clear_all_url": clear_all(choice),
        "csv_url": choice.url(format="csv"),
        "accounts_exist": bool(cells),
    }


@require_safe
def matrix(request: WorkspaceRequest, slug: str) -> HttpResponseBase:
    workspace, user_id = request.workspace, request.user.pk
    today = workspace.day_of(timezone.now())
    cells = counted(workspace, today)
    choice = portfolio_choice(request.GET, workspace=workspace, user_id=user_id, today=today)
    cards = list(Scorecard.objects.active())
    named = next((each for each in cards if each.key == choice.query.get("scorecard")), None)
    card = named or most_used(cards, cells)
    context = {
        "nav": "accounts",
        "choice": choice,
        "tabs": tabs(choice.query, workspace, "matrix"),
        "accounts_exist": bool(cells),
        "card": card,
    }
    if card is None:
        return render(request, "scoring/analysis/matrix.html", context)
    sort = choice.wanted.sort
    found = page(
        choice.wanted,
        after=Cursor.read(request.GET.get("after", ""), sort),
        before=Cursor.read(request.GET.get("before", ""), sort),
    )
    heat = read_heat(
        card,
        found.lines,
        workspace=workspace,
        today=today,
        settable=request.membership.can_score,
    )
    options = [(each.key, each.name) for each in cards]
    summary = summarize(cells)
    context |= {
        "heat": heat,
        "menus": [
            *(
                [always(choice, "scorecard", _("Scorecard"), options, card.key)]
                if cards[1:]
                else []
            ),
            *filters.menus(choice, cells, summary, workspace, user_id),
        ],
        "clear_all_url": filters.clear_all(choice),
        "whose": filters.whose(choice),
        "previous_url": choice.url(before=found.previous) if found.previous else "",
        "next_url": choice.url(after=found.following) if found.following else "",
    }
    return render(request, "scoring/analysis/matrix.html", context)
