"""The portfolio as a whole: who moved between two days, and how it is spread over the bands."""

from typing import Any

from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from accounts.access import WorkspaceRequest
from scoring.analysis.accounts import read_accounts
from scoring.analysis.choice import Choice, read_choice
from scoring.analysis.distribution import Distribution, read_distribution, switches, tables
from scoring.analysis.files import FORMS, answer
from scoring.analysis.menus import clear_all, counted, menus
from scoring.analysis.moved_rows import moved_table
from scoring.analysis.movers import read_movers
from scoring.analysis.movers_page import file_places, flows, listed
from scoring.analysis.tabs import tabs
from scoring.pages.publish import headline
from scoring.portfolio import filters
from scoring.portfolio.summary import Cell, owners

MOVED_OVER = (7, 30, 90)
COURSES = (91, 182, 364)
PARTS = ("weeks", "metrics", "groups")


@require_safe
def movers(request: WorkspaceRequest, slug: str) -> HttpResponseBase:
    choice, cells = _choice(request, MOVED_OVER, usual=7)
    context = framed(request, choice, cells, "movers")
    if choice.scorecard is None:
        return render(request, "scoring/analysis/movers.html", context)
    accounts = read_accounts(choice.whose)
    found = read_movers(choice.scorecard, accounts, choice.first, choice.last, today=choice.today)
    if (form := request.GET.get("format")) in FORMS:
        places, language = file_places(choice, found), get_language() or "en"
        table = moved_table(found, places, workspace=request.workspace, language=language)
        return answer(form, f"movers-{slug}-{choice.last}", [table])
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
        choice, choice.scorecard, people=owners(cells), workspace=request.workspace
    )
    if (form := request.GET.get("format")) in FORMS:
        return _tables(form, request.GET.get("part", ""), f"distribution-{slug}", choice, found)
    context |= {
        "found": found,
        "switches": switches(choice, found),
        "files": {part: choice.url(format="csv", part=part) for part in PARTS},
    }
    return render(request, "scoring/analysis/distribution.html", context)


def _tables(
    form: str, part: str, name: str, choice: Choice, found: Distribution
) -> HttpResponseBase:
    """A workbook has all parts, CSV the one that is asked for."""
    parts = tables(found)
    parts.sort(key=lambda table: table.name != part and form == "csv")
    return answer(form, f"{name}-{parts[0].name}-{choice.last}", parts)


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
        "xlsx_url": choice.url(format="xlsx"),
        "accounts_exist": bool(cells),
    }
