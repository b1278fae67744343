"""Groups and metrics of a draft: a form each."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import WorkspaceRequest, admins_only
from accounts.models import Account
from accounts.views.settings.sections import section_crumbs, show
from scoring import drafts
from scoring.drafts import Document, Kind, Node, NotInDraft, Place
from scoring.forms.choices import FIELDS_OF_ACCOUNT, GRADE_TEXTS, GRADES_OF, SOURCE_TEXTS
from scoring.forms.metric import MetricForm
from scoring.forms.problems import place_problems
from scoring.forms.scorecard import GroupForm, contents_text
from scoring.models import Scorecard
from scoring.services.drafts import document_of, problems_of
from scoring.views.settings.editor import SECTION, change, scorecard_of
from usage.models import Feature

FORMS = ["GET", "HEAD", "POST"]


def find(document: Document, kind: Kind, key: str) -> Place:
    try:
        return drafts.find(document, kind, key)
    except NotInDraft as error:
        raise Http404 from error


def crumbs(request: WorkspaceRequest, scorecard: Scorecard) -> list[dict[str, str]]:
    url = reverse("settings_scorecard", args=[request.workspace.slug, scorecard.key])
    return section_crumbs(request, _("Scorecards"), SECTION, (scorecard.name, url))


def problems_at(edited: Document, kind: Kind, key: str) -> dict[str, list[str]]:
    path = find(edited, kind, key).path
    return drafts.below(problems_of(edited), path)


@require_http_methods(FORMS)
@admins_only
def new_group(request: WorkspaceRequest, slug: str, key: str) -> HttpResponse:
    return group_form(request, scorecard_of(key), None)


@require_http_methods(FORMS)
@admins_only
def edit_group(request: WorkspaceRequest, slug: str, key: str, group: str) -> HttpResponse:
    return group_form(request, scorecard_of(key), group)


def group_form(request: WorkspaceRequest, scorecard: Scorecard, key: str | None) -> HttpResponse:
    document = document_of(scorecard)
    node = find(document, "groups", key).node if key is not None else None
    form = GroupForm(request.POST or None, document=document, group=node)
    if request.method == "POST" and form.is_valid():
        group, parent = form.node(), form.cleaned_data.get("parent", "")

        def edit(before: Document) -> Document:
            if key is not None:
                return drafts.change_group(before, key, group)
            fields = {name: value for name, value in group.items() if value is not None}
            return drafts.add_group(before, fields, parent=parent)

        found = problems_at(edit(document), "groups", group["key"])
        own = {path: found[path] for path in found if not path.startswith(("metrics", "groups"))}
        place_problems(form, own)
        if not form.errors:
            change(scorecard, edit)
            messages.success(request, _("Saved in the draft."))
            return redirect("settings_scorecard", request.workspace.slug, scorecard.key)
    held = len(list(drafts.metrics_of({"groups": [node]}))) if node else 0
    context = {
        "form": form,
        "group": node,
        "scorecard": scorecard,
        "held": contents_text(held),
        "crumbs": crumbs(request, scorecard),
    }
    status = 422 if form.errors else 200
    return show(request, "scoring/settings/group.html", context, current=SECTION, status=status)


@require_http_methods(FORMS)
@admins_only
def new_metric(request: WorkspaceRequest, slug: str, key: str) -> HttpResponse:
    return metric_form(request, scorecard_of(key), None, request.GET.get("group", ""))


@require_http_methods(FORMS)
@admins_only
def edit_metric(request: WorkspaceRequest, slug: str, key: str, metric: str) -> HttpResponse:
    scorecard = scorecard_of(key)
    place = find(document_of(scorecard), "metrics", metric)
    return metric_form(request, scorecard, place.node, (place.group or {}).get("key", ""))


def metric_form(
    request: WorkspaceRequest, scorecard: Scorecard, metric: Node | None, group: str
) -> HttpResponse:
    document = document_of(scorecard)
    if not any(drafts.groups_of(document)):
        messages.info(request, _("Add a group first: every metric belongs to one."))
        return redirect("settings_new_group", request.workspace.slug, scorecard.key)
    form = MetricForm(request.POST or None, document=document, metric=metric, group=group)
    more = "more" in request.POST
    if request.method == "POST" and not more and form.is_valid():
        if save_metric(scorecard, document, form):
            messages.success(request, _("Saved in the draft."))
            return redirect("settings_scorecard", request.workspace.slug, scorecard.key)
    elif more:
        form.errors.clear()
    context = {"form": form, "metric": metric, "scorecard": scorecard, **choices(form)}
    context |= {"crumbs": crumbs(request, scorecard), "more": request.POST.get("more", "")}
    status = 200 if form.sound else 422
    return show(request, "scoring/settings/metric.html", context, current=SECTION, status=status)


def save_metric(scorecard: Scorecard, document: Document, form: MetricForm) -> bool:
    """Nothing is saved while something in this metric is wrong; the form says what."""
    node, group = form.node(), form.cleaned_data["group"]
    old = form.metric["key"] if form.metric else None

    def edit(before: Document) -> Document:
        if old is None:
            return drafts.add_metric(before, node, group=group)
        return drafts.replace_metric(before, old, node, group=group)

    if form.sound:
        form.place(problems_at(edit(document), "metrics", node["key"]))
    if form.sound:
        change(scorecard, edit)
    return form.sound


def choices(form: MetricForm) -> dict[str, Any]:
    """What the form offers beside its fields."""
    attributes = Account.objects.values_list("attributes", flat=True).order_by("-pk")[:50]
    known = sorted({name for found in attributes for name in found})
    return {
        "sources": [(key, *texts) for key, texts in SOURCE_TEXTS.items()],
        "grades": [
            (key, *texts, " ".join(source for source, fits in GRADES_OF.items() if key in fits))
            for key, texts in GRADE_TEXTS.items()
        ],
        "source": form["source"].value(),
        "grade": form["grade"].value(),
        "steps": form.steps.with_spare(3),
        "levels": form.levels.with_spare(3),
        "features": Feature.objects.order_by("key").values_list("key", flat=True)[:60],
        "attributes": [*FIELDS_OF_ACCOUNT, *known],
    }


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
