"""How a scorecard begins: with a template, as a copy of another one, or empty."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.access import WorkspaceRequest, admins_only
from accounts.errors import InvalidInput
from accounts.views.settings.sections import section_crumbs, show
from scoring.drafts import Document
from scoring.forms.new_scorecard import NewScorecardForm
from scoring.forms.problems import place_problems
from scoring.models import Scorecard
from scoring.pages.catalogue import applies_text, scheme_text, segment_names
from scoring.pages.draft import TreeRow, tree
from scoring.pages.schemes import scheme_names
from scoring.services.drafts import create_scorecard, document_of
from scoring.starters import STARTERS
from usage.models import Feature

SECTION = "settings_scorecards"
TEMPLATE = "scoring/settings/new_scorecard.html"
COPY = "copy:"
Names = tuple[Mapping[str, Any], Mapping[str, str]]
"""Of schemes and of segments, by their keys."""


@dataclass(frozen=True)
class Beginning:
    """What a scorecard can begin with, and what is inside it."""

    key: str
    title: str | Promise
    text: str | Promise
    document: Document
    name: str
    scheme: str
    applies: str
    rows: list[TreeRow]

    @property
    def metrics(self) -> int:
        return sum(not row.is_group for row in self.rows)

    @property
    def exceptions(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.document.get("exceptions", [])
        return found


def beginnings(copied: Scorecard | None) -> dict[str, Beginning]:
    names: Names = (scheme_names(), segment_names())
    features = list(Feature.objects.order_by("pk").values_list("key", flat=True))
    found = [
        _beginning(starter.key, starter.title, starter.text, starter.document(features), names)
        for starter in STARTERS
    ]
    if copied is not None:
        document = {k: v for k, v in document_of(copied).items() if k not in ("key", "rank")}
        title = _("A copy of “%(name)s”") % {"name": document["name"]}
        text = _("As it is now, changes that are not published among them.")
        name = _("%(name)s (copy)") % {"name": document["name"]}
        copy = _beginning(f"{COPY}{copied.key}", title, text, document, names, name)
        found.insert(0, copy)
    return {beginning.key: beginning for beginning in found}


def _beginning(
    key: str,
    title: str | Promise,
    text: str | Promise,
    document: Document,
    names: Names,
    name: str = "",
) -> Beginning:
    schemes, segments = names
    scheme = scheme_text(document, schemes)
    applies = applies_text(document.get("applies_to") or {}, segments)
    named = name or (str(title) if key else _("New scorecard"))
    return Beginning(key, title, text, document, named, scheme, applies, tree(document))


@require_http_methods(["GET", "HEAD", "POST"])
@admins_only
def new_scorecard(request: WorkspaceRequest, slug: str) -> HttpResponse:
    given = request.POST if request.method == "POST" else request.GET
    wanted = given.get("starter", STARTERS[0].key)
    copied = Scorecard.objects.filter(key=wanted.removeprefix(COPY)).first()
    found = beginnings(copied if wanted.startswith(COPY) else None)
    chosen = found.get(wanted)
    every = dict(Scorecard.objects.values_list("key", "name"))
    form = NewScorecardForm(
        request.POST or None,
        taken=every,
        names=set(every.values()),
        title=chosen.name if chosen else "",
    )
    if chosen is None:
        form.add_error(None, _("Choose one of the starting points."))
    elif request.method == "POST" and form.is_valid():
        key = create(form, chosen.document)
        if key:
            messages.success(request, _("“%(name)s” is a draft.") % form.cleaned_data)
            return redirect("settings_scorecard", slug, key)
    context = {
        "form": form,
        "beginnings": list(found.values()),
        "chosen": chosen.key if chosen else None,
        "crumbs": section_crumbs(request, _("Scorecards"), SECTION),
    }
    status = 422 if form.errors else 200
    return show(request, TEMPLATE, context, current=SECTION, status=status)


def create(form: NewScorecardForm, document: Document) -> str:
    """The key, or "" with the form's errors."""
    key, name = form.cleaned_data["key"], form.cleaned_data["name"]
    try:
        return str(create_scorecard(key=key, name=name, document=document).key)
    except InvalidInput as error:
        place_problems(form, {p.path: [p.message] for p in error.problems})
        return ""
