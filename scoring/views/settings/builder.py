"""What every answer of the builder is made of: the frame, the tree, one editor."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django_htmx.http import reswap, retarget, trigger_client_event

from accounts.access import WorkspaceRequest
from accounts.models import Segment
from accounts.views.settings.sections import section_crumbs, show
from scoring import drafts
from scoring.drafts import Document, Kind, NotInDraft, Place
from scoring.forms.choices import Choices
from scoring.forms.exceptions import ExceptionSheet
from scoring.forms.sheet import Sheet
from scoring.models import Scorecard, ScorecardVersion
from scoring.pages.draft import TreeRow, tree, unplaced
from scoring.pages.editors import (
    EXCEPTIONS,
    Draft,
    Editor,
    card_editor,
    exceptions_editor,
    group_editor,
    metric_editor,
)
from scoring.pages.schemes import scheme_choices
from scoring.services.drafts import change_draft, document_of, problems_of

SECTION = "settings_scorecards"
TEMPLATE = "scoring/settings/scorecard.html"
PARTS = "scoring/settings/builder"
FRAGMENT = "editor"
CHANGED = "draft-changed"
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
        (_("Builder"), "settings_scorecard", ""),
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


def find(document: Document, kind: Kind, key: str) -> Place:
    try:
        return drafts.find(document, kind, key)
    except NotInDraft as error:
        raise Http404 from error


def change(scorecard: Scorecard, edit: Callable[[Document], Document]) -> Scorecard:
    """A group or metric that is gone meanwhile is a 404."""
    try:
        return change_draft(scorecard=scorecard, change=edit)
    except NotInDraft as error:
        raise Http404 from error


def draft_of(request: WorkspaceRequest, scorecard: Scorecard, moment: datetime) -> Draft:
    return Draft(request.workspace, scorecard, document_of(scorecard), moment)


def segment_choices() -> Choices:
    return list(Segment.objects.order_by("name").values_list("key", "name"))


def node_editor(draft: Draft, kind: Kind, key: str, sheet: Sheet | None = None) -> Editor:
    place = find(draft.document, kind, key)
    row = next((r for r in tree(draft.document) if r.place.path == place.path), None)
    make = metric_editor if kind == "metrics" else group_editor
    return make(draft, place, row, sheet)


def whole_editor(draft: Draft, sheet: Sheet | None = None) -> Editor:
    return card_editor(draft, scheme_choices(), segment_choices(), sheet)


def rules_editor(draft: Draft, sheets: list[ExceptionSheet] | None = None) -> Editor:
    return exceptions_editor(draft, sheets)


def editor_at(draft: Draft, at: str) -> Editor:
    """The editor of a row of the tree; the whole where there is no such row (any more)."""
    kind, _dash, key = at.partition("-")
    for known in KINDS:
        if kind == known and key in drafts.keys(draft.document, known):
            return node_editor(draft, known, key)
    return rules_editor(draft) if at == EXCEPTIONS else whole_editor(draft)


def builder_context(
    request: WorkspaceRequest, scorecard: Scorecard, editor: Editor
) -> dict[str, Any]:
    context = frame(request, scorecard, "settings_scorecard")
    document = context["document"]
    problems = problems_of(document)
    loose = unplaced(document, problems)
    of_exceptions = [problem for problem in loose if problem.path.startswith("exceptions")]
    return {
        **context,
        "rows": tree(document, problems),
        "editor": editor,
        "at": editor.at,
        "card_problems": len(loose) - len(of_exceptions),
        "exception_problems": len(of_exceptions),
        "exception_count": len(document.get("exceptions", [])),
        **editor.context,
    }


def opened(
    request: WorkspaceRequest, scorecard: Scorecard, editor: Editor, *, status: int = 200
) -> HttpResponse:
    """The page, or the editor alone where a click in the tree asks for it."""
    context = builder_context(request, scorecard, editor)
    if request.htmx.target == FRAGMENT and not request.htmx.history_restore_request:
        return render(request, f"{PARTS}/opened.html", context)
    return show(request, TEMPLATE, context, current=SECTION, status=status)


def saved(
    request: WorkspaceRequest,
    scorecard: Scorecard,
    make: Callable[[Draft], Editor],
    *,
    url: str,
    whole: bool = False,
) -> HttpResponse:
    """Plainly back to the editor; for HTMX what has changed beside the fields, or the editor as a `whole`."""
    if not request.htmx:
        messages.success(request, _("Saved in the draft."))
        return redirect(url)
    editor = make(draft_of(request, scorecard, timezone.now()))
    context = builder_context(request, scorecard, editor)
    name = "opened" if whole else "saved"
    response = render(request, f"{PARTS}/{name}.html", context)
    if whole:
        response = reswap(retarget(response, f"#{FRAGMENT}"), "outerHTML")
    return trigger_client_event(response, CHANGED)


def tree_changed(
    request: WorkspaceRequest, scorecard: Scorecard, at: str, *, name: str
) -> HttpResponse:
    """`name`: the tree as a whole, or only its shares."""
    rows = tree(document_of(scorecard), problems_of(document_of(scorecard)))
    editor = Editor("", at, "", {"row": row_at(rows, at)})
    context = builder_context(request, scorecard, editor)
    return trigger_client_event(render(request, f"{PARTS}/{name}.html", context), CHANGED)


def row_at(rows: list[TreeRow], at: str) -> TreeRow | None:
    return next((row for row in rows if row.field == at), None)


def place_url(request: WorkspaceRequest, scorecard: Scorecard, at: str) -> str:
    """The address of a row of the tree."""
    slug, key = request.workspace.slug, scorecard.key
    kind, _dash, node = at.partition("-")
    if kind in KINDS and node:
        name = "settings_metric" if kind == "metrics" else "settings_group"
        return reverse(name, args=[slug, key, node])
    name = "settings_exceptions" if at == EXCEPTIONS else "settings_scorecard"
    return reverse(name, args=[slug, key])
