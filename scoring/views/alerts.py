"""Alerts: what changed significantly, and what somebody does about it."""

import json
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.db.models import Count
from django.http import HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from accounts.access import WorkspaceRequest, scorers_only
from accounts.errors import InvalidInput
from scoring.alert_rows import UNRESOLVED, Place, alert_row, alert_rows
from scoring.models import Alert, AlertState, Severity
from scoring.services.alert_states import (
    acknowledge,
    acknowledge_all,
    reopen,
    resolve,
    snooze,
)

PAGE = 30
ALL = "all"
SNOOZES = (1, 7, 30)


@require_safe
def alerts(request: WorkspaceRequest, slug: str) -> HttpResponse:
    query = request.GET
    state = query.get("state", AlertState.OPEN)
    state = state if state in AlertState.values or state == ALL else AlertState.OPEN
    found, previous, following = _page(query, state, request.user.pk)
    context = {
        "nav": "alerts",
        "tabs": _tabs(query, state),
        "severities": _severities(query),
        "whose": _whose(query),
        "filtered": any(query.get(name) for name in ("severity", "owner", "account")),
        "state": state,
        "rows": alert_rows(found, slug),
        "open_ids": [alert.pk for alert in found if alert.state == AlertState.OPEN],
        "previous_url": _url(query, before=previous) if previous else "",
        "next_url": _url(query, after=following) if following else "",
        **_row_context(request),
    }
    return render(request, "scoring/alerts.html", context)


def _page(
    query: QueryDict, state: str, user_id: int
) -> tuple[list[Alert], Place | None, Place | None]:
    wanted = Alert.objects.told()
    if state != ALL:
        wanted = wanted.filter(state=state)
    if query.get("severity") in Severity.values:
        wanted = wanted.filter(severity=query["severity"])
    if query.get("owner") == "me":
        wanted = wanted.filter(account__owner_id=user_id)
    if "\0" not in query.get("account", "\0"):
        wanted = wanted.filter(account__key=query["account"])
    before, after = Place.read(query.get("before", "")), Place.read(query.get("after", ""))
    if before is not None:
        back = list(wanted.newer_than(before.day, before.pk).oldest_first()[: PAGE + 1])
        if len(back) >= PAGE:
            page = back[:PAGE][::-1]
            return page, Place.of(page[0]) if len(back) > PAGE else None, Place.of(page[-1])
    elif after is not None:
        wanted = wanted.older_than(after.day, after.pk)
    rows = list(wanted.newest_first()[: PAGE + 1])
    page = rows[:PAGE]
    first = Place.of(page[0]) if after is not None and page else None
    return page, first, Place.of(page[-1]) if len(rows) > PAGE else None


def _url(query: QueryDict, **changes: Any) -> str:
    changed = query.copy()
    for name in ("after", "before", *changes):
        changed.pop(name, None)
    changed.update({name: str(value) for name, value in changes.items() if value})
    return f"?{changed.urlencode()}"


def _tabs(query: QueryDict, state: str) -> list[dict[str, Any]]:
    rows = Alert.objects.filter(state__in=UNRESOLVED).values("state").annotate(n=Count("pk"))
    counts = {row["state"]: row["n"] for row in rows.order_by("state")}
    labels = [*AlertState.choices, (ALL, _("All"))]
    return [
        {
            "label": label,
            "url": _url(query, state=value if value != AlertState.OPEN else ""),
            "current": value == state,
            "count": counts.get(value, 0) if value in UNRESOLVED else None,
        }
        for value, label in labels
    ]


def _severities(query: QueryDict) -> list[dict[str, Any]]:
    chosen = query.get("severity", "")
    return [
        {
            "label": _("Severity"),
            "active": dict(Severity.choices).get(chosen, ""),
            "clear_url": _url(query, severity=""),
            "options": [
                {"label": label, "url": _url(query, severity=value), "current": value == chosen}
                for value, label in Severity.choices
            ],
        }
    ]


def _whose(query: QueryDict) -> list[dict[str, Any]]:
    mine = query.get("owner") == "me"
    return [
        {"label": _("Mine"), "url": _url(query, owner="me"), "current": mine},
        {"label": _("Everyone’s"), "url": _url(query, owner=""), "current": not mine},
    ]


def _row_context(request: WorkspaceRequest) -> dict[str, Any]:
    today = request.workspace.day_of(timezone.now())
    return {
        "today": today,
        "tomorrow": today + timedelta(days=1),
        "snoozes": [(today + timedelta(days=n), n) for n in SNOOZES],
        "back": request.POST.get("next") or request.get_full_path(),
    }


@require_POST
@scorers_only
def acknowledge_alert(request: WorkspaceRequest, slug: str, pk: int) -> HttpResponse:
    return _step(
        request, pk, lambda a: acknowledge(alert=a, by=request.user, moment=timezone.now())
    )


@require_POST
@scorers_only
def snooze_alert(request: WorkspaceRequest, slug: str, pk: int) -> HttpResponse:
    moment = timezone.now()
    today = request.workspace.day_of(moment)
    until = _day(request.POST.get("until", "")) or today
    return _step(
        request,
        pk,
        lambda a: snooze(alert=a, until=until, by=request.user, moment=moment, today=today),
    )


@require_POST
@scorers_only
def resolve_alert(request: WorkspaceRequest, slug: str, pk: int) -> HttpResponse:
    return _step(request, pk, lambda a: resolve(alert=a, by=request.user, moment=timezone.now()))


@require_POST
@scorers_only
def reopen_alert(request: WorkspaceRequest, slug: str, pk: int) -> HttpResponse:
    return _step(request, pk, lambda a: reopen(alert=a, by=request.user, moment=timezone.now()))


@require_POST
@scorers_only
def acknowledge_alerts(request: WorkspaceRequest, slug: str) -> HttpResponse:
    """Those that the page showed, not those that came meanwhile."""
    given = request.POST.getlist("alert")
    ids = [int(pk) for pk in given if pk.isascii() and pk.isdecimal() and len(pk) < 19]
    n = acknowledge_all(ids=ids[:PAGE], by=request.user, moment=timezone.now())
    text = ngettext("%(n)s alert is acknowledged.", "%(n)s alerts are acknowledged.", n)
    messages.success(request, text % {"n": n})
    return _back(request)


def _day(text: str) -> date | None:
    try:
        return parse_date(text)
    except ValueError:
        return None


def _step(request: WorkspaceRequest, pk: int, act: Callable[[Alert], Alert]) -> HttpResponse:
    """One step of one alert; answers with its line, or the page for a plain browser."""
    alert = get_object_or_404(Alert.objects.told(), pk=pk)
    problem = ""
    try:
        act(alert)
    except InvalidInput as error:
        problem = " ".join(p.message for p in error.problems)
        alert = Alert.objects.told().get(pk=pk)
    if not request.htmx:
        if problem:
            messages.error(request, problem)
        return _back(request)
    context = {"row": alert_row(alert, request.workspace.slug), **_row_context(request)}
    response = render(
        request, "scoring/alerts/changed.html", context, status=422 if problem else 200
    )
    if problem:
        response["HX-Trigger"] = json.dumps({"toast": {"level": "error", "text": problem}})
    return response


def _back(request: WorkspaceRequest) -> HttpResponseRedirect:
    wanted = request.POST.get("next", "")
    if url_has_allowed_host_and_scheme(wanted, allowed_hosts=None):
        return HttpResponseRedirect(wanted)
    return redirect(reverse("alerts", args=[request.workspace.slug]))
