"""The list of scorecards, and how one begins."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import WorkspaceRequest, admins_only
from accounts.errors import InvalidInput
from accounts.views.settings.sections import section_crumbs, show
from scoring.drafts import metrics_of
from scoring.forms.problems import place_problems
from scoring.forms.scorecard import NewScorecardForm
from scoring.models import Scorecard
from scoring.services.drafts import create_scorecard, document_of
from scoring.services.drafts import switch as switch_scorecard
from scoring.starters import STARTERS, starter
from scoring.views.settings.schemes import scheme_names

SECTION = "settings_scorecards"


@require_safe
@admins_only
def scorecards(request: WorkspaceRequest, slug: str) -> HttpResponse:
    names = scheme_names()
    rows: list[dict[str, Any]] = []
    for scorecard in Scorecard.objects.ranked():
        document = document_of(scorecard)
        scheme = (
            _("its own") if document.get("bands") else names.get(document.get("scheme", "ryg"), "–")
        )
        count = sum(1 for _place in metrics_of(document))
        rows.append({"scorecard": scorecard, "scheme": scheme, "metrics": count})
    return show(request, "scoring/settings/scorecards.html", {"rows": rows}, current=SECTION)


@require_POST
@admins_only
def switch(request: WorkspaceRequest, slug: str, key: str) -> HttpResponse:
    scorecard = get_object_or_404(Scorecard.objects.all(), key=key)
    active = request.POST.get("active") == "on"
    today = request.workspace.day_of(timezone.now())
    try:
        switch_scorecard(scorecard=scorecard, active=active, today=today)
    except InvalidInput as error:
        messages.error(request, error.problems[0].message)
        return redirect("settings_scorecards", slug)
    text = _("“%(name)s” is switched on.") if active else _("“%(name)s” is switched off.")
    messages.success(request, text % {"name": scorecard.name})
    return redirect("settings_scorecards", slug)


@require_http_methods(["GET", "HEAD", "POST"])
@admins_only
def new_scorecard(request: WorkspaceRequest, slug: str) -> HttpResponse:
    taken = set(Scorecard.objects.values_list("key", flat=True))
    form = NewScorecardForm(request.POST or None, taken=taken)
    chosen = request.POST.get("starter", STARTERS[0].key)
    if request.method == "POST" and form.is_valid():
        try:
            scorecard = create_scorecard(document=starter(chosen).document(), **form.cleaned_data)
            return redirect("settings_scorecard", slug, scorecard.key)
        except KeyError:
            form.add_error(None, _("Choose one of the starting points."))
        except InvalidInput as error:
            place_problems(form, {p.path: [p.message] for p in error.problems})
    context = {
        "form": form,
        "starters": STARTERS,
        "chosen": chosen,
        "crumbs": section_crumbs(request, _("Scorecards"), SECTION),
    }
    template = "scoring/settings/new_scorecard.html"
    status = 422 if form.errors else 200
    return show(request, template, context, current=SECTION, status=status)
