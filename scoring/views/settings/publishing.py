"""A scorecard's draft is published or discarded; versions come back; documents come and go."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import WorkspaceRequest, admins_only
from accounts.errors import InvalidInput
from accounts.views.settings.sections import show
from scoring.documents import read_document, write_document
from scoring.forms.problems import sentence
from scoring.forms.scorecard import DocumentForm
from scoring.models import ScorecardVersion
from scoring.services.drafts import (
    canonical,
    discard_draft,
    document_of,
    publish_draft,
    replace_draft,
    restore_version,
)
from scoring.views.settings.editor import SECTION, frame, scorecard_of


@require_POST
@admins_only
def publish(request: WorkspaceRequest, slug: str, key: str) -> HttpResponse:
    moment = timezone.now()
    try:
        version = publish_draft(
            scorecard=scorecard_of(key),
            note=request.POST.get("note", "").replace("\0", "").strip()[:2000],
            by=request.user,
            today=request.workspace.day_of(moment),
            moment=moment,
        )
    except InvalidInput as error:
        messages.error(request, " ".join(sentence(p.message) for p in error.problems[:5]))
        return redirect("settings_scorecard", slug, key)
    text = _("Version %(number)s is published; every account is being scored with it.")
    messages.success(request, text % {"number": version.number})
    return redirect("settings_scorecard", slug, key)


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


@require_safe
@admins_only
def versions(request: WorkspaceRequest, slug: str, key: str) -> HttpResponse:
    scorecard = scorecard_of(key)
    found = ScorecardVersion.objects.filter(scorecard=scorecard).select_related("published_by")
    rows = [
        {"version": version, "restore_id": f"restore-{version.number}"}
        for version in found.order_by("-number")
    ]
    context = {**frame(request, scorecard, "settings_versions"), "rows": rows}
    return show(request, "scoring/settings/versions.html", context, current=SECTION)


@require_POST
@admins_only
def restore(request: WorkspaceRequest, slug: str, key: str, number: int) -> HttpResponse:
    scorecard = scorecard_of(key)
    wanted = ScorecardVersion.objects.filter(scorecard=scorecard)
    version = get_object_or_404(wanted, number=number)
    restore_version(scorecard=scorecard, version=version)
    text = _("Version %(number)s is the draft now; publish it to let it count.")
    messages.success(request, text % {"number": number})
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
