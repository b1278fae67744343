"""Tasks: listed, written down, changed and done."""

from datetime import date, datetime
from typing import Annotated, Any, Literal

import msgspec
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from msgspec import UNSET, Meta, UnsetType
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.bodies import Body, decode, query
from accounts.api.pagination import Column, ListQuery, paginate
from accounts.api.schema import documented, page_of
from accounts.api.views import ApiView, ListView
from accounts.errors import InvalidInput
from accounts.models import Account, Membership, Task, TaskSource
from accounts.services.tasks import (
    LONGEST_NOTE,
    LONGEST_TITLE,
    TaskFields,
    change_task,
    create_task,
    set_task_state,
)

TAG = "Work"
State = Literal["open", "done"]
Title = Annotated[str, Meta(min_length=1, max_length=LONGEST_TITLE)]
Note = Annotated[str, Meta(max_length=LONGEST_NOTE)]
Email = Annotated[str, Meta(max_length=254)]


class TaskQuery(ListQuery, frozen=True, kw_only=True):
    """`assignee` is an e-mail; `due_before` a day that is not included."""

    account: str | None = None
    assignee: str | None = None
    state: State | None = None
    due_before: date | None = None


class TaskRow(msgspec.Struct):
    """`note` is Markdown; `metric` the metric that a task of the path to green should raise."""

    id: int
    account: str
    title: str
    note: str
    due_on: date | None
    assignee: str | None
    state: str
    done_at: datetime | None
    source: str
    metric: str
    created_at: datetime


class TaskBody(Body, frozen=True, kw_only=True):
    account: Annotated[str, Meta(min_length=1, max_length=200)]
    title: Title
    note: Note = ""
    due_on: date | None = None
    assignee: Email | None = None
    source: Literal["", "path", "alert", "playbook"] = ""
    metric: Annotated[str, Meta(max_length=63)] = ""


class TaskChange(Body, frozen=True, kw_only=True):
    """What is left out stays as it is; null empties a field."""

    title: Title | UnsetType = UNSET
    note: Note | UnsetType = UNSET
    due_on: date | UnsetType | None = UNSET
    assignee: Email | UnsetType | None = UNSET
    state: State | UnsetType = UNSET


class TasksView(ListView):
    scopes = {"GET": "read", "POST": "write"}

    @documented("Tasks", query=TaskQuery, answer=page_of(TaskRow), csv=True, tag=TAG)
    def get(self, request: Request) -> Response:
        wanted = query(request, TaskQuery)
        filters = {
            "account__key": wanted.account,
            "assignee__email": wanted.assignee and wanted.assignee.strip().lower(),
            "state": wanted.state,
            "due_on__lt": wanted.due_before,
        }
        given = {name: value for name, value in filters.items() if value is not None}
        return paginate(
            request,
            Task.objects.kept().filter(**given).told(),
            query=wanted,
            row=task_row,
            columns={"due_on": Column("due_on", nullable=True), "created_at": "created_at"},
            default="due_on",
        )

    @documented("Write a task down", body=TaskBody, answer=TaskRow, status=201, tag=TAG)
    def post(self, request: Request) -> Response:
        wanted = decode(request, TaskBody)
        task = create_task(
            account=account_named(wanted.account),
            title=wanted.title,
            note=wanted.note,
            due_on=wanted.due_on,
            assignee_id=member_named(wanted.assignee),
            source=TaskSource(wanted.source),
            metric=wanted.metric,
            by=None,
            moment=timezone.now(),
        )
        return Response(task_row(found(task.pk)), status=201)


class TaskView(ApiView):
    scopes = {"GET": "read", "PATCH": "write"}

    @documented("A task", answer=TaskRow, tag=TAG)
    def get(self, request: Request, pk: int) -> Response:
        return Response(task_row(found(pk)))

    @documented("Change a task, or say that it is done", body=TaskChange, answer=TaskRow, tag=TAG)
    def patch(self, request: Request, pk: int) -> Response:
        wanted = decode(request, TaskChange)
        task = change_task(task=found(pk), by=None, **_fields(wanted))
        if wanted.state is not UNSET:
            set_task_state(task=task, state=wanted.state, by=None, moment=timezone.now())
        return Response(task_row(found(pk)))


def _fields(wanted: TaskChange) -> TaskFields:
    fields = TaskFields()
    if wanted.title is not UNSET:
        fields["title"] = wanted.title
    if wanted.note is not UNSET:
        fields["note"] = wanted.note
    if wanted.due_on is not UNSET:
        fields["due_on"] = wanted.due_on
    if wanted.assignee is not UNSET:
        fields["assignee_id"] = member_named(wanted.assignee)
    return fields


def found(pk: int) -> Task:
    task: Task = get_object_or_404(Task.objects.kept().told(), pk=pk)
    return task


def account_named(key: str) -> Account:
    account: Account | None = Account.objects.filter(key=key).first()
    if account is None:
        raise InvalidInput.at("account", _("There is no such account."))
    return account


def member_named(email: str | None, path: str = "assignee") -> int | None:
    if email is None:
        return None
    members: Any = Membership.objects.filter(user__email=email.strip().lower())
    user_id: int | None = members.values_list("user_id", flat=True).first()
    if user_id is None:
        raise InvalidInput.at(path, _("Nobody of this workspace has this e-mail address."))
    return user_id


def task_row(task: Task) -> TaskRow:
    return TaskRow(
        id=task.pk,
        account=task.account.key,
        title=task.title,
        note=task.note,
        due_on=task.due_on,
        assignee=task.assignee.email if task.assignee else None,
        state=task.state,
        done_at=task.done_at,
        source=task.source,
        metric=task.metric,
        created_at=task.created_at,
    )
