"""The list of scorecards: their order, on and off, archived and brought back."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.access import WorkspaceRequest, admins_only
from accounts.errors import InvalidInput
from accounts.views.settings.sections import show
from scoring.models import Scorecard
from scoring.pages.catalogue import lines
from scoring.pages.schemes import scheme_names
from scoring.services import arrangement
from scoring.services.drafts import switch as switch_scorecard

SECTION = "settings_scorecards"
TEMPLATE = "scoring/settings/scorecards.html"


@require_safe
@admins_only
def scorecards(request: WorkspaceRequest, slug: str) -> HttpResponse:
    return show(request, TEMPLATE, list_context(request), current=SECTION)


def list_context(request: WorkspaceRequest) -> dict[str, Any]:
    archived = list(Scorecard.objects.archived().select_related("current_version"))
    undo = request.GET.get("archived", "")
    return {
        "lines": lines(scheme_names(), today_of(request)),
        "archived": archived,
        "undo": next((card for card in archived if card.key == undo), None),
        "undo_active": request.GET.get("active") == "on",
    }


def today_of(request: WorkspaceRequest) -> Any:
    return request.workspace.day_of(timezone.now())


def found(key: str) -> Scorecard:
    cards = Scorecard.objects.select_related("current_version")
    scorecard: Scorecard = get_object_or_404(cards, key=key)
    return scorecard


@require_POST
@admins_only
def switch(request: WorkspaceRequest, slug: str, key: str) -> HttpResponse:
    scorecard = found(key)
    active = request.POST.get("active") == "on"
    try:
        switch_scorecard(scorecard=scorecard, active=active, today=today_of(request))
    except InvalidInput as error:
        messages.error(request, error.problems[0].message)
        return redirect("settings_scorecards", slug)
    text = _("“%(name)s” is switched on.") if active else _("“%(name)s” is switched off.")
    messages.success(request, text % {"name": scorecard.name})
    return redirect("settings_scorecards", slug)


@require_POST
@admins_only
def move_scorecard(request: WorkspaceRequest, slug: str, key: str) -> HttpResponse:
    by = -1 if "up" in request.POST else 1
    arrangement.move_scorecard(scorecard=found(key), by=by, today=today_of(request))
    if not request.htmx:
        return redirect("settings_scorecards", slug)
    return render(request, f"{TEMPLATE}#list", list_context(request))


@require_POST
@admins_only
def archive(request: WorkspaceRequest, slug: str, key: str) -> HttpResponse:
    """What is undone with a click asks for no confirmation."""
    scorecard, address = found(key), reverse("settings_scorecards", args=[slug])
    active = "&active=on" if scorecard.active else ""
    try:
        arrangement.archive(scorecard=scorecard, today=today_of(request), moment=timezone.now())
    except InvalidInput as error:
        messages.error(request, error.problems[0].message)
        return redirect(address)
    return redirect(f"{address}?archived={scorecard.key}{active}")


@require_POST
@admins_only
def bring_back(request: WorkspaceRequest, slug: str, key: str) -> HttpResponse:
    scorecard = found(key)
    active = request.POST.get("active") == "on"
    try:
        arrangement.bring_back(scorecard=scorecard, active=active, today=today_of(request))
    except InvalidInput as error:
        messages.error(request, error.problems[0].message)
        return redirect("settings_scorecards", slug)
    off = _("“%(name)s” is back. It is switched off; switch it on when it shall count.")
    text = _("“%(name)s” is back.") if scorecard.active else off
    messages.success(request, text % {"name": scorecard.name})
    return redirect("settings_scorecards", slug)
