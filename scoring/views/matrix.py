"""Accounts against metrics: a heat map, its file, and scores that are set by hand in it."""

import json
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.access import WorkspaceRequest, scorers_only
from accounts.models import Account
from scoring.analysis.choice import most_used
from scoring.analysis.files import FORMS, answer
from scoring.analysis.heat import Heat, read_foot, read_heat, sorted_by_metric
from scoring.analysis.heat_table import Asked, heat_table
from scoring.analysis.menus import counted
from scoring.analysis.tabs import tabs
from scoring.forms.measurement import MeasurementForm
from scoring.menus import Menu, always
from scoring.models import Scorecard
from scoring.pages.cell import Setting, read_cell_setting
from scoring.portfolio import filters
from scoring.portfolio.choice import Choice, read_choice
from scoring.portfolio.pages import Line, page, these
from scoring.portfolio.summary import Cell, summarize
from scoring.portfolio.wanted import Cursor, Wanted
from scoring.views.account_answers import account_of, evaluate_today
from scoring.views.by_hand import explained, manual_metric, recorded

TEMPLATE, ROW = "scoring/analysis/matrix.html", "scoring/analysis/heat_row.html"


@dataclass(frozen=True)
class Shown:
    """What the address asks for: which accounts in which order, against which scorecard."""

    request: WorkspaceRequest
    today: date

    @cached_property
    def cells(self) -> list[Cell]:
        return counted(self.request.workspace, self.today)

    @cached_property
    def cards(self) -> list[Scorecard]:
        return list(Scorecard.objects.active())

    @cached_property
    def card(self) -> Scorecard | None:
        asked = self.request.GET.get("scorecard")
        named = next((card for card in self.cards if card.key == asked), None)
        return named or most_used(self.cards, self.cells)

    @cached_property
    def choice(self) -> Choice:
        request, user_id = self.request, self.request.user.pk
        found = read_choice(
            request.GET, workspace=request.workspace, user_id=user_id, today=self.today
        )
        if self.card is None:
            return found
        sort = found.query.get("sort", "")
        wanted = sorted_by_metric(found.wanted, self.card, sort, today=self.today)
        return replace(found, wanted=wanted)

    def heat(self, card: Scorecard, lines: list[Line]) -> Heat:
        return read_heat(
            card,
            lines,
            workspace=self.request.workspace,
            today=self.today,
            settable=self.request.membership.can_score,
            edit_query=self.request.GET.urlencode(),
        )


def shown(request: WorkspaceRequest) -> Shown:
    return Shown(request, request.workspace.day_of(timezone.now()))


@require_safe
def matrix(request: WorkspaceRequest, slug: str) -> HttpResponseBase:
    asked = shown(request)
    if asked.card is None:
        context = {"choice": asked.choice, "accounts_exist": bool(asked.cells)}
        return render(request, TEMPLATE, _framed(asked) | context)
    if (form := request.GET.get("format")) in FORMS:
        return _file(asked, asked.card, form)
    return render(request, TEMPLATE, _framed(asked) | _listed(asked, asked.card))


def _framed(asked: Shown) -> dict[str, Any]:
    return {
        "nav": "accounts",
        "choice": asked.choice,
        "tabs": tabs(asked.choice.query, asked.request.workspace, "matrix"),
        "accounts_exist": bool(asked.cells),
        "card": asked.card,
    }


def _listed(asked: Shown, card: Scorecard) -> dict[str, Any]:
    choice, query = asked.choice, asked.request.GET
    sort = choice.wanted.sort
    found = page(
        choice.wanted,
        after=Cursor.read(query.get("after", ""), sort),
        before=Cursor.read(query.get("before", ""), sort),
    )
    heat = asked.heat(card, found.lines)
    return {
        "heat": heat,
        "foot": read_foot(card, choice.wanted, heat, today=asked.today),
        "menus": _menus(asked, card),
        "clear_all_url": filters.clear_all(choice),
        "whose": filters.whose(choice),
        "previous_url": choice.url(before=found.previous) if found.previous else "",
        "next_url": choice.url(after=found.following) if found.following else "",
        "csv_url": choice.url(format="csv"),
        "xlsx_url": choice.url(format="xlsx"),
    }


def _menus(asked: Shown, card: Scorecard) -> list[Menu]:
    options = [(each.key, each.name) for each in asked.cards]
    first = [always(asked.choice, "scorecard", _("Scorecard"), options, card.key)]
    request, summary = asked.request, summarize(asked.cells)
    others = filters.menus(asked.choice, asked.cells, summary, request.workspace, request.user.pk)
    return [*(first if options[1:] else []), *others]


def _file(asked: Shown, card: Scorecard, form: str) -> HttpResponseBase:
    workspace = asked.request.workspace
    language = get_language() or "en"
    table = heat_table(Asked(card, asked.choice.wanted, workspace, asked.today, language))
    return answer(form, f"matrix-{workspace.slug}-{asked.today}", [table])


@require_safe
@scorers_only
def cell(request: WorkspaceRequest, slug: str, metric: str, key: str) -> HttpResponse:
    """The account's row with the form of a score that is set by hand."""
    account = account_of(key)
    if not request.htmx:
        return redirect(_on_its_page(request, account, metric))
    card, found = manual_metric(request.GET.get("scorecard", ""), metric)
    return _row(request, account, read_cell_setting(card, found, account))


@require_safe
def row(request: WorkspaceRequest, slug: str, key: str) -> HttpResponse:
    """The account's row as it stands in the matrix."""
    account = account_of(key)
    if not request.htmx:
        return redirect(_matrix(request))
    return _row(request, account, focus=request.GET.get("metric", ""))


@require_POST
@scorers_only
def set_cell(request: WorkspaceRequest, slug: str, metric: str, key: str) -> HttpResponse:
    """Records the value and evaluates the account at once; answers with its row and the means."""
    account, moment = account_of(key), timezone.now()
    card, found = manual_metric(request.GET.get("scorecard", ""), metric)
    form = MeasurementForm(found, request.POST)
    if not (
        form.is_valid()
        and explained(account, card, form)
        and recorded(request, account, card, form, moment)
    ):
        if not request.htmx:
            return redirect(_on_its_page(request, account, metric))
        return _row(request, account, read_cell_setting(card, found, account, form), status=422)
    evaluate_today(request, account, moment)
    if not request.htmx:
        return redirect(_matrix(request))
    response = _row(request, account, focus=metric, means=True)
    done = _("%(metric)s of %(account)s is set.") % {"metric": found.name, "account": account.name}
    response["HX-Trigger"] = json.dumps({"toast": {"level": "success", "text": done}})
    return response


def _row(
    request: WorkspaceRequest,
    account: Account,
    setting: Setting | None = None,
    *,
    focus: str = "",
    means: bool = False,
    status: int = 200,
) -> HttpResponse:
    asked, lines = shown(request), these(Wanted(), [account.pk])
    if asked.card is None or not lines:
        raise Http404
    heat = asked.heat(asked.card, lines)
    context = {
        "heat": heat,
        "row": heat.rows[0],
        "setting": setting,
        "focus": focus,
        "query": request.GET.urlencode(),
    }
    if means:
        context["foot"] = read_foot(asked.card, asked.choice.wanted, heat, today=asked.today)
    return render(request, ROW, context, status=status)


def _matrix(request: WorkspaceRequest) -> str:
    return f"{reverse('matrix', args=[request.workspace.slug])}?{request.GET.urlencode()}"


def _on_its_page(request: WorkspaceRequest, account: Account, metric: str) -> str:
    url = reverse("account_scorecard", args=[request.workspace.slug, account.key])
    given = {"scorecard": request.GET.get("scorecard", ""), "metric": metric}
    return f"{url}?{urlencode({name: value for name, value in given.items() if value})}"
