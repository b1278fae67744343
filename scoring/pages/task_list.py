"""The tasks of a workspace, a keyset page at a time: open ones by their day, done ones the newest first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Any

from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.models import Task, TaskState
from scoring.models import Health
from scoring.pages.task_lines import LATER, NEVER, OVERDUE, TODAY, WEEK, TaskLine, task_line
from scoring.portfolio.summary import band_of, looks_of

PAGE = 50
GROUPS = {
    OVERDUE: _("Overdue"),
    TODAY: _("Today"),
    WEEK: _("In the next 7 days"),
    LATER: _("Later"),
    NEVER: _("Without a day"),
}


@dataclass(frozen=True, slots=True)
class TaskPlace:
    """Where a page of tasks ended: 2026-03-10.17; the day is empty where the task has none."""

    at: date | datetime | None
    pk: int

    def __str__(self) -> str:
        return f"{self.at.isoformat() if self.at else ''}~{self.pk}"

    @classmethod
    def read(cls, text: str, state: str) -> "TaskPlace | None":
        at, _sign, pk = text.rpartition("~")
        if not (pk.isascii() and pk.isdecimal() and len(pk) < 19):
            return None
        try:
            if state == TaskState.DONE:
                moment = datetime.fromisoformat(at)
                return cls(moment, int(pk)) if moment.tzinfo else None
            return cls(date.fromisoformat(at) if at else None, int(pk))
        except ValueError:
            return None


@dataclass(frozen=True, slots=True, kw_only=True)
class TasksWanted:
    """`user_id` is None for everybody's."""

    state: str
    user_id: int | None = None
    account: str = ""


@dataclass(frozen=True, slots=True)
class TaskGroup:
    key: str
    label: str
    lines: list[TaskLine]


@dataclass(frozen=True, slots=True)
class TaskPage:
    lines: list[TaskLine]
    groups: list[TaskGroup]
    previous: TaskPlace | None
    following: TaskPlace | None


def read_tasks(
    wanted: TasksWanted,
    today: date,
    *,
    after: TaskPlace | None = None,
    before: TaskPlace | None = None,
    size: int = PAGE,
) -> TaskPage:
    """The page that follows or precedes a place; the first where too few precede it."""
    if before is not None:
        found = list(_before(wanted, before)[: size + 1])
        if len(found) >= size:
            tasks = found[:size][::-1]
            previous = _place(tasks[0]) if len(found) > size else None
            return _page(tasks, wanted, today, previous, _place(tasks[-1]))
        after = None
    found = list(_after(wanted, after)[: size + 1])
    tasks = found[:size]
    previous = _place(tasks[0]) if after and tasks else None
    following = _place(tasks[-1]) if len(found) > size else None
    return _page(tasks, wanted, today, previous, following)


def _page(
    tasks: Sequence[Task],
    wanted: TasksWanted,
    today: date,
    previous: TaskPlace | None,
    following: TaskPlace | None,
) -> TaskPage:
    lines = task_lines(tasks, today)
    if wanted.state == TaskState.DONE:
        groups = [TaskGroup("done", "", lines)] if lines else []
    else:
        groups = [
            TaskGroup(key, str(GROUPS[key]), list(same))
            for key, same in groupby(lines, key=lambda line: line.when)
        ]
    return TaskPage(lines, groups, previous, following)


def task_lines(tasks: Sequence[Task], today: date) -> list[TaskLine]:
    """With the health of their accounts, in one query."""
    found = Health.objects.filter(account_id__in={task.account_id for task in tasks})
    health = {row.account_id: row for row in found.defer("reasons", "recent")}
    looks, _windows = looks_of({row.version_id for row in health.values()})
    return [
        task_line(task, today, band_of(looks, row.version_id, row.band), row.score)
        if (row := health.get(task.account_id))
        else task_line(task, today)
        for task in tasks
    ]


def _wanted(wanted: TasksWanted) -> QuerySet[Task]:
    done = wanted.state == TaskState.DONE
    tasks: Any = (Task.objects.done() if done else Task.objects.open()).told()
    if wanted.user_id is not None:
        tasks = tasks.assigned_to(wanted.user_id)
    if wanted.account:
        tasks = tasks.filter(account__key=wanted.account)
    return tasks  # type: ignore[no-any-return]


def _after(wanted: TasksWanted, place: TaskPlace | None) -> QuerySet[Task]:
    tasks: Any = _wanted(wanted)
    if wanted.state == TaskState.DONE:
        if place:
            same = Q(done_at=place.at, pk__lt=place.pk)
            tasks = tasks.filter(same | Q(done_at__lt=place.at), done_at__lte=place.at)
        return tasks.latest_done()  # type: ignore[no-any-return]
    if place and place.at is None:
        tasks = tasks.filter(due_on=None, pk__gt=place.pk)
    elif place:
        same = Q(due_on=place.at, pk__gt=place.pk)
        tasks = tasks.filter(same | Q(due_on__gt=place.at) | Q(due_on=None))
    return tasks.by_due()  # type: ignore[no-any-return]


def _before(wanted: TasksWanted, place: TaskPlace) -> QuerySet[Task]:
    """The nearest first."""
    tasks = _wanted(wanted)
    if wanted.state == TaskState.DONE:
        same = Q(done_at=place.at, pk__gt=place.pk)
        later = tasks.filter(same | Q(done_at__gt=place.at), done_at__gte=place.at)
        return later.order_by("done_at", "id")
    if place.at is None:
        earlier = tasks.filter(Q(due_on=None, pk__lt=place.pk) | Q(due_on__isnull=False))
    else:
        same = Q(due_on=place.at, pk__lt=place.pk)
        earlier = tasks.filter(same | Q(due_on__lt=place.at), due_on__lte=place.at)
    return earlier.order_by(F("due_on").desc(nulls_first=True), "-id")


def _place(task: Task) -> TaskPlace:
    return TaskPlace(task.done_at or task.due_on, task.pk)
