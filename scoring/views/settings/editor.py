"""The editor of a scorecard: its tree with weights, and what concerns the whole."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.access import WorkspaceRequest, admins_only
from accounts.views.settings.sections import section_crumbs, show
from scoring import drafts
from scoring.drafts import Document, Kind, NotInDraft
from scoring.forms.problems import place_problems
from scoring.forms.rows import Number, to_number
from scoring.forms.scorecard import ScorecardForm
from scoring.models import Scorecard, ScorecardVersion
from scoring.pages.draft import tree, unplaced
from scoring.services.drafts import canonical, change_draft, document_of, problems_of
from scoring.views.settings.schemes import scheme_choices

SECTION = "settings_scorecards"
TEMPLATE = "scoring/settings/scorecard.html"
KINDS: tuple[Kind, ...] = ("groups", "metrics")


def scorecard_of(key: str) -> Scorecard:
    found = Scorecard.objects.select_related("current_version__published_by")
    scorecard: Scorecard = get_object_or_404(found, key=key)
    return scorecard


def frame(request: WorkspaceRequest, scorecard: Scorecard, tab: str) -> dict[str, Any]:
    """What every tab of a scorecard shows: its name, its state, the other tabs."""
    slug, document = request.workspace.slug, document_of(scorecard)
    versions = ScorecardVersion.objects.filter(scorecard=scorecard).count()
    tabs = (
        (_("Metrics"), "settings_scorecard", ""),
        (_("Versions"), "settings_versions", versions),
        (_("Document"), "settings_document", ""),
    )
    return {
        "scorecard": scorecard,
        "version": scorecard.current_version,
        "document": document,
        "publishable": any(drafts.metrics_of(document)) and not problems_of(document),
        "crumbs": section_crumbs(request, _("Scorecards"), SECTION),
        "tabs": [
            {
                "label": label,
                "url": reverse(name, args=[slug, scorecard.key]),
                "current": name == tab,
                "count": count,
            }
            for label, name, count in tabs
        ],
    }


def editor_context(
    request: WorkspaceRequest,
    scorecard: Scorecard,
    *,
    form: ScorecardForm | None = None,
    weights: dict[str, str] | None = None,
) -> dict[str, Any]:
    """`weights`: what was typed where a weight should be, by field."""
    context = frame(request, scorecard, "settings_scorecard")
    document = context["document"]
    problems = problems_of(document)
    rows = tree(document, problems)
    for row in rows:
        if weights and row.field in weights:
            row.weight = weights[row.field]
            row.problems.append(_("Enter a number that is not negative."))
    context |= {
        "rows": rows,
        "problems": unplaced(document, problems),
        "form": form or ScorecardForm(None, document=document, schemes=scheme_choices()),
    }
    return context


@require_safe
@admins_only
def scorecard_editor(request: WorkspaceRequest, slug: str, key: str) -> HttpResponse:
    context = editor_context(request, scorecard_of(key))
    return show(request, TEMPLATE, context, current=SECTION)


def change(scorecard: Scorecard, edit: Callable[[Document], Document]) -> Scorecard:
    """A group or metric that is gone meanwhile is a 404."""
    try:
        return change_draft(scorecard=scorecard, change=edit)
    except NotInDraft as error:
        raise Http404 from error


@require_POST
@admins_only
def save_scorecard(request: WorkspaceRequest, slug: str, key: str) -> HttpResponse:
    scorecard = scorecard_of(key)
    document = document_of(scorecard)
    form = ScorecardForm(request.POST, document=document, schemes=scheme_choices())
    if form.is_valid():
        fields = form.fields_of_document()
        edited = canonical(drafts.set_fields(document, fields))
        found = {p.path: [p.message] for p in problems_of(edited)}
        own = {path: found[path] for path in found if not path.startswith("groups")}
        place_problems(form, own)
    if form.errors:
        context = editor_context(request, scorecard, form=form)
        return show(request, TEMPLATE, context, current=SECTION, status=422)
    change(scorecard, lambda before: drafts.set_fields(before, fields))
    messages.success(request, _("Saved in the draft."))
    return redirect("settings_scorecard", slug, key)


@require_POST
@admins_only
def save_weights(request: WorkspaceRequest, slug: str, key: str) -> HttpResponse:
    scorecard = scorecard_of(key)
    weights, wrong = posted_weights(request)
    if wrong:
        context = editor_context(request, scorecard, weights=wrong)
        if request.htmx:
            return render(request, f"{TEMPLATE}#shares", context, status=422)
        return show(request, TEMPLATE, context, current=SECTION, status=422)
    scorecard = change(scorecard, lambda before: drafts.set_weights(before, weights))
    if not request.htmx:
        messages.success(request, _("Saved in the draft."))
        return redirect("settings_scorecard", slug, key)
    return render(request, f"{TEMPLATE}#shares", editor_context(request, scorecard))


def posted_weights(
    request: WorkspaceRequest,
) -> tuple[dict[Kind, dict[str, Number]], dict[str, str]]:
    """Weights by key, and what is no weight by field."""
    weights: dict[Kind, dict[str, Number]] = {"groups": {}, "metrics": {}}
    wrong: dict[str, str] = {}
    for field, text in request.POST.items():
        kind, _dash, key = field.partition("-")
        if kind not in KINDS:
            continue
        number = to_number(str(text))
        if number is None or not (number == 0 or 0.000001 <= number <= 1_000_000):
            wrong[field] = str(text)
        else:
            weights["groups" if kind == "groups" else "metrics"][key] = number
    return weights, wrong


@require_POST
@admins_only
def move(request: WorkspaceRequest, slug: str, key: str) -> HttpResponse:
    """`up` or `down` names the group or metric: the buttons of one form."""
    by = -1 if "up" in request.POST else 1
    field = request.POST.get("up") or request.POST.get("down") or ""
    kind, _dash, node = field.partition("-")
    if kind not in KINDS:
        raise Http404
    placed: Kind = "groups" if kind == "groups" else "metrics"
    scorecard = change(scorecard_of(key), lambda before: drafts.move(before, placed, node, by))
    if not request.htmx:
        return redirect("settings_scorecard", slug, key)
    return render(request, f"{TEMPLATE}#tree", editor_context(request, scorecard))
