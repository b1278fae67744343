"""Grading schemes: the three that ship, and the workspace's own."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import msgspec
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import WorkspaceRequest, admins_only
from accounts.errors import InvalidInput
from accounts.views.settings.sections import section_crumbs, show
from scoring import bands
from scoring.engine.schemes import SHIPPED, Band
from scoring.forms.choices import Choices
from scoring.forms.problems import place_problems
from scoring.forms.rows import Rows
from scoring.forms.scheme import COLORS, MOST_BANDS, SHAPE_CHOICES, SchemeForm
from scoring.models import Scheme
from scoring.services.configuration import save_scheme
from scoring.services.schemes import remove_scheme, users_of

SECTION = "settings_schemes"
SHIPPED_NAMES = {
    "numeric": gettext_lazy("Number from 0 to 100"),
    "letter": gettext_lazy("Letters A–F"),
    "ryg": gettext_lazy("Red, yellow, green"),
}


@dataclass(frozen=True)
class BandRange:
    """A band with the whole scores that it covers."""

    look: bands.BandLook
    first: int
    last: int

    @property
    def middle(self) -> int:
        """A score in the band, fixed-point."""
        return (self.first + self.last) * 5_000


def ranges(found: list[Band] | tuple[Band, ...]) -> list[BandRange]:
    """The best first, as people read them."""
    looks = bands.look(found)
    ends = [b.minimum - 1 for _a, b in pairwise(looks)] + [100]
    return [BandRange(look, look.minimum, end) for look, end in zip(looks, ends, strict=True)][::-1]


def scheme_choices() -> Choices:
    own: Choices = list(Scheme.objects.order_by("name").values_list("key", "name"))
    return [*SHIPPED_NAMES.items(), *own]


def scheme_names() -> dict[str, str | Promise]:
    return dict(scheme_choices())


def bands_of(scheme: Scheme) -> tuple[Band, ...]:
    return msgspec.convert(scheme.bands, tuple[Band, ...])


@require_safe
@admins_only
def schemes(request: WorkspaceRequest, slug: str) -> HttpResponse:
    shipped = [
        {"name": SHIPPED_NAMES[key], "key": key, "ranges": ranges(found)}
        for key, found in SHIPPED.items()
    ]
    own = [
        {"name": scheme.name, "key": scheme.key, "ranges": ranges(bands_of(scheme))}
        for scheme in Scheme.objects.order_by("name")
    ]
    context = {"shipped": shipped, "own": own}
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
    more = "more" in request.POST
    if request.method == "POST" and not more and form.is_valid():
        key = scheme.key if scheme else form.cleaned_data["key"]
        if save(form, key):
            messages.success(
                request, _("“%(name)s” is saved.") % {"name": form.cleaned_data["name"]}
            )
            return redirect("settings_schemes", request.workspace.slug)
    elif more:
        form.errors.clear()
    context: dict[str, Any] = {
        "form": form,
        "scheme": scheme,
        "rows": form.bands.with_spare(3, MOST_BANDS),
        "drawn": drawn(form.bands),
        "colors": COLORS,
        "shapes": SHAPE_CHOICES,
        "shape_names": bands.SHAPES,
        "used_by": users_of(scheme) if scheme else [],
        "more": more,
        "crumbs": section_crumbs(request, _("Grading schemes"), SECTION),
    }
    sound = not form.errors and form.bands.valid
    template, status = "scoring/settings/scheme.html", 200 if sound or more else 422
    return show(request, template, context, current=SECTION, status=status)


def save(form: SchemeForm, key: str) -> bool:
    nodes = form.nodes()
    if not form.bands.valid:
        return False
    try:
        save_scheme(key=key, name=form.cleaned_data["name"].strip(), bands=nodes)
    except InvalidInput as error:
        found: dict[str, list[str]] = {}
        for problem in error.problems:
            found.setdefault(problem.path, []).append(problem.message)
        place_problems(form, found, rows={"bands": form.bands})
        return False
    return True


def drawn(rows: Rows) -> list[BandRange]:
    """What was typed, drawn as far as it makes bands."""
    try:
        found = [
            Band(
                key=row["key"].value or str(row.number),
                label=row["label"].value or "–",
                min=int(row["min"].value),
                color=row["color"].value or None,
                shape=row["shape"].value or None,
            )
            for row in rows.filled
        ]
    except ValueError:
        return []
    found.sort(key=lambda band: band.min)
    return ranges(found) if len(found) >= 2 else []


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
