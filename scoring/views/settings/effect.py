"""What the draft would do: the panel of the builder, and which accounts it watches."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from accounts.access import WorkspaceRequest, admins_only
from accounts.models import Account
from accounts.views.settings.sections import show
from scoring.models import Scorecard
from scoring.pages.effect import MOST, Effect, read_effect, usual_accounts
from scoring.services.drafts import document_of
from scoring.views.settings.builder import (
    PARTS,
    SECTION,
    TEMPLATE,
    builder_context,
    draft_of,
    editor_at,
    scorecard_of,
)

CHOSEN = "builder_accounts"


@require_safe
@admins_only
@vary_on_headers("HX-Request", "HX-Target")
def effect(request: WorkspaceRequest, slug: str, key: str) -> HttpResponse:
    """For a plain browser the whole page, with the panel in it."""
    scorecard, moment = scorecard_of(key), timezone.now()
    at = request.GET.get("at", "")
    if request.htmx and not request.htmx.history_restore_request:
        return answered(request, scorecard, at, request.GET.get("find", ""))
    draft = draft_of(request, scorecard, moment)
    context = builder_context(request, scorecard, editor_at(draft, at))
    context["effect"] = effect_of(request, scorecard, at, request.GET.get("find", ""))
    return show(request, TEMPLATE, context, current=SECTION)


@require_POST
@admins_only
def choose_accounts(request: WorkspaceRequest, slug: str, key: str) -> HttpResponse:
    """`add` and `drop` name an account each."""
    scorecard = scorecard_of(key)
    keys = chosen_keys(request, scorecard)
    add, drop = request.POST.get("add", ""), request.POST.get("drop", "")
    if add and add not in keys and Account.objects.filter(key=add).exists():
        keys = [add, *keys][:MOST]
    every = request.session.get(CHOSEN, {})
    every[session_key(request, scorecard)] = [each for each in keys if each != drop]
    request.session[CHOSEN] = every
    if request.htmx:
        return answered(request, scorecard, request.POST.get("at", ""), "")
    return redirect("settings_effect", slug, key)


def answered(request: WorkspaceRequest, scorecard: Scorecard, at: str, find: str) -> HttpResponse:
    found = effect_of(request, scorecard, at, find)
    context = {"effect": found, "scorecard": scorecard}
    return render(request, f"{PARTS}/effect.html", context)


def effect_of(request: WorkspaceRequest, scorecard: Scorecard, at: str, find: str) -> Effect:
    draft = draft_of(request, scorecard, timezone.now())
    keys = chosen_keys(request, scorecard)
    return read_effect(draft, keys=keys, at=at, find=find.replace("\0", "").strip()[:100])


def chosen_keys(request: WorkspaceRequest, scorecard: Scorecard) -> list[str]:
    every = request.session.get(CHOSEN, {})
    kept: list[str] | None = every.get(session_key(request, scorecard))
    return usual_accounts(document_of(scorecard)) if kept is None else kept


def session_key(request: WorkspaceRequest, scorecard: Scorecard) -> str:
    return f"{request.workspace.pk}/{scorecard.key}"
