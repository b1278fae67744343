"""The versions of a scorecard: listed, looked at, compared, restored, downloaded."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.access import WorkspaceRequest, admins_only
from accounts.views.settings.sections import show
from scoring.documents import write_document
from scoring.models import Health, Scorecard, ScorecardVersion
from scoring.services.drafts import restore_version
from scoring.version_history import difference_from, one_version, past_versions
from scoring.versions import document_of
from scoring.views.settings.builder import SECTION, frame, scorecard_of

PAGE = 20
TAB = "settings_versions"


def version_of(scorecard: Scorecard, number: int | str) -> ScorecardVersion:
    if isinstance(number, str):
        if not number.isdecimal() or len(number) > 9:
            raise Http404
        number = int(number)
    found = ScorecardVersion.objects.filter(scorecard=scorecard).select_related("published_by")
    version: ScorecardVersion = get_object_or_404(found, number=number)
    return version


@require_safe
@admins_only
def versions(request: WorkspaceRequest, slug: str, key: str) -> HttpResponse:
    scorecard, before = scorecard_of(key), request.GET.get("before", "")
    known = int(before) if before.isdecimal() and len(before) < 10 else None
    rows = past_versions(scorecard, before=known, count=PAGE)
    numbers = ScorecardVersion.objects.filter(scorecard=scorecard).order_by("-number")
    context = {
        **frame(request, scorecard, TAB),
        "rows": rows,
        "older": rows[-1].version.number if rows and rows[-1].version.number > 1 else None,
        "newer": known is not None,
        "numbers": list(numbers.values_list("number", flat=True)),
    }
    return show(request, "scoring/settings/versions.html", context, current=SECTION)


@require_safe
@admins_only
def version(request: WorkspaceRequest, slug: str, key: str, number: int) -> HttpResponse:
    scorecard = scorecard_of(key)
    found = version_of(scorecard, number)
    scored = Health.objects.filter(scorecard_id=scorecard.pk, version_id=found.pk)
    context = {
        **frame(request, scorecard, TAB),
        "past": one_version(found),
        "text": write_document(document_of(found)),
        "scored": scored.count(),
    }
    return show(request, "scoring/settings/version.html", context, current=SECTION)


@require_safe
@admins_only
def compare(request: WorkspaceRequest, slug: str, key: str) -> HttpResponse:
    """Any two versions, in the order in which they are asked for."""
    scorecard = scorecard_of(key)
    before, after = (version_of(scorecard, request.GET.get(name, "")) for name in ("from", "to"))
    numbers = ScorecardVersion.objects.filter(scorecard=scorecard).order_by("-number")
    context = {
        **frame(request, scorecard, TAB),
        "before": before,
        "after": after,
        "differences": difference_from(before, after),
        "numbers": list(numbers.values_list("number", flat=True)),
    }
    return show(request, "scoring/settings/compare.html", context, current=SECTION)


@require_POST
@admins_only
def restore(request: WorkspaceRequest, slug: str, key: str, number: int) -> HttpResponse:
    """As the draft: it counts once it was looked at and published."""
    scorecard = scorecard_of(key)
    changed = restore_version(scorecard=scorecard, version=version_of(scorecard, number))
    if changed.draft is None:
        text = _("Version %(number)s says what is published already; there is nothing to restore.")
        messages.info(request, text % {"number": number})
        return redirect("settings_versions", slug, key)
    text = _("Version %(number)s is the draft now. Look at what it would do, then publish it.")
    messages.success(request, text % {"number": number})
    return redirect("settings_preview", slug, key)


@require_safe
@admins_only
def download_version(request: WorkspaceRequest, slug: str, key: str, number: int) -> HttpResponse:
    scorecard = scorecard_of(key)
    text = write_document(document_of(version_of(scorecard, number)))
    name = f"{scorecard.key}-{number}.yaml"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(text, content_type="application/yaml; charset=utf-8", headers=headers)
