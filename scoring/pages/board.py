"""The tasks of one account, as its page shows them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property

from django.db.models import QuerySet

from accounts.forms.task import Person, TaskForm
from accounts.models import Account, Task, User, Workspace
from scoring.inputs.manual import midnight_after
from scoring.pages.task_lines import TaskLine, task_line

FEW = 6
MOST = 50


@dataclass(frozen=True)
class Board:
    """`past` says that another day than today is shown; `form` is None where nothing can be written
    down, `open_form` shows it unfolded."""

    account: Account
    lines: Sequence[TaskLine]
    more: bool
    past: bool
    form: TaskForm | None
    open_form: bool = False

    @property
    def first(self) -> Sequence[TaskLine]:
        return self.lines[:FEW]

    @property
    def others(self) -> Sequence[TaskLine]:
        return self.lines[FEW:]

    @cached_property
    def metrics(self) -> frozenset[str]:
        """What the path to green names and somebody works on already."""
        return frozenset(line.task.metric for line in self.lines if line.task.metric)


def read_board(
    workspace: Workspace,
    account: Account,
    *,
    as_of: date,
    past: bool = False,
    user: User | None = None,
    form: TaskForm | None = None,
    tasks: Sequence[Task] | None = None,
) -> Board:
    """As they were at the end of the day; `user` is who may write, None for who only reads.

    `tasks` are the open ones where they are read already."""
    if tasks is None:
        tasks = list(open_tasks(account, midnight_after(as_of, workspace)))
    for task in tasks:
        task.account = account
    usual = TaskForm(near(account, user), assignee_id=user.pk) if user else None
    return Board(
        account=account,
        lines=[task_line(task, as_of) for task in tasks[:MOST]],
        more=len(tasks) > MOST,
        past=past,
        form=form or usual,
        open_form=form is not None,
    )


def open_tasks(account: Account, end: datetime) -> QuerySet[Task]:
    """At the end of a day; one more than is shown."""
    found: QuerySet[Task] = Task.objects.for_account(account).open_at(end).by_due()
    return found.select_related("assignee")[: MOST + 1]


def near(account: Account, user: User, others: Iterable[User] = ()) -> list[Person]:
    """Who usually does it: who writes, the owner, the account's team."""
    people = {person.pk: person for person in (user, account.owner, *others) if person}
    return [(pk, str(person)) for pk, person in people.items()]
