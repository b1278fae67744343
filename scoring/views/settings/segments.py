"""Segments: accounts that have something in common."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import WorkspaceRequest, admins_only
from accounts.errors import InvalidInput
from accounts.models import Account, Segment
from accounts.views.settings.sections import section_crumbs, show
from scoring.engine.document import DocumentError
from scoring.engine.segments import export_segment, parse_segment
from scoring.forms.segment import COMPARISONS, FIELDS, MOST_ROWS, SegmentForm
from scoring.inputs.segments import document_of
from scoring.pages.options import attributes
from scoring.segment_texts import conditions_text
from scoring.segments import count, matching, users_of
from scoring.services.segments import remove_segment, save_segment

SECTION = "settings_segments"


@require_safe
@admins_only
def segments(request: WorkspaceRequest, slug: str) -> HttpResponse:
    found = list(Segment.objects.order_by("name", "pk"))
    rows = [
        {
            "segment": segment,
            "text": conditions_text(document_of(segment).conditions),
            "count": len(ids),
            "users": users_of(segment),
        }
        for segment, ids in zip(found, matching(found), strict=True)
    ]
    context = {"rows": rows, "total": Account.objects.count()}
    return show(request, "scoring/settings/segments.html", context, current=SECTION)


@require_http_methods(["GET", "HEAD", "POST"])
@admins_only
def new_segment(request: WorkspaceRequest, slug: str) -> HttpResponse:
    return segment_page(request, None)


@require_http_methods(["GET", "HEAD", "POST"])
@admins_only
def edit_segment(request: WorkspaceRequest, slug: str, key: str) -> HttpResponse:
    return segment_page(request, get_object_or_404(Segment.objects.all(), key=key))


def segment_page(request: WorkspaceRequest, segment: Segment | None) -> HttpResponse:
    form = SegmentForm(
        request.POST or None,
        taken=set(Segment.objects.values_list("key", flat=True)) if segment is None else (),
        segment=export_segment(document_of(segment)) if segment else None,
    )
    saving = request.method == "POST" and "look" not in request.POST
    if saving and form.is_valid() and (saved := save(request, form)):
        messages.success(request, _("“%(name)s” is saved.") % {"name": saved.name})
        return redirect(SECTION, request.workspace.slug)
    if not saving:
        form.errors.clear()
    context = {
        "form": form,
        "segment": segment,
        "rows": form.conditions.with_spare(2, MOST_ROWS),
        "comparisons": COMPARISONS,
        "fields": list(dict.fromkeys([*FIELDS, *attributes()])),
        "users": users_of(segment) if segment else [],
        "crumbs": section_crumbs(request, _("Segments"), SECTION),
        **matches(form),
    }
    sound = not form.errors and form.conditions.valid
    template, status = "scoring/settings/segment.html", 200 if sound else 422
    return show(request, template, context, current=SECTION, status=status)


def save(request: WorkspaceRequest, form: SegmentForm) -> Segment | None:
    """None where something is wrong, told beside its field."""
    today = request.workspace.day_of(timezone.now())
    try:
        return save_segment(document=form.node(), today=today)
    except InvalidInput as error:
        found: dict[str, list[str]] = {}
        for problem in error.problems:
            found.setdefault(problem.path, []).append(problem.message)
        form.place(found)
        return None


def matches(form: SegmentForm) -> dict[str, Any]:
    """How many accounts belong to what is typed; nothing where it is no segment yet."""
    try:
        typed = parse_segment({"key": "typed", "name": "Typed", "conditions": form.nodes()})
    except DocumentError:
        return {}
    found, total = count(typed.conditions), Account.objects.count()
    return {"matching": found, "total": total, "text": conditions_text(typed.conditions)}


@require_POST
@admins_only
def remove(request: WorkspaceRequest, slug: str, key: str) -> HttpResponse:
    segment = get_object_or_404(Segment.objects.all(), key=key)
    try:
        remove_segment(segment=segment)
    except InvalidInput as error:
        messages.error(request, error.problems[0].message)
        return redirect("settings_segment", slug, key)
    messages.success(request, _("“%(name)s” is removed.") % {"name": segment.name})
    return redirect(SECTION, slug)
