"""The builder of a scorecard: its tree with weights, what concerns the whole, its exceptions."""

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from accounts.access import WorkspaceRequest, admins_only
from scoring import drafts
from scoring.drafts import Document, Kind
from scoring.forms.exceptions import exception_nodes, posted_exceptions
from scoring.forms.sheet import Typed, typed_number
from scoring.forms.whole import card_fields, posted_card
from scoring.services.drafts import document_of
from scoring.views.settings.builder import (
    KINDS,
    change,
    draft_of,
    opened,
    place_url,
    rules_editor,
    saved,
    scorecard_of,
    tree_changed,
    whole_editor,
)

NEW_EXCEPTION: dict[str, Any] = {"name": "", "when": [], "effect": "cap", "value": 50}


@require_safe
@admins_only
@vary_on_headers("HX-Request", "HX-Target")
def scorecard_editor(request: WorkspaceRequest, slug: str, key: str) -> HttpResponse:
    scorecard = scorecard_of(key)
    editor = whole_editor(draft_of(request, scorecard, timezone.now()))
    return opened(request, scorecard, editor)


@require_POST
@admins_only
def save_scorecard(request: WorkspaceRequest, slug: str, key: str) -> HttpResponse:
    sheet = posted_card(request.POST)
    fields = card_fields(sheet)
    before = scorecard_of(key)
    scorecard = change(before, lambda document: drafts.set_fields(document, fields))
    whole = document_of(before).get("rollup") != fields["rollup"]
    url = reverse("settings_scorecard", args=[slug, key])
    return saved(request, scorecard, lambda draft: whole_editor(draft, sheet), url=url, whole=whole)


@require_safe
@admins_only
@vary_on_headers("HX-Request", "HX-Target")
def exceptions(request: WorkspaceRequest, slug: str, key: str) -> HttpResponse:
    scorecard = scorecard_of(key)
    return opened(request, scorecard, rules_editor(draft_of(request, scorecard, timezone.now())))


@require_POST
@admins_only
def save_exceptions(request: WorkspaceRequest, slug: str, key: str) -> HttpResponse:
    """`do` is a button: add, or drop, up and down with the place of an exception."""
    sheets = posted_exceptions(request.POST)
    do = request.POST.get("do", "")
    rules = arranged(exception_nodes(sheets), do)

    def edit(before: Document) -> Document:
        return drafts.set_fields(before, {"exceptions": rules or None})

    before = scorecard_of(key)
    scorecard = change(before, edit)
    url = reverse("settings_exceptions", args=[slug, key])
    kept = None if do else sheets
    whole = bool(do) or form_of(rules) != form_of(document_of(before).get("exceptions", []))
    return saved(request, scorecard, lambda draft: rules_editor(draft, kept), url=url, whole=whole)


def form_of(rules: list[dict[str, Any]]) -> list[tuple[bool, list[str]]]:
    """What decides which fields there are."""
    return [
        (
            rule.get("effect") == "shift",
            [next((name for name in ("band", "status") if name in c), "") for c in rule["when"]],
        )
        for rule in rules
    ]


def arranged(rules: list[dict[str, Any]], do: str) -> list[dict[str, Any]]:
    if do == "add":
        return [*rules, NEW_EXCEPTION]
    verb, _colon, place = do.partition(":")
    at = int(place) if place.isdecimal() else len(rules)
    if at >= len(rules):
        return rules
    rule = rules.pop(at)
    if verb != "drop":
        to = at + {"up": -1, "down": 1}.get(verb, 0)
        rules.insert(min(max(to, 0), len(rules)), rule)
    return rules


@require_POST
@admins_only
def save_weights(request: WorkspaceRequest, slug: str, key: str) -> HttpResponse:
    weights: dict[Kind, dict[str, Typed]] = {"groups": {}, "metrics": {}}
    for field, text in request.POST.items():
        kind, _dash, node = field.partition("-")
        for known in KINDS:
            if kind == known:
                weights[known][node] = typed_number(str(text).replace("\0", "")[:100])
    scorecard = change(scorecard_of(key), lambda before: drafts.set_weights(before, weights))
    at = request.POST.get("at", "")
    if not request.htmx:
        return redirect(place_url(request, scorecard, at))
    return tree_changed(request, scorecard, at, name="shares")


@require_POST
@admins_only
def move(request: WorkspaceRequest, slug: str, key: str) -> HttpResponse:
    """`up` or `down` names the group or metric: the buttons of one form. `node` goes before `before`."""
    by = -1 if "up" in request.POST else 1
    field = request.POST.get("up") or request.POST.get("down") or request.POST.get("node") or ""
    kind, node = node_of(field)

    def edit(before: Document) -> Document:
        if "node" in request.POST:
            return drafts.move_before(before, kind, node, *node_of(request.POST.get("before", "")))
        return drafts.move(before, kind, node, by)

    scorecard = change(scorecard_of(key), edit)
    at = request.POST.get("at", field)
    if not request.htmx:
        return redirect(place_url(request, scorecard, at))
    return tree_changed(request, scorecard, at, name="moved")


def node_of(field: str) -> tuple[Kind, str]:
    kind, _dash, node = field.partition("-")
    for known in KINDS:
        if kind == known:
            return known, node
    raise Http404
