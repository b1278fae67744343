"""The list of who needs somebody today, ready to be put into its template."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from accounts.models import Workspace
from accounts.templatetags.ui import relative_day
from scoring.alert_rows import next_step
from scoring.models import Severity
from scoring.portfolio import cells
from scoring.portfolio.need import Need
from scoring.portfolio.rows import Row, rows
from scoring.portfolio.table import who


@dataclass(frozen=True, slots=True)
class Step:
    """`kind` is "task", "alert" or "path"."""

    kind: str
    label: str
    text: str
    url: str


@dataclass(frozen=True, slots=True)
class NeedRow:
    """What stands in the cells; what has a tag is markup."""

    row: Row
    who: str
    score: SafeString
    change: SafeString
    contract: SafeString
    renewal: SafeString
    reason: str
    step: Step


def need_rows(
    needs: Sequence[Need], *, workspace: Workspace, user_id: int, today: date
) -> list[NeedRow]:
    lines = [need.line for need in needs]
    told = rows(lines, workspace=workspace, user_id=user_id, today=today)
    return [
        NeedRow(
            row=row,
            who=who(row),
            score=_safe(cells.score(row)),
            change=_safe(cells.change(row)),
            contract=_safe(cells.contract(row)),
            renewal=_safe(cells.renewal(row)),
            reason=row.reason or _otherwise(need),
            step=_step(need, row.url, today, workspace),
        )
        for need, row in zip(needs, told, strict=True)
    ]


def _safe(cell: str) -> SafeString:
    return mark_safe(cell)  # noqa: S308  escaped where it was made


def _otherwise(need: Need) -> str:
    """Where no metric moved."""
    if need.rule:
        return _("Alert: %(name)s") % {"name": need.rule}
    return _("A task is overdue") if need.task else _("Below good, and the renewal is near")


def _step(need: Need, url: str, today: date, workspace: Workspace) -> Step:
    """What was promised first, then what fired, then what would raise the score most."""
    if need.task is not None:
        due = _("Due %(when)s") % {"when": relative_day(need.task.due_on, today)}
        task = reverse("task", args=[workspace.slug, need.task.id])
        return Step("task", need.task.title, due, task)
    if need.rule:
        return Step("alert", need.rule, next_step(Severity.RISK, need.entries), url)
    return Step("path", _("Path to green"), "", url)
