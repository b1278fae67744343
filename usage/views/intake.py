"""What came in, for whoever integrates: what was stored, what was refused, and why."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from accounts.access import WorkspaceRequest, admins_only
from accounts.models import ApiKey
from accounts.refusals import refused
from accounts.spreadsheets import csv_text
from accounts.views.settings.sections import show
from usage.bars import Bar, stacked_bars
from usage.days import DAY
from usage.intake import (
    CameIn,
    Counts,
    Sender,
    Step,
    came_in,
    key_names,
    last_seen,
    reasons,
    starts_of,
)
from usage.models import Recount
from usage.rejected import pretty
from usage.sources import source_name

TEMPLATE, FRAGMENT = "usage/intake.html", "intake"
HEIGHT = 150
ANSWERS = {
    400: gettext_lazy("The body could not be read."),
    401: gettext_lazy("The key was revoked or has expired."),
    403: gettext_lazy("The key lacks the scope “ingest”."),
    405: gettext_lazy("The address does not answer to this method."),
    411: gettext_lazy("The body had no length."),
    413: gettext_lazy("The batch or its body was too large."),
    415: gettext_lazy("The body was encoded in a way that is not known."),
    422: gettext_lazy("An Idempotency-Key was used for another request."),
    429: gettext_lazy("There were too many requests; Retry-After says when to go on."),
}
FIRST_CALL = """\
curl -H 'Authorization: Bearer sk_…' -H 'Content-Type: application/json' -d '{{"events": [\
{{"event_id": "first", "account": "acme", "user": "ada", "type": "login", \
"occurred_at": "{time}"}}]}}' {url}"""
COLUMNS = ("from", "key", "key_name", "source", "accepted", "duplicates", "rejected", "last_at")


@dataclass(frozen=True, slots=True)
class Slot:
    start: datetime
    counts: Counts
    bar: Bar
    labelled: bool


@dataclass(frozen=True, slots=True)
class SenderRow:
    sender: Sender
    key: ApiKey | None
    source: str
    counts: Counts
    last_at: datetime
    value: str
    """How the address names it."""


@dataclass(frozen=True, slots=True)
class RefusedRow:
    key: ApiKey
    status: int
    text: str
    number: int
    last_at: datetime


@require_safe
@admins_only
@vary_on_headers("HX-Request", "HX-Target")
def intake(request: WorkspaceRequest, slug: str) -> HttpResponse:
    moment = timezone.now()
    step: Step = "day" if request.GET.get("step") == "day" else "hour"
    starts = starts_of(step, moment, request.workspace.zone)
    rows = came_in(starts, moment)
    if request.GET.get("format") == "csv":
        return _csv(request, starts, rows)
    context = _context(request, step, starts, rows, moment)
    if request.htmx.target == FRAGMENT and not request.htmx.history_restore_request:
        return render(request, f"{TEMPLATE}#{FRAGMENT}", context)
    return show(request, TEMPLATE, context, current="intake")


def _context(
    request: WorkspaceRequest,
    step: Step,
    starts: list[datetime],
    rows: list[CameIn],
    moment: datetime,
) -> dict[str, Any]:
    seen, begin = last_seen(), request.workspace.events_from
    senders = _senders(rows, seen)
    chosen = next((row for row in senders if row.value == request.GET.get("sender")), None)
    shown = [row for row in rows if chosen is None or row.sender == chosen.sender]
    slots = _slots(step, starts, shown)
    return {
        "step": step,
        "steps": [
            {"label": _("48 hours"), "url": "?step=hour", "current": step == "hour"},
            {"label": _("30 days"), "url": "?step=day", "current": step == "day"},
        ],
        "slots": slots,
        "highest": max(slot.counts.total for slot in slots),
        "height": HEIGHT,
        "total": sum((row.counts for row in shown), Counts()),
        "senders": senders,
        "chosen": chosen,
        "ever": bool(seen),
        "refused": _refused(request.workspace.pk, starts),
        "reasons": [(reason, pretty(reason.example.body)) for reason in reasons()],
        "recount": Recount.objects.unfinished().first(),
        "events_from": begin and timezone.localtime(begin),
        "moment": moment,
        "first_call": FIRST_CALL.format(
            time=moment.strftime("%Y-%m-%dT%H:%M:%SZ"),
            url=request.build_absolute_uri("/api/v1/events/"),
        ),
    }


def _refused(workspace_id: int, starts: list[datetime]) -> list[RefusedRow]:
    first, last = starts[0].date(), starts[-1].date()
    days = [first + number * DAY for number in range((last - first).days + 2)]
    rows = refused(workspace_id, days)
    keys = ApiKey.objects.in_bulk([row.api_key_id for row in rows])
    return [
        RefusedRow(
            keys[row.api_key_id],
            row.status,
            str(ANSWERS.get(row.status, "")),
            row.number,
            row.last_at,
        )
        for row in rows
        if row.api_key_id in keys
    ]


def _slots(step: Step, starts: list[datetime], rows: list[CameIn]) -> list[Slot]:
    counts: dict[int, Counts] = defaultdict(Counts)
    for row in rows:
        counts[row.number] += row.counts
    values = [counts[number] for number in range(len(starts))]
    bars = stacked_bars(
        [(each.accepted, each.duplicates, each.rejected) for each in values], height=HEIGHT
    )
    every = 8 if step == "hour" else 5
    return [
        Slot(timezone.localtime(start), each, bar, (len(starts) - 1 - number) % every == every // 2)
        for number, (start, each, bar) in enumerate(zip(starts, values, bars, strict=True))
    ]


def _senders(rows: list[CameIn], seen: dict[Sender, datetime]) -> list[SenderRow]:
    """Everyone who ever sent, the latest first."""
    counts: dict[Sender, Counts] = defaultdict(Counts)
    for row in rows:
        counts[row.sender] += row.counts
    keys = key_names(list(seen))
    found = [
        SenderRow(
            sender,
            keys.get(sender.api_key_id or 0),
            source_name(sender.source),
            counts[sender],
            at,
            f"{sender.source}-{sender.api_key_id or ''}",
        )
        for sender, at in seen.items()
    ]
    return sorted(found, key=lambda row: row.last_at, reverse=True)


def _csv(request: WorkspaceRequest, starts: list[datetime], rows: list[CameIn]) -> HttpResponse:
    keys = key_names([row.sender for row in rows])
    lines = [_line(row, starts, keys) for row in rows]
    name = f"intake-{request.workspace.slug}-{timezone.localdate().isoformat()}.csv"
    return HttpResponse(
        csv_text(lines, COLUMNS),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _line(row: CameIn, starts: list[datetime], keys: dict[int, ApiKey]) -> dict[str, Any]:
    key = keys.get(row.sender.api_key_id or 0)
    return {
        "from": timezone.localtime(starts[row.number]).isoformat(),
        "key": key.prefix if key else "",
        "key_name": key.name if key else "",
        "source": row.sender.source,
        "accepted": row.counts.accepted,
        "duplicates": row.counts.duplicates,
        "rejected": row.counts.rejected,
        "last_at": row.last_at.isoformat(),
    }
