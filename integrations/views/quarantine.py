"""Rejected events: why each was, and what can be done about it."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from accounts.access import WorkspaceRequest, admins_only
from accounts.models import ApiKey
from accounts.views.settings.sections import section_crumbs, show
from integrations.quarantine import PERIODS, Place, Wanted, options, page_of
from integrations.services.replay import Replayed, replay, replay_edited
from usage.models import RejectedEvent
from usage.rejected import pretty
from usage.services.quarantine import bring_back, discard
from usage.sources import source_name

PAGE = 25
TEMPLATE = "integrations/quarantine.html"
FILTERS = ("reason", "source", "key", "period")
LONGEST = 100_000


@dataclass(frozen=True, slots=True)
class Row:
    event: RejectedEvent
    body: str
    source: str
    can_replay: bool


@require_safe
@admins_only
def quarantine(request: WorkspaceRequest, slug: str) -> HttpResponse:
    query, moment = request.GET, timezone.now()
    wanted = Wanted.of(query.dict(), moment)
    events, following = page_of(wanted, Place.read(query.get("after", "")), PAGE)
    chosen = {name: query[name] for name in FILTERS if query.get(name)}
    discarded = _moment(query.get("discarded", ""))
    context = {
        "rows": [_row(event) for event in events],
        "matching": wanted.rows().count(),
        "filters": _filters(query, wanted),
        "filtered": bool(chosen),
        "clear_all_url": "?" if chosen else "",
        "chosen": chosen,
        "back": f"?{urlencode(chosen)}",
        "next_url": _url(query, after=str(following)) if following else "",
        "first_url": _url(query) if query.get("after") else "",
        "discarded": RejectedEvent.objects.filter(discarded_at=discarded).count()
        if discarded
        else 0,
        "discarded_at": discarded and discarded.isoformat(),
        "kept_days": settings.QUARANTINE_DAYS,
        "kept_most": settings.QUARANTINE_MOST,
    }
    return show(request, TEMPLATE, context, current="quarantine")


def _row(event: RejectedEvent) -> Row:
    body = event.body
    return Row(event, pretty(body), source_name(event.source), isinstance(body, dict))


def _url(query: QueryDict, **changes: str) -> str:
    kept = {name: query[name] for name in FILTERS if query.get(name)} | changes
    return f"?{urlencode({name: value for name, value in kept.items() if value})}"


def _filters(query: QueryDict, wanted: Wanted) -> list[dict[str, Any]]:
    found = options()
    reasons = [(reason, f"{reason} ({events})") for reason, events in found["message"]]
    sources = [(source, source_name(source)) for source, _events in found["source"]]
    keys = ApiKey.objects.filter(pk__in=_keys()).order_by("name")
    periods = {"day": _("24 hours"), "week": _("7 days")}
    return [
        _menu(query, _("Reason"), "reason", wanted.reason, reasons),
        _menu(query, _("Source"), "source", wanted.source, sources),
        _menu(query, _("Key"), "key", str(wanted.key or ""), [(str(k.pk), k.name) for k in keys]),
        _menu(
            query, _("Time"), "period", query.get("period", ""), [(p, periods[p]) for p in PERIODS]
        ),
    ]


def _keys() -> Any:
    return RejectedEvent.objects.waiting().values("api_key_id")


def _menu(
    query: QueryDict, label: str, name: str, chosen: str, choices: list[tuple[str, str]]
) -> dict[str, Any]:
    return {
        "label": label,
        "key": name,
        "active": dict(choices).get(chosen, chosen),
        "clear_url": _url(query, **{name: ""}),
        "options": [
            {"label": text, "url": _url(query, **{name: value}), "current": value == chosen}
            for value, text in choices
        ],
    }


def _moment(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else None


# -- What is done about them ----------------------------------------------------------------------


def _ids(request: WorkspaceRequest) -> list[int]:
    """One event, those that were chosen, or all that match the filter."""
    posted = request.POST
    if "all" in posted:
        rows = Wanted.of(posted.dict(), timezone.now()).rows()
        return list(rows.values_list("pk", flat=True))
    given = [posted["only"]] if "only" in posted else posted.getlist("event")
    return [int(pk) for pk in given if pk.isascii() and pk.isdecimal() and len(pk) < 19]


def _back(request: WorkspaceRequest, **more: str) -> HttpResponseRedirect:
    kept = {name: request.POST[name] for name in FILTERS if request.POST.get(name)}
    address = reverse("quarantine", args=[request.workspace.slug])
    return HttpResponseRedirect(f"{address}?{urlencode(kept | more)}")


@require_POST
@admins_only
def replay_events(request: WorkspaceRequest, slug: str) -> HttpResponse:
    ids = _ids(request)
    if not ids:
        messages.info(request, _("Choose events first."))
        return _back(request)
    done = replay(workspace=request.workspace, ids=ids, moment=timezone.now())
    _tell(request, done)
    return _back(request)


def _tell(request: WorkspaceRequest, done: Replayed) -> None:
    if done.stored:
        text = ngettext(
            "%(n)s event left the quarantine.", "%(n)s events left the quarantine.", done.stored
        )
        messages.success(request, text % {"n": done.stored})
    if done.rejected:
        text = ngettext(
            "%(n)s event is still rejected; the reason is the latest.",
            "%(n)s events are still rejected; the reasons are the latest.",
            done.rejected,
        )
        messages.warning(request, text % {"n": done.rejected})
    if not done.stored and not done.rejected:
        messages.info(request, _("These events are not in the quarantine any more."))


@require_POST
@admins_only
def discard_events(request: WorkspaceRequest, slug: str) -> HttpResponse:
    moment, ids = timezone.now(), _ids(request)
    if not ids:
        messages.info(request, _("Choose events first."))
        return _back(request)
    discard(ids=ids, moment=moment)
    return _back(request, discarded=moment.isoformat())


@require_POST
@admins_only
def bring_back_events(request: WorkspaceRequest, slug: str) -> HttpResponse:
    discarded_at = _moment(request.POST.get("discarded", ""))
    number = bring_back(discarded_at=discarded_at) if discarded_at else 0
    text = ngettext("%(n)s event is back.", "%(n)s events are back.", number)
    messages.success(request, text % {"n": number})
    return _back(request)


@require_safe
@admins_only
def rejected_event(request: WorkspaceRequest, slug: str, pk: int) -> HttpResponse:
    event = get_object_or_404(RejectedEvent.objects.waiting(), pk=pk)
    return _edit_page(request, event, pretty(event.body))


@require_POST
@admins_only
def edit_event(request: WorkspaceRequest, slug: str, pk: int) -> HttpResponse:
    event: RejectedEvent = get_object_or_404(RejectedEvent.objects.waiting(), pk=pk)
    text = request.POST.get("body", "")
    try:
        body = json.loads(text[: LONGEST + 1].replace("\0", ""))
    except (ValueError, RecursionError) as error:
        problem = _("This is not valid JSON: %(reason)s") % {"reason": error}
        return _edit_page(request, event, text, problem)
    if not isinstance(body, dict) or len(text) > LONGEST:
        return _edit_page(request, event, text, _("An event is a JSON object of at most 100 kB."))
    done = replay_edited(workspace=request.workspace, event=event, body=body, moment=timezone.now())
    _tell(request, done)
    if done.rejected:
        # What was written is kept: an answer that is an error would take it back.
        return redirect("rejected_event", slug, pk)
    return redirect("quarantine", slug)


def _edit_page(
    request: WorkspaceRequest, event: RejectedEvent, body: str, problem: str = ""
) -> HttpResponse:
    context = {
        "event": event,
        "body": body,
        "problem": problem,
        "source": source_name(event.source),
        "crumbs": section_crumbs(request, _("Quarantine"), "quarantine"),
    }
    return show(
        request,
        "integrations/rejected_event.html",
        context,
        current="quarantine",
        status=422 if problem else 200,
    )
