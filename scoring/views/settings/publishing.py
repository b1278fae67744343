"""A scorecard's draft is looked at, published or discarded; documents come and go."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from accounts.access import WorkspaceRequest, admins_only
from accounts.errors import InvalidInput
from accounts.views.settings.sections import show
from scoring.documents import read_document, write_document
from scoring.forms.problems import sentence
from scoring.forms.scorecard import DocumentForm
from scoring.models import Scorecard
from scoring.pages.publish import begun_with, changes_of, headline, listed, overtaken_by, using
from scoring.services.drafts import (
    Seen,
    canonical,
    discard_draft,
    document_of,
    fingerprint,
    outdated,
    publish_draft,
    replace_draft,
)
from scoring.services.trial import trial
from scoring.version_history import difference_from
from scoring.views.settings.builder import SECTION, frame, scorecard_of

TEMPLATE = "scoring/settings/publish.html"
FIRST_SECONDS, STEP_SECONDS = 1.0, 3.0
"""Of counting before the page answers, and before each of its next steps does."""
FRAGMENTS = ("moves", "listed")


@require_safe
@admins_only
@vary_on_headers("HX-Request", "HX-Target")
def preview(request: WorkspaceRequest, slug: str, key: str) -> HttpResponse:
    """What publishing the draft would do. A large portfolio is counted step by step."""
    scorecard = scorecard_of(key)
    fragment = request.htmx.target in FRAGMENTS and not request.htmx.history_restore_request
    seconds = STEP_SECONDS if fragment else FIRST_SECONDS
    context = moves_context(request, scorecard, seconds)
    if fragment:
        return render(request, f"{TEMPLATE}#{request.htmx.target}", context)
    context |= frame(request, scorecard, "settings_preview") | draft_context(scorecard)
    return show(request, TEMPLATE, context, current=SECTION)


def moves_context(
    request: WorkspaceRequest, scorecard: Scorecard, seconds: float
) -> dict[str, Any]:
    context: dict[str, Any] = {"scorecard": scorecard, "problems": []}
    try:
        found = trial(
            workspace=request.workspace,
            document=document_of(scorecard),
            moment=timezone.now(),
            seconds=seconds,
            afresh=request.GET.get("afresh") == "1",
        )
    except InvalidInput as error:
        return {**context, "problems": [(p.path, sentence(p.message)) for p in error.problems]}
    if not found.complete:
        return {**context, "trial": found}
    matrix = found.matrix()
    context |= {"trial": found, "matrix": matrix, "headline": headline(matrix)}
    return {**context, "listed": listed(found, matrix, request.GET)}


def draft_context(scorecard: Scorecard) -> dict[str, Any]:
    document = document_of(scorecard)
    try:
        changes = changes_of(scorecard, document)
    except InvalidInput:
        changes = []
    version = scorecard.current_version
    later = overtaken_by(scorecard) if outdated(scorecard) else []
    return {
        "changes": changes,
        "using": using(scorecard.key),
        "fingerprint": fingerprint(document),
        "replaces": version.number if version else "",
        "later": later,
        "later_changes": difference_from(begun_with(scorecard), later[-1]) if later else [],
        "next_number": version.number + 1 if version else 1,
    }


@require_POST
@admins_only
def publish(request: WorkspaceRequest, slug: str, key: str) -> HttpResponse:
    moment = timezone.now()
    seen = Seen(request.POST.get("draft", ""), request.POST.get("replaces", ""))
    try:
        version = publish_draft(
            scorecard=scorecard_of(key),
            note=request.POST.get("note", "").replace("\0", "").strip()[:2000],
            by=request.user,
            today=request.workspace.day_of(moment),
            moment=moment,
            seen=seen,
        )
    except InvalidInput as error:
        messages.error(request, " ".join(sentence(p.message) for p in error.problems[:5]))
        return redirect("settings_preview", slug, key)
    text = _("Version %(number)s is published; every account is being scored with it.")
    messages.success(request, text % {"number": version.number})
    return redirect("settings_version", slug, key, version.number)


@require_POST
@admins_only
def discard(request: WorkspaceRequest, slug: str, key: str) -> HttpResponse:
    scorecard = scorecard_of(key)
    discard_draft(scorecard=scorecard)
    if scorecard.pk is None:
        messages.success(request, _("“%(name)s” is deleted.") % {"name": scorecard.name})
        return redirect("settings_scorecards", slug)
    messages.success(request, _("The draft is discarded."))
    return redirect("settings_scorecard", slug, key)


@require_http_methods(["GET", "HEAD", "POST"])
@admins_only
def document(request: WorkspaceRequest, slug: str, key: str) -> HttpResponse:
    scorecard = scorecard_of(key)
    problems = []
    if request.method == "POST":
        form = DocumentForm(request.POST, request.FILES)
        try:
            if form.is_valid():
                replace_draft(scorecard=scorecard, document=read_document(form.document_text))
                messages.success(request, _("The document is the draft now."))
                return redirect("settings_scorecard", slug, key)
        except InvalidInput as error:
            problems = error.problems
        typed = form.cleaned_data.get("file") or request.POST.get("text", "")
        form = DocumentForm(initial={"text": typed}) if problems else form
    else:
        form = DocumentForm(initial={"text": write_document(canonical(document_of(scorecard)))})
    context = frame(request, scorecard, "settings_document")
    context |= {"form": form, "problems": problems}
    status = 422 if problems or form.errors else 200
    return show(request, "scoring/settings/document.html", context, current=SECTION, status=status)


@require_safe
@admins_only
def download(request: WorkspaceRequest, slug: str, key: str) -> HttpResponse:
    scorecard = scorecard_of(key)
    text = write_document(canonical(document_of(scorecard)))
    headers = {"Content-Disposition": f'attachment; filename="{scorecard.key}.yaml"'}
    return HttpResponse(text, content_type="application/yaml; charset=utf-8", headers=headers)
