"""Grading schemes: the three that ship, and the workspace's own."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import WorkspaceRequest, admins_only
from accounts.errors import InvalidInput
from accounts.views.settings.sections import section_crumbs, show
from scoring import bands
from scoring.forms.problems import in_words, place_problems
from scoring.forms.rows import Rows
from scoring.forms.scheme import (
    COLORS,
    COLUMNS,
    MOST_BANDS,
    SHAPE_CHOICES,
    SchemeForm,
    even_bands,
)
from scoring.models import Scheme
from scoring.pages.schemes import drawn, own_schemes, shipped_schemes
from scoring.services.configuration import save_scheme
from scoring.services.schemes import behind, remove_scheme, take_new_bands, users_of

SECTION = "settings_schemes"


@require_safe
@admins_only
def schemes(request: WorkspaceRequest, slug: str) -> HttpResponse:
    context = {"shipped": shipped_schemes(), "own": own_schemes()}
    return show(request, "scoring/settings/schemes.html", context, current=SECTION)


@require_http_methods(["GET", "HEAD", "POST"])
@admins_only
def new_scheme(request: WorkspaceRequest, slug: str) -> HttpResponse:
    taken = set(Scheme.objects.values_list("key", flat=True))
    return scheme_page(request, SchemeForm(request.POST or None, taken=taken), None)


@require_http_methods(["GET", "HEAD", "POST"])
@admins_only
def edit_scheme(request: WorkspaceRequest, slug: str, key: str) -> HttpResponse:
    scheme = get_object_or_404(Scheme.objects.all(), key=key)
    initial = {"name": scheme.name}
    form = SchemeForm(request.POST or None, taken=(), initial=initial, bands=scheme.bands)
    return scheme_page(request, form, scheme)


def scheme_page(request: WorkspaceRequest, form: SchemeForm, scheme: Scheme | None) -> HttpResponse:
    more, quick_error = request.POST.get("more"), ""
    if request.method == "POST" and more is None and form.is_valid():
        key = scheme.key if scheme else form.cleaned_data["key"]
        if save(form, key):
            text = _("“%(name)s” is saved.") % {"name": form.cleaned_data["name"]}
            messages.success(request, text)
            return after_save(request, key)
    elif more is not None:
        form.errors.clear()
        quick_error = fill(form, request.POST.get("labels", "")) if more == "quick" else ""
    context = page_context(request, form, scheme) | {"more": more, "quick_error": quick_error}
    sound = not form.errors and form.bands.valid and not quick_error
    template, status = "scoring/settings/scheme.html", 200 if sound else 422
    return show(request, template, context, current=SECTION, status=status)


def after_save(request: WorkspaceRequest, key: str) -> HttpResponse:
    """Where published scorecards show earlier bands, the page goes on to offer the new ones."""
    scheme = Scheme.objects.get(key=key)
    if behind(scheme, users_of(scheme)):
        return redirect("settings_scheme", request.workspace.slug, key)
    return redirect("settings_schemes", request.workspace.slug)


def page_context(
    request: WorkspaceRequest, form: SchemeForm, scheme: Scheme | None
) -> dict[str, Any]:
    users = users_of(scheme) if scheme else []
    return {
        "form": form,
        "scheme": scheme,
        "rows": form.bands.with_spare(3, MOST_BANDS),
        "drawn": drawn(form.bands),
        "colors": COLORS,
        "shapes": SHAPE_CHOICES,
        "shape_names": bands.SHAPES,
        "used_by": users,
        "behind": behind(scheme, users) if scheme else [],
        "labels": request.POST.get("labels", ""),
        "crumbs": section_crumbs(request, _("Grading schemes"), SECTION),
    }


def fill(form: SchemeForm, labels: str) -> str:
    """Bands out of a few letters in place of those that are there; what is wrong, or ""."""
    try:
        form.bands = Rows.of("band", COLUMNS, even_bands(labels.replace("\0", "")))
    except ValidationError as error:
        return str(error.message)
    return ""


def save(form: SchemeForm, key: str) -> bool:
    nodes = form.nodes()
    if not form.bands.valid:
        return False
    try:
        save_scheme(key=key, name=form.cleaned_data["name"].strip(), bands=nodes)
    except InvalidInput as error:
        found: dict[str, list[str]] = {}
        for problem in error.problems:
            found.setdefault(problem.path, []).append(in_words(problem.message))
        place_problems(form, found, rows={"bands": form.bands})
        return False
    return True


@require_POST
@admins_only
def publish(request: WorkspaceRequest, slug: str, key: str) -> HttpResponse:
    """The scheme's new bands for what shows its earlier ones."""
    scheme, moment = get_object_or_404(Scheme.objects.all(), key=key), timezone.now()
    today = request.workspace.day_of(moment)
    try:
        renewed = take_new_bands(scheme=scheme, by=request.user, today=today, moment=moment)
    except InvalidInput as error:
        messages.error(request, error.problems[0].message)
        return redirect("settings_scheme", slug, key)
    names = ", ".join(scorecard.name for scorecard in renewed)
    text = ngettext(
        "%(names)s is published with the new bands.",
        "%(names)s are published with the new bands.",
        len(renewed),
    )
    if renewed:
        messages.success(request, text % {"names": names})
    return redirect("settings_schemes", slug)


@require_POST
@admins_only
def remove(request: WorkspaceRequest, slug: str, key: str) -> HttpResponse:
    scheme = get_object_or_404(Scheme.objects.all(), key=key)
    try:
        remove_scheme(scheme=scheme)
    except InvalidInput as error:
        messages.error(request, error.problems[0].message)
        return redirect("settings_scheme", slug, key)
    messages.success(request, _("“%(name)s” is removed.") % {"name": scheme.name})
    return redirect("settings_schemes", slug)
