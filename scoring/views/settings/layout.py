"""How the page of an account is arranged, for everybody at once; a stage may have its own."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import WorkspaceRequest, admins_only
from accounts.errors import InvalidInput
from accounts.models import Account
from accounts.views.settings.sections import show
from scoring.forms.layout import Sheet, document_of, moved, posted
from scoring.layouts import document_for
from scoring.models import Layout
from scoring.pages.layout_sheets import read_sheets
from scoring.pages.options import stages
from scoring.services.layouts import remove_layout, save_layout

SECTION = "settings_layout"
CHOOSABLE = ("fact", "metric")
MOVES = {"up": -1, "down": 1}


@require_http_methods(["GET", "HEAD", "POST"])
@admins_only
def layout(request: WorkspaceRequest, slug: str) -> HttpResponse:
    stage = request.GET.get("stage", "")
    document = document_for(stage)
    sheets = read_sheets(document)
    if request.method != "POST":
        usual = [kind for kind in CHOOSABLE if getattr(document, f"{kind}s") is None]
        return _page(request, stage, sheets, usual)
    sheets = {kind: posted(sheet, request.POST) for kind, sheet in sheets.items()}
    usual = [kind for kind in CHOOSABLE if request.POST.get(f"{kind}-usual")]
    move = next((way for way in MOVES if way in request.POST), "")
    if move:
        kind, _dash, name = request.POST[move].partition("-")
        sheets = {k: moved(s, name, MOVES[move]) if k == kind else s for k, s in sheets.items()}
        return _page(request, stage, sheets, [other for other in usual if other != kind])
    try:
        given = document_of(sheets, usual)
        save_layout(stage=stage, document=given, moment=timezone.now(), by=request.user)
    except InvalidInput as error:
        problems = [problem.message for problem in error.problems]
        return _page(request, stage, sheets, usual, problems)
    messages.success(request, _("Saved. Everybody sees the page like this now."))
    return redirect(_address(request, stage))


@require_POST
@admins_only
def forget_layout(request: WorkspaceRequest, slug: str) -> HttpResponse:
    stage = request.POST.get("stage", "")
    remove_layout(stage=stage, by=request.user)
    messages.success(request, _("The page is as it usually is again."))
    return redirect(_address(request, stage))


def _address(request: WorkspaceRequest, stage: str) -> str:
    query = {"stage": stage} if stage else None
    return reverse(SECTION, args=[request.workspace.slug], query=query)


def _page(
    request: WorkspaceRequest,
    stage: str,
    sheets: dict[str, Sheet],
    usual: list[str],
    problems: list[str] | None = None,
) -> HttpResponse:
    kept = set(Layout.objects.values_list("stage", flat=True))
    known = stages(sorted(kept - {""}) + ([stage] if stage else []))
    choices = [("", _("All stages")), *((name, name) for name in known)]
    context: dict[str, Any] = {
        "stage": stage,
        "own": stage in kept,
        "sheets": list(sheets.values()),
        "usual": {kind: kind in usual for kind in CHOOSABLE},
        "sample": (Account.objects.filter(stage=stage) if stage else Account.objects).first(),
        "problems": problems,
        "ways": [("up", _("Up")), ("down", _("Down"))],
        "stages": [
            {"label": label, "url": _address(request, name), "current": name == stage}
            for name, label in choices
        ],
    }
    return show(
        request,
        "scoring/settings/layout.html",
        context,
        current=SECTION,
        status=422 if problems else 200,
    )
