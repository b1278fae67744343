"""What is done with the selected accounts of the list, or with all that it matches; and undone."""

import json
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from accounts.access import WorkspaceRequest, managers_only, scorers_only
from accounts.errors import InvalidInput
from accounts.models import BulkChange, BulkKind, Membership, Tag
from accounts.services.bulk import (
    Chosen,
    assign_accounts,
    tag_accounts,
    undo_bulk_change,
    untag_accounts,
)
from accounts.services.tags import tidied
from accounts.templatetags.ui import number
from scoring.portfolio.choice import MINE, NONE, Choice, owner_of, read_choice
from scoring.portfolio.statement import matching
from scoring.portfolio.wanted import NOBODY
from scoring.views.portfolio import file_of
from scoring.views.redirects import back_to

MOST = 1000
"""Rows that can be selected one by one."""
MOST_TAGS = 200


@require_POST
@managers_only
def assign_selected(request: WorkspaceRequest, slug: str) -> HttpResponse:
    owner = owner_of(request.POST.get("owner", ""), request.user.pk)
    if owner is None:
        return _ask(request, "assign", _("Choose a person."))
    try:
        made = assign_accounts(
            chosen=_chosen(request),
            owner_id=None if owner == NOBODY else owner,
            by=request.user,
            moment=timezone.now(),
        )
    except InvalidInput as error:
        return _ask(request, "assign", error.problems[0].message)
    return _done(request, made)


@require_POST
@scorers_only
def tag_selected(request: WorkspaceRequest, slug: str) -> HttpResponse:
    name = request.POST.get("tag", "")
    try:
        made = tag_accounts(
            chosen=_chosen(request), name=name, by=request.user, moment=timezone.now()
        )
    except InvalidInput as error:
        return _ask(request, "tag", error.problems[0].message)
    return _done(request, made)


@require_POST
@scorers_only
def untag_selected(request: WorkspaceRequest, slug: str) -> HttpResponse:
    name = tidied(request.POST.get("tag", "").replace("\0", ""))
    tag = Tag.objects.called(name).first() if name else None
    try:
        chosen = _chosen(request)
    except InvalidInput as error:
        return _ask(request, "tag", error.problems[0].message)
    if tag is None:
        wrong = _("There is no tag “%(name)s”.") % {"name": name}
        return _ask(request, "tag", wrong if name else _("A tag needs a name."))
    made = untag_accounts(chosen=chosen, tag=tag, by=request.user, moment=timezone.now())
    return _done(request, made)


@require_POST
def export_selected(request: WorkspaceRequest, slug: str) -> HttpResponseBase:
    if not request.membership.can_score:
        raise PermissionDenied
    form = "xlsx" if request.POST.get("format") == "xlsx" else "csv"
    whole = bool(request.POST.get("all"))
    ids = _ids(request)
    if not (whole or ids):
        messages.error(request, _nothing())
        return back_to(request, reverse("portfolio", args=[slug]))
    choice = _choice(request, request.POST)
    return file_of(request, choice, form, ids=[] if whole else ids)


@require_POST
@scorers_only
def undo_bulk(request: WorkspaceRequest, slug: str, pk: int) -> HttpResponse:
    """Whoever did it, and whoever could do it again; an assignment is undone by managers alone."""
    change: BulkChange = get_object_or_404(BulkChange.objects.told(), pk=pk)
    mine = change.by_id == request.user.pk and change.kind != BulkKind.ASSIGN
    if not (mine or request.membership.can_manage):
        raise PermissionDenied
    undone = undo_bulk_change(change=change, by=request.user, moment=timezone.now())
    if undone is None:
        messages.error(request, _("That was undone already, or is more than a day ago."))
    else:
        messages.success(request, _undone(undone, change.count - undone))
    return back_to(request, reverse("portfolio", args=[slug]))


@require_safe
@scorers_only
def matching_accounts(request: WorkspaceRequest, slug: str) -> HttpResponse:
    """How many there are, which is counted only when somebody means to change them."""
    n = _all(_choice(request, request.GET)).count()
    return render(request, "scoring/portfolio/bulk_matching.html", {"n": n})


@require_safe
@scorers_only
def bulk_people(request: WorkspaceRequest, slug: str) -> HttpResponse:
    return render(request, "scoring/portfolio/bulk_people.html", {"people": _people(request)})


@require_safe
@scorers_only
def bulk_tags(request: WorkspaceRequest, slug: str) -> HttpResponse:
    return render(request, "scoring/portfolio/bulk_tags.html", {"tags": _tags()})


def _chosen(request: WorkspaceRequest) -> Chosen:
    """Raises InvalidInput where nothing is selected."""
    if request.POST.get("all"):
        return _all(_choice(request, request.POST))
    ids = _ids(request)
    if not ids:
        raise InvalidInput.at("account", _nothing())
    return Chosen.these(ids)


def _nothing() -> str:
    return _("Select accounts first.")


def _ids(request: WorkspaceRequest) -> list[int]:
    given = request.POST.getlist("account")[:MOST]
    return [int(pk) for pk in given if pk.isascii() and pk.isdecimal() and len(pk) < 19]


def _all(choice: Choice) -> Chosen:
    select, given = matching(choice.wanted)
    return Chosen(f"SELECT id FROM ({select}) AS found", given)


def _choice(request: WorkspaceRequest, given: QueryDict) -> Choice:
    """What the list was asked for, as its form tells it in `query`."""
    today = request.workspace.day_of(timezone.now())
    query = QueryDict(given.get("query", ""))
    return read_choice(query, workspace=request.workspace, user_id=request.user.pk, today=today)


def _people(request: WorkspaceRequest) -> list[tuple[str, str]]:
    """Who accounts can be given to; oneself first, nobody last."""
    others = [
        (str(member.user_id), str(member.user))
        for member in Membership.objects.by_name()
        if member.user_id != request.user.pk
    ]
    return [(MINE, _("Me")), *others, (NONE, _("Nobody"))]


def _tags() -> list[str]:
    return [tag.name for tag in Tag.objects.used().by_name()[:MOST_TAGS]]


def _ask(request: WorkspaceRequest, kind: str, problem: str) -> HttpResponse:
    """A toast where the list stays; a page with the same question for a plain browser."""
    if request.htmx:
        toast = json.dumps({"toast": {"level": "error", "text": problem}})
        return HttpResponse(status=422, headers={"HX-Trigger": toast, "HX-Reswap": "none"})
    context: dict[str, Any] = {
        "nav": "accounts",
        "kind": kind,
        "problem": problem,
        "kept": [
            (name, value)
            for name in ("account", "all", "query", "next")
            for value in request.POST.getlist(name)[:MOST]
        ],
        "selected": bool(request.POST.get("all") or _ids(request)),
        "people": _people(request) if kind == "assign" else [],
        "tags": _tags() if kind == "tag" else [],
        "tag": request.POST.get("tag", ""),
    }
    return render(request, "scoring/portfolio/bulk_ask.html", context, status=422)


def _done(request: WorkspaceRequest, made: BulkChange) -> HttpResponse:
    """Back to the list, with a message that can undo what was done."""
    if made.count:
        undo = reverse("undo_bulk", args=[request.workspace.slug, made.pk])
        messages.success(request, _told(made), extra_tags=undo)
    else:
        messages.info(request, _("Nothing to change: that is how they are."))
    return back_to(request, reverse("portfolio", args=[request.workspace.slug]))


def _told(made: BulkChange) -> str:
    values = {"n": number(made.count), "tag": made.tag, "owner": made.owner}
    if made.kind == BulkKind.TAG:
        text = ngettext(
            "%(n)s account is tagged “%(tag)s”.", "%(n)s accounts are tagged “%(tag)s”.", made.count
        )
    elif made.kind == BulkKind.UNTAG:
        text = ngettext(
            "“%(tag)s” is taken off %(n)s account.",
            "“%(tag)s” is taken off %(n)s accounts.",
            made.count,
        )
    elif made.owner is None:
        text = ngettext(
            "%(n)s account has no owner now.", "%(n)s accounts have no owner now.", made.count
        )
    else:
        text = ngettext(
            "%(n)s account is assigned to %(owner)s.",
            "%(n)s accounts are assigned to %(owner)s.",
            made.count,
        )
    return text % values


def _undone(n: int, left: int) -> str:
    text = ngettext(
        "Undone: %(n)s account is as it was.", "Undone: %(n)s accounts are as they were.", n
    ) % {"n": number(n)}
    if left:
        others = ngettext(
            "%(n)s was changed since and is left alone.",
            "%(n)s were changed since and are left alone.",
            left,
        )
        text = f"{text} {others % {'n': number(left)}}"
    return text
