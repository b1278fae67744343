"""Evaluations of the whole portfolio: the nights, what was asked for, and how far they are."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import partial
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from accounts.access import WorkspaceRequest, managers_only
from accounts.models import Workspace
from accounts.newest import newest
from scoring.forms.evaluation import EvaluationForm
from scoring.models import Run, RunKind, RunSlice, RunState
from scoring.services.runs import retry_run, start_run
from scoring.tasks import evaluate_run

TEMPLATE, FRAGMENT = "scoring/runs.html", "runs"
PAGE = 30
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class RunRow:
    """`failed` accounts could not be evaluated, each for one of the `errors`."""

    run: Run
    days: int
    accounts: int
    seconds: int | None
    failed: int
    errors: tuple[str, ...]


@require_safe
@vary_on_headers("HX-Request", "HX-Target")
def runs(request: WorkspaceRequest, slug: str) -> HttpResponse:
    context = _listed(request)
    if request.htmx.target == FRAGMENT and not request.htmx.history_restore_request:
        return render(request, f"{TEMPLATE}#{FRAGMENT}", context)
    today = context["today"]
    return render(request, TEMPLATE, context | {"form": EvaluationForm(today=today)})


@require_POST
@managers_only
def evaluate_now(request: WorkspaceRequest, slug: str) -> HttpResponse:
    """Without days: today."""
    today = request.workspace.day_of(timezone.now())
    asked = "first" in request.POST or "last" in request.POST
    form = EvaluationForm(
        request.POST if asked else QueryDict(f"first={today}&last={today}"), today=today
    )
    if not form.is_valid():
        return render(request, TEMPLATE, _listed(request) | {"form": form}, status=422)
    first, last = form.cleaned_data["first"], form.cleaned_data["last"]
    same = Run.objects.unfinished().filter(kind=RunKind.REQUEST, from_day=first, to_day=last)
    if same.exists():
        messages.info(request, _("These days are being evaluated already."))
    else:
        _nudge(request.workspace, start_run(kind=RunKind.REQUEST, first=first, last=last))
    return redirect("runs", slug)


@require_POST
@managers_only
def retry(request: WorkspaceRequest, slug: str, pk: int) -> HttpResponse:
    run: Run = get_object_or_404(Run.objects, pk=pk)
    if retry_run(run=run):
        _nudge(request.workspace, run)
    else:
        messages.info(request, _("There is nothing to try again."))
    return redirect("runs", slug)


def _nudge(workspace: Workspace, run: Run) -> None:
    transaction.on_commit(partial(evaluate_run.delay, workspace.pk, run.pk), robust=True)


def _listed(request: WorkspaceRequest) -> dict[str, Any]:
    moment = timezone.now()
    shown = newest(Run.objects.all(), request.GET, PAGE)
    last_night = Run.objects.nights().order_by("-to_day").values_list("to_day", flat=True).first()
    return {
        "nav": "runs",
        "today": request.workspace.day_of(moment),
        "rows": _rows(shown.rows),
        "unfinished": any(run.unfinished for run in shown.rows),
        "first_page": not shown.previous_url,
        "previous_url": shown.previous_url,
        "next_url": shown.next_url,
        "next_night": next_night(request.workspace, moment, last_night),
        "moment": moment,
    }


def _rows(found: Sequence[Run]) -> list[RunRow]:
    failures: dict[int, list[tuple[int, str]]] = defaultdict(list)
    open_slices = RunSlice.objects.filter(run_id__in=[run.pk for run in found], done_at=None)
    for run_id, ids, error in open_slices.exclude(error="").values_list(
        "run_id", "account_ids", "error"
    ):
        failures[run_id].append((len(ids), error))
    return [_row(run, failures[run.pk]) for run in found]


def _row(run: Run, failures: Sequence[tuple[int, str]]) -> RunRow:
    days = (run.to_day - run.from_day).days + 1
    took = None if run.finished_at is None else run.finished_at - run.created_at
    return RunRow(
        run=run,
        days=days,
        accounts=run.total // days,
        seconds=None if took is None else max(1, round(took.total_seconds())),
        failed=sum(n for n, _error in failures) if run.state == RunState.FAILED else 0,
        errors=tuple(dict.fromkeys(error for _n, error in failures)),
    )


def next_night(workspace: Workspace, moment: datetime, last_night: date | None) -> datetime:
    """In the workspace's zone; a moment that has passed means that it starts within a minute."""
    today = workspace.day_of(moment)
    day = today + DAY if last_night is not None and last_night >= today else today
    return datetime.combine(day, time(workspace.night_hour), workspace.zone)
