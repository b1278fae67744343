"""Groups and metrics of a draft: added, edited, renamed, removed."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST
from django.views.decorators.vary import vary_on_headers

from accounts.access import WorkspaceRequest, admins_only
from scoring import drafts
from scoring.drafts import Document, Kind, Node, Place
from scoring.engine.fields import KEY
from scoring.forms.metric_nodes import Limits, metric_node
from scoring.forms.metric_sheet import chosen_grade, merged, metric_sheet, posted_metric
from scoring.forms.sheet import Sheet
from scoring.forms.whole import group_fields, posted_group
from scoring.models import Scorecard
from scoring.pages.editors import new_group_editor, new_metric_editor
from scoring.services.metric_values import limits_from, metric_values
from scoring.views.settings.builder import (
    change,
    draft_of,
    find,
    node_editor,
    opened,
    place_url,
    saved,
    scorecard_of,
)

FORMS = ["GET", "HEAD", "POST"]


@require_http_methods(FORMS)
@admins_only
@vary_on_headers("HX-Request", "HX-Target")
def new_group(request: WorkspaceRequest, slug: str, key: str) -> HttpResponse:
    scorecard = scorecard_of(key)
    draft = draft_of(request, scorecard, timezone.now())
    sheet = posted_group(request.POST)
    if request.method == "POST" and named(sheet):
        node_key = free_key(sheet, drafts.keys(draft.document, "groups"))
        group = {"key": node_key, **drafts.filled(group_fields(sheet))}
        parent = sheet.text("parent")
        scorecard = change(scorecard, lambda before: drafts.add_group(before, group, parent=parent))
        return redirect("settings_group", slug, key, node_key)
    editor = new_group_editor(draft, sheet, request.GET.get("parent", ""))
    return opened(request, scorecard, editor, status=200 if editor.sound else 422)


@require_http_methods(FORMS)
@admins_only
@vary_on_headers("HX-Request", "HX-Target")
def new_metric(request: WorkspaceRequest, slug: str, key: str) -> HttpResponse:
    scorecard = scorecard_of(key)
    draft = draft_of(request, scorecard, timezone.now())
    if not any(drafts.groups_of(draft.document)):
        messages.info(request, _("Add a group first: every metric belongs to one."))
        return redirect("settings_new_group", slug, key)
    sheet = posted_metric(request.POST)
    if request.method == "POST" and named(sheet):
        sheet.slots["key"].value = free_key(sheet, drafts.keys(draft.document, "metrics"))
        sheet.given.add("key")
        node = metric_node(sheet, None, limits(request, scorecard, sheet, None))
        group = chosen_group(draft.document, sheet, "")
        scorecard = change(scorecard, lambda before: drafts.add_metric(before, node, group=group))
        return redirect("settings_metric", slug, key, node["key"])
    editor = new_metric_editor(draft, sheet, request.GET.get("group", ""))
    return opened(request, scorecard, editor, status=200 if editor.sound else 422)


def named(sheet: Sheet) -> bool:
    if not sheet.text("name"):
        sheet.slots["name"].problems.append(_("Give it a name."))
    return bool(sheet.text("name"))


def free_key(sheet: Sheet, taken: list[str]) -> str:
    """What was typed where it can be a key, else one made from the name."""
    typed = sheet.text("key")
    fits = KEY.fullmatch(typed) and typed not in taken
    return typed if fits else drafts.key_for(sheet.text("name"), taken)


def chosen_group(document: Document, sheet: Sheet, current: str) -> str:
    keys = drafts.keys(document, "groups")
    return sheet.chosen("group", keys, current or keys[0])


def limits(
    request: WorkspaceRequest, scorecard: Scorecard, sheet: Sheet, before: Node | None
) -> Limits:
    """From the accounts' values, where nothing was typed for the chosen grade yet."""
    wanted = {"linear": "worst", "steps": "step"}.get(chosen_grade(sheet))
    if wanted is None or wanted in sheet.given:
        return limits_from(None)
    draft = draft_of(request, scorecard, timezone.now())
    found = metric_values(
        workspace=draft.workspace,
        scorecard=scorecard,
        document=draft.document,
        metric=metric_node(sheet, before),
        moment=draft.moment,
    )
    return limits_from(found)


@require_http_methods(FORMS)
@admins_only
@vary_on_headers("HX-Request", "HX-Target")
def edit_group(request: WorkspaceRequest, slug: str, key: str, group: str) -> HttpResponse:
    scorecard = scorecard_of(key)
    draft = draft_of(request, scorecard, timezone.now())
    place = find(draft.document, "groups", group)
    if request.method != "POST":
        return opened(request, scorecard, node_editor(draft, "groups", group))
    sheet = posted_group(request.POST)
    fields = {"key": group, **group_fields(sheet)}
    old = (place.group or {}).get("key", "")
    parent = sheet.chosen("parent", ["", *drafts.keys(draft.document, "groups")], old)

    def edit(before: Document) -> Document:
        changed = drafts.change_group(before, group, fields)
        return drafts.move_into(changed, "groups", group, parent)

    scorecard = change(scorecard, edit)
    return saved(
        request,
        scorecard,
        lambda draft: node_editor(draft, "groups", group, sheet),
        url=place_url(request, scorecard, f"groups-{group}"),
        whole=place.node.get("rollup") != fields["rollup"],
    )


@require_http_methods(FORMS)
@admins_only
@vary_on_headers("HX-Request", "HX-Target")
def edit_metric(request: WorkspaceRequest, slug: str, key: str, metric: str) -> HttpResponse:
    scorecard = scorecard_of(key)
    draft = draft_of(request, scorecard, timezone.now())
    place = find(draft.document, "metrics", metric)
    if request.method != "POST":
        return opened(request, scorecard, node_editor(draft, "metrics", metric))
    sheet = posted_metric(request.POST)
    node = metric_node(sheet, place.node, limits(request, scorecard, sheet, place.node))
    group = chosen_group(draft.document, sheet, (place.group or {}).get("key", ""))
    scorecard = change(
        scorecard, lambda before: drafts.replace_metric(before, metric, node, group=group)
    )
    whole = "do" in request.POST or form_of(node) != form_of(place.node)
    shown = merged(metric_sheet(node, group), sheet) if whole else sheet
    return saved(
        request,
        scorecard,
        lambda draft: node_editor(draft, "metrics", metric, shown),
        url=place_url(request, scorecard, f"metrics-{metric}"),
        whole=whole,
    )


def form_of(node: Node) -> tuple[str, ...]:
    """What decides which fields there are."""
    source, grade = node["source"], node.get("grade") or {}
    inner = source.get("source") or (source.get("when") or {}).get("source") or {}
    measure = source.get("measure") or inner.get("measure") or ""
    return (
        source["type"],
        inner.get("type", ""),
        measure,
        grade.get("type", ""),
        grade.get("by", ""),
    )


@require_POST
@admins_only
def rename_group(request: WorkspaceRequest, slug: str, key: str, group: str) -> HttpResponse:
    return renamed(request, key, "groups", group)


@require_POST
@admins_only
def rename_metric(request: WorkspaceRequest, slug: str, key: str, metric: str) -> HttpResponse:
    return renamed(request, key, "metrics", metric)


def renamed(request: WorkspaceRequest, key: str, kind: Kind, node: str) -> HttpResponse:
    """Another key. It is an address, so it is refused here while it cannot be one."""
    scorecard = scorecard_of(key)
    draft = draft_of(request, scorecard, timezone.now())
    place = find(draft.document, kind, node)
    wanted = request.POST.get("key", "").strip()
    problem = key_problem(draft.document, kind, place, wanted)
    if problem:
        messages.error(request, problem)
        return redirect(place_url(request, scorecard, f"{kind}-{node}"))
    scorecard = change(scorecard, lambda before: drafts.rename(before, kind, node, wanted))
    messages.success(request, _("Saved in the draft."))
    return redirect(place_url(request, scorecard, f"{kind}-{wanted}"))


def key_problem(document: Document, kind: Kind, place: Place, wanted: str) -> str:
    if not KEY.fullmatch(wanted):
        return _(
            "A key has 1 to 63 letters, digits, points, dashes or underscores, "
            "and starts with a letter or digit."
        )
    if wanted != place.node["key"] and wanted in drafts.keys(document, kind):
        return _("This key is taken by another one.")
    return ""


@require_POST
@admins_only
def remove_group(request: WorkspaceRequest, slug: str, key: str, group: str) -> HttpResponse:
    return removed(request, key, "groups", group)


@require_POST
@admins_only
def remove_metric(request: WorkspaceRequest, slug: str, key: str, metric: str) -> HttpResponse:
    return removed(request, key, "metrics", metric)


def removed(request: WorkspaceRequest, key: str, kind: Kind, node: str) -> HttpResponse:
    change(scorecard_of(key), lambda before: drafts.remove(before, kind, node))
    messages.success(request, _("Removed from the draft. What is published stays as it is."))
    return redirect("settings_scorecard", request.workspace.slug, key)
