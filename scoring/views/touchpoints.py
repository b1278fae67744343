"""Touchpoints written down and corrected, on the page of their account and in its timeline."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.access import WorkspaceRequest, scorers_only
from accounts.errors import InvalidInput
from accounts.forms.touchpoint import TouchpointForm
from accounts.models import Account, Contact, Touchpoint, TouchpointContact
from accounts.services.touchpoints import (
    TouchpointRow,
    bring_back_touchpoint,
    create_touchpoint,
    edit_touchpoint,
    remove_touchpoint,
)
from scoring.forms.problems import place_problems
from scoring.pages.account_timeline import primary_scorecard_id, read_timeline
from scoring.timeline.pages import entry_of
from scoring.views.account_answers import account_of
from scoring.views.redirects import back_to

ROW = "scoring/timeline/entry.html"


@require_safe
@scorers_only
def new_touchpoint(request: WorkspaceRequest, slug: str, key: str) -> HttpResponse:
    account = account_of(key)
    today = request.workspace.day_of(timezone.now())
    return _new(request, account, TouchpointForm(_contacts(account), today))


@require_POST
@scorers_only
def add_touchpoint(request: WorkspaceRequest, slug: str, key: str) -> HttpResponse:
    account, moment = account_of(key), timezone.now()
    today = request.workspace.day_of(moment)
    form = TouchpointForm(_contacts(account), today, request.POST)

    def create(row: TouchpointRow) -> Touchpoint:
        return create_touchpoint(
            workspace=request.workspace, account=account, row=row, by=request.user, moment=moment
        )

    if not _stored(form, create):
        return _widget(request, account, form) if request.htmx else _new(request, account, form)
    if request.htmx:
        return _widget(request, account, None)
    messages.success(request, _("The touchpoint is written down."))
    return back_to(request, reverse("timeline", args=[slug, account.key]))


@require_safe
def touchpoint(request: WorkspaceRequest, slug: str, pk: int) -> HttpResponse:
    """One entry of the timeline, or its page for a plain browser."""
    found = _found(pk)
    if request.htmx and not request.htmx.history_restore_request:
        return _entry(request, found)
    return _page(request, found, None)


@require_safe
@scorers_only
def edit(request: WorkspaceRequest, slug: str, pk: int) -> HttpResponse:
    found = _found(pk)
    return _form(request, found, _form_of(request, found))


@require_POST
@scorers_only
def save(request: WorkspaceRequest, slug: str, pk: int) -> HttpResponse:
    found, moment = _found(pk), timezone.now()
    form = _form_of(request, found, request.POST)

    def change(row: TouchpointRow) -> Touchpoint:
        return edit_touchpoint(
            workspace=request.workspace, touchpoint=found, row=row, by=request.user, moment=moment
        )

    if not _stored(form, change):
        return _form(request, _found(pk), form, status=422)
    return _changed(request, found, _("The touchpoint is changed."))


@require_POST
@scorers_only
def remove(request: WorkspaceRequest, slug: str, pk: int) -> HttpResponse:
    """A plain browser is led to the touchpoint's page, where it can be brought back."""
    found = remove_touchpoint(touchpoint=_found(pk), by=request.user, moment=timezone.now())
    return _entry(request, found) if request.htmx else redirect("touchpoint", slug, pk)


@require_POST
@scorers_only
def bring_back(request: WorkspaceRequest, slug: str, pk: int) -> HttpResponse:
    found = bring_back_touchpoint(touchpoint=_found(pk), by=request.user)
    return _changed(request, found, _("The touchpoint is back."))


def _found(pk: int) -> Touchpoint:
    found: Touchpoint = get_object_or_404(Touchpoint.objects.told(), pk=pk)
    return found


def _contacts(account: Account) -> list[Contact]:
    return list(Contact.objects.for_account(account))


def _form_of(request: WorkspaceRequest, found: Touchpoint, data: Any = None) -> TouchpointForm:
    today = request.workspace.day_of(timezone.now())
    links = TouchpointContact.objects.filter(touchpoint_id=found.pk)
    chosen = list(links.values_list("contact_id", flat=True))
    return TouchpointForm(_contacts(found.account), today, data, touchpoint=found, chosen=chosen)


def _stored(form: TouchpointForm, store: Callable[[TouchpointRow], Touchpoint]) -> bool:
    """False with the form's errors."""
    if not form.is_valid():
        return False
    try:
        store(form.row)
    except InvalidInput as error:
        place_problems(form, {p.path: [p.message] for p in error.problems})
        return False
    return True


def _changed(request: WorkspaceRequest, found: Touchpoint, done: str) -> HttpResponse:
    if request.htmx:
        return _entry(request, found)
    messages.success(request, done)
    address = reverse("timeline", args=[request.workspace.slug, found.account.key])
    return back_to(request, f"{address}#touchpoint-{found.pk}")


def _entry_context(request: WorkspaceRequest, found: Touchpoint) -> dict[str, Any]:
    return {
        "entry": entry_of(request.workspace, found),
        "account": found.account,
        "today": request.workspace.day_of(timezone.now()),
        "answer": bool(request.htmx),
    }


def _entry(request: WorkspaceRequest, found: Touchpoint) -> HttpResponse:
    return render(request, ROW, _entry_context(request, found))


def _form(
    request: WorkspaceRequest, found: Touchpoint, form: TouchpointForm, status: int = 200
) -> HttpResponse:
    if request.htmx and not request.htmx.history_restore_request:
        context = {**_entry_context(request, found), "form": form}
        return render(request, "scoring/timeline/form_entry.html", context, status=status)
    return _page(request, found, form, status)


def _page(
    request: WorkspaceRequest, found: Touchpoint, form: TouchpointForm | None, status: int = 200
) -> HttpResponse:
    context = {**_entry_context(request, found), "nav": "accounts", "form": form}
    return render(request, "scoring/touchpoint.html", context, status=status)


def _widget(
    request: WorkspaceRequest, account: Account, form: TouchpointForm | None
) -> HttpResponse:
    today = request.workspace.day_of(timezone.now())
    part = read_timeline(
        request.workspace,
        account,
        as_of=today,
        contacts=_contacts(account),
        scorecard_id=primary_scorecard_id(account),
        form=form,
    )
    context = {"part": part, "today": today, "answer": form is None}
    status = 200 if form is None else 422
    return render(request, "scoring/account/timeline.html", context, status=status)


def _new(request: WorkspaceRequest, account: Account, form: TouchpointForm) -> HttpResponse:
    context = {"nav": "accounts", "account": account, "form": form}
    status = 422 if form.errors else 200
    return render(request, "scoring/new_touchpoint.html", context, status=status)
