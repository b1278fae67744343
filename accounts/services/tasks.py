"""Tasks: written down, changed, done, and taken back."""

from datetime import date, datetime, timedelta
from typing import TypedDict, Unpack

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.errors import InvalidInput, Problem
from accounts.models import Account, Membership, Task, TaskSource, TaskState, User

KEPT = timedelta(days=7)
"""How long a removed task can be brought back."""
PRUNED = 100
LONGEST_NOTE = 20_000
LONGEST_TITLE = 200


class TaskFields(TypedDict, total=False):
    title: str
    note: str
    due_on: date | None
    assignee_id: int | None


def create_task(
    *,
    account: Account,
    by: User | None,
    moment: datetime,
    source: TaskSource = TaskSource.HAND,
    metric: str = "",
    **fields: Unpack[TaskFields],
) -> Task:
    """Raises InvalidInput."""
    given = _checked({"title": "", **fields})
    task = Task(
        account=account, source=source, metric=metric, created_at=moment, created_by=by, **given
    )
    task.save()
    return task


@transaction.atomic
def create_path_task(
    *,
    account: Account,
    metric: str,
    by: User | None,
    moment: datetime,
    **fields: Unpack[TaskFields],
) -> Task:
    """What the path to green names; an open one for the same metric is left as it is."""
    Account.objects.select_for_update(no_key=True).get(pk=account.pk)
    path = Task.objects.open().for_account(account).filter(source=TaskSource.PATH, metric=metric)
    found: Task | None = path.first()
    if found is not None:
        return found
    return create_task(
        account=account, by=by, moment=moment, source=TaskSource.PATH, metric=metric, **fields
    )


def change_task(*, task: Task, by: User | None, **fields: Unpack[TaskFields]) -> Task:
    """Only what is given; raises InvalidInput."""
    given = _checked(fields, was=task.assignee_id)
    for name, value in given.items():
        setattr(task, name, value)
    if given:
        task.save(update_fields=list(given))
    return task


def complete_task(*, task: Task, by: User | None, moment: datetime) -> Task:
    """One that is done already stays as it was done."""
    return _become(task, TaskState.DONE, done_at=moment, done_by=by)


def reopen_task(*, task: Task, by: User | None) -> Task:
    return _become(task, TaskState.OPEN, done_at=None, done_by=None)


def set_task_state(*, task: Task, state: str, by: User | None, moment: datetime) -> Task:
    if state == TaskState.DONE:
        return complete_task(task=task, by=by, moment=moment)
    return reopen_task(task=task, by=by)


def remove_task(*, task: Task, by: User | None, moment: datetime) -> Task:
    """It can be brought back for some days; those of before are forgotten."""
    old = Task.objects.filter(removed_at__lt=moment - KEPT).order_by("removed_at")
    Task.objects.filter(pk__in=list(old.values_list("pk", flat=True)[:PRUNED])).delete()
    return _stamped(task, moment)


def bring_back_task(*, task: Task, by: User | None) -> Task:
    return _stamped(task, None)


def _stamped(task: Task, removed_at: datetime | None) -> Task:
    task.removed_at = removed_at
    task.save(update_fields=["removed_at"])
    return task


def _become(
    task: Task, state: TaskState, *, done_at: datetime | None, done_by: User | None
) -> Task:
    """One conditional update, so that of two people who do it at once the first did it."""
    others = Task.objects.filter(pk=task.pk).exclude(state=state)
    if others.update(state=state, done_at=done_at, done_by=done_by):
        task.state, task.done_at, task.done_by = state, done_at, done_by
        return task
    now: Task = Task.objects.told().get(pk=task.pk)
    return now


def _checked(fields: TaskFields, was: int | None = None) -> TaskFields:
    given = fields.copy()
    problems = []
    if "title" in given:
        given["title"] = " ".join(given["title"].split())
        problems += _title_problems(given["title"])
    if "note" in given:
        given["note"] = given["note"].strip()
        if len(given["note"]) > LONGEST_NOTE:
            problems.append(Problem("note", _("This is too long.")))
    assignee_id = given.get("assignee_id")
    if assignee_id is not None and assignee_id != was and not _is_member(assignee_id):
        problems.append(Problem("assignee", _("Nobody of this workspace is called that.")))
    if problems:
        raise InvalidInput(problems)
    return given


def _title_problems(title: str) -> list[Problem]:
    if not title:
        return [Problem("title", _("Say what is to do."))]
    if len(title) > LONGEST_TITLE:
        return [Problem("title", _("At most %(n)d characters.") % {"n": LONGEST_TITLE})]
    return []


def _is_member(user_id: int) -> bool:
    return bool(Membership.objects.filter(user_id=user_id).exists())
