"""Tasks: the list of what is due, and what is done with one task."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.access import WorkspaceRequest, scorers_only
from accounts.errors import InvalidInput
from accounts.forms.task import Person, TaskForm
from accounts.models import Membership, Task, TaskState
from accounts.services.tasks import (
    bring_back_task,
    change_task,
    complete_task,
    remove_task,
    reopen_task,
)
from scoring.addresses import Address, cleaned
from scoring.forms.problems import place_problems
from scoring.pages.task_lines import task_line
from scoring.pages.task_list import TaskPlace, TasksWanted, read_tasks, task_lines
from scoring.views.redirects import back_to

ROW, CHANGED = "scoring/tasks/row.html", "scoring/tasks/changed.html"


@require_safe
def tasks(request: WorkspaceRequest, slug: str) -> HttpResponse:
    query = cleaned(request.GET)
    wanted = _wanted(query, request.user.pk)
    today = request.workspace.day_of(timezone.now())
    found = read_tasks(
        wanted,
        today,
        after=TaskPlace.read(query.get("after", ""), wanted.state),
        before=TaskPlace.read(query.get("before", ""), wanted.state),
    )
    address = Address(query)
    context = {
        "nav": "tasks",
        "today": today,
        "wanted": wanted,
        "page": found,
        "tabs": _tabs(address, wanted),
        "whose": _whose(address, wanted),
        "everybody_url": address.url(whose="all"),
        "any_account_url": address.without("account"),
        "previous_url": address.url(before=found.previous) if found.previous else "",
        "next_url": address.url(after=found.following) if found.following else "",
        "back": request.get_full_path(),
        "with_account": True,
    }
    return render(request, "scoring/tasks.html", context)


def _wanted(query: QueryDict, user_id: int) -> TasksWanted:
    done = query.get("state") == TaskState.DONE
    everybody = query.get("whose") == "all"
    return TasksWanted(
        state=TaskState.DONE if done else TaskState.OPEN,
        user_id=None if everybody else user_id,
        account=query.get("account", ""),
    )


def _tabs(address: Address, wanted: TasksWanted) -> list[dict[str, Any]]:
    return [
        {"label": label, "url": url, "current": state == wanted.state}
        for state, label, url in (
            (TaskState.OPEN, _("Open"), address.without("state")),
            (TaskState.DONE, _("Done"), address.url(state=TaskState.DONE)),
        )
    ]


def _whose(address: Address, wanted: TasksWanted) -> list[dict[str, Any]]:
    mine = wanted.user_id is not None
    return [
        {"label": _("Mine"), "url": address.without("whose"), "current": mine},
        {"label": _("Everyone’s"), "url": address.url(whose="all"), "current": not mine},
    ]


@require_safe
def task(request: WorkspaceRequest, slug: str, pk: int) -> HttpResponse:
    """One task's line, or its page for a plain browser."""
    found = _found(pk)
    if request.htmx and not request.htmx.history_restore_request:
        return render(request, ROW, _row_context(request, found))
    return _task_page(request, found, None)


@require_safe
@scorers_only
def edit_task(request: WorkspaceRequest, slug: str, pk: int) -> HttpResponse:
    found = _found(pk)
    return _form_page(request, found, TaskForm(_people(), task=found))


@require_POST
@scorers_only
def save_task(request: WorkspaceRequest, slug: str, pk: int) -> HttpResponse:
    found = _found(pk)
    form = TaskForm(_people(), request.POST, task=found)
    if form.is_valid():
        try:
            change_task(task=found, by=request.user, **form.given)
        except InvalidInput as error:
            place_problems(form, {p.path: [p.message] for p in error.problems})
        else:
            return _changed(request, pk, _("The task is changed."))
    return _form_page(request, found, form, status=422)


@require_POST
@scorers_only
def finish_task(request: WorkspaceRequest, slug: str, pk: int) -> HttpResponse:
    complete_task(task=_found(pk), by=request.user, moment=timezone.now())
    return _changed(request, pk, _("Done. Among the done tasks it can be opened again."))


@require_POST
@scorers_only
def unfinish_task(request: WorkspaceRequest, slug: str, pk: int) -> HttpResponse:
    reopen_task(task=_found(pk), by=request.user)
    return _changed(request, pk, _("The task is open again."))


@require_POST
@scorers_only
def drop_task(request: WorkspaceRequest, slug: str, pk: int) -> HttpResponse:
    """A plain browser is led to the task's page, where it can be brought back."""
    remove_task(task=_found(pk), by=request.user, moment=timezone.now())
    if request.htmx:
        return _changed(request, pk, "")
    return redirect("task", slug, pk)


@require_POST
@scorers_only
def restore_task(request: WorkspaceRequest, slug: str, pk: int) -> HttpResponse:
    bring_back_task(task=_found(pk), by=request.user)
    return _changed(request, pk, _("The task is back."))


def _found(pk: int) -> Task:
    found: Task = get_object_or_404(Task.objects.told(), pk=pk)
    return found


def _people() -> list[Person]:
    return [(member.user_id, str(member.user)) for member in Membership.objects.by_name()]


def _row_context(request: WorkspaceRequest, found: Task) -> dict[str, Any]:
    """Where it came from decides whether the line names its account."""
    back = request.POST.get("next") or request.GET.get("next") or ""
    with_account = back.startswith(reverse("tasks", args=[request.workspace.slug]))
    today = request.workspace.day_of(timezone.now())
    line = task_lines([found], today)[0] if with_account else task_line(found, today)
    return {
        "line": line,
        "today": today,
        "with_account": with_account,
        "back": back,
        "focus": bool(request.htmx),
    }


def _changed(request: WorkspaceRequest, pk: int, done: str) -> HttpResponse:
    found = _found(pk)
    if request.htmx:
        return render(request, CHANGED, _row_context(request, found))
    messages.success(request, done)
    return back_to(request, _account_url(request, found))


def _form_page(
    request: WorkspaceRequest, found: Task, form: TaskForm, status: int = 200
) -> HttpResponse:
    if request.htmx and not request.htmx.history_restore_request:
        context = {**_row_context(request, found), "form": form}
        return render(request, "scoring/tasks/form_row.html", context, status=status)
    return _task_page(request, found, form, status)


def _task_page(
    request: WorkspaceRequest, found: Task, form: TaskForm | None, status: int = 200
) -> HttpResponse:
    today: date = request.workspace.day_of(timezone.now())
    context = {
        "nav": "tasks",
        "today": today,
        "task": found,
        "line": task_line(found, today),
        "form": form,
        "back": request.POST.get("next")
        or reverse("task", args=[request.workspace.slug, found.pk]),
    }
    return render(request, "scoring/task.html", context, status=status)


def _account_url(request: WorkspaceRequest, found: Task) -> str:
    address = reverse("account_scorecard", args=[request.workspace.slug, found.account.key])
    return f"{address}#task-{found.pk}"
