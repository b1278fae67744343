"""Tasks as lines: when each is due, in words and with a shape."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Task
from accounts.templatetags.ui import day as day_text
from scoring.bands import BandLook

OVERDUE, TODAY, WEEK, LATER, NEVER = "overdue", "today", "week", "later", "never"
WEEK_DAYS = timedelta(days=7)
MARKS = {OVERDUE: ("cross", "bad"), TODAY: ("hourglass", "warn")}


@dataclass(frozen=True, slots=True)
class TaskLine:
    """`band` is the health of its account, where that is told."""

    task: Task
    when: str
    due: str
    band: BandLook | None = None
    score: int | None = None

    @property
    def shape(self) -> str:
        return MARKS.get(self.when, ("", ""))[0]

    @property
    def tone(self) -> str:
        return MARKS.get(self.when, ("", ""))[1]


def task_line(
    task: Task, today: date, band: BandLook | None = None, score: int | None = None
) -> TaskLine:
    return TaskLine(task, when(task.due_on, today), due_text(task.due_on, today), band, score)


def when(due_on: date | None, today: date) -> str:
    if due_on is None:
        return NEVER
    if due_on <= today:
        return TODAY if due_on == today else OVERDUE
    return WEEK if due_on <= today + WEEK_DAYS else LATER


def due_text(due_on: date | None, today: date) -> str:
    if due_on is None:
        return ""
    late = (today - due_on).days
    if late > 0:
        pattern = ngettext("%(n)s day late", "%(n)s days late", late)
        return pattern % {"n": number_format(late)}
    near = {0: _("today"), -1: _("tomorrow")}
    return near.get(late) or str(day_text(due_on, today))
