"""Who needs somebody today: risk × money × nearness of the renewal, each with its next step."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from accounts.models import Task, TeamMember, Workspace
from accounts.tenancy import tenant_rows
from scoring.engine.fixed import SCALE
from scoring.kept import kept
from scoring.models import Alert, Rule
from scoring.portfolio.pages import Line, line_of
from scoring.portfolio.statement import COLUMNS, PEOPLE, WITH_HEALTH
from scoring.portfolio.wanted import FALL

MOST = 25
KEPT_SECONDS = 60
WITHOUT_RENEWAL = 365
"""Days left where no renewal is known."""
ALERTS, RULES = Alert._meta.db_table, Rule._meta.db_table
TASKS, TEAM = Task._meta.db_table, TeamMember._meta.db_table
ALARMING = "workspace_id = %(workspace)s AND state = 'open' AND severity = 'risk'"
OVERDUE = (
    "workspace_id = %(workspace)s AND state = 'open' AND removed_at IS NULL AND due_on < %(today)s"
)
# Points lost in the trend window, and a tenth of what is missing to 100; an unknown score is a half.
RISK = f"(greatest(-h.change, 0) + (100 * {SCALE} - coalesce(h.score, 50 * {SCALE})) / 10)"
RANK = f"""
SELECT a.id, {RISK} / {SCALE}.0::float8 * coalesce(a.contract_value_cents, 100)
    * %(notice)s / (%(notice)s + greatest(coalesce(a.renewal_on - %(today)s, {WITHOUT_RENEWAL}), 0))
FROM {WITH_HEALTH}
WHERE a.workspace_id = %(workspace)s
    AND (%(person)s IS NULL OR a.owner_id = %(person)s OR (%(team)s AND a.id IN (
        SELECT account_id FROM {TEAM} WHERE workspace_id = %(workspace)s AND user_id = %(person)s)))
    AND (h.change <= -{FALL}
        OR (a.renewal_on <= %(until)s AND h.band_key = ANY(%(bands)s))
        OR a.id IN (SELECT account_id FROM {ALERTS} WHERE {ALARMING})
        OR a.id IN (SELECT account_id FROM {TASKS} WHERE {OVERDUE}))
ORDER BY 2 DESC, 1 LIMIT {MOST}
"""
TOLD = f"""
SELECT {COLUMNS}, NULL, alert.rule, alert.entries, task.id, task.title, task.due_on
FROM unnest(%(ids)s::bigint[]) WITH ORDINALITY AS wanted(id, place)
JOIN {WITH_HEALTH} ON a.workspace_id = %(workspace)s AND a.id = wanted.id
LEFT JOIN {PEOPLE} u ON u.id = a.owner_id
LEFT JOIN LATERAL (
    SELECT of.name AS rule, found.entries FROM {ALERTS} found
    JOIN {RULES} of ON of.workspace_id = found.workspace_id AND of.id = found.rule_id
    WHERE found.account_id = a.id AND found.{ALARMING.replace(" AND ", " AND found.")}
    ORDER BY found.day DESC, found.id DESC LIMIT 1) alert ON true
LEFT JOIN LATERAL (
    SELECT found.id, found.title, found.due_on FROM {TASKS} found
    WHERE found.account_id = a.id AND found.{OVERDUE.replace(" AND ", " AND found.")}
    ORDER BY found.due_on, found.id LIMIT 1) task ON true
ORDER BY wanted.place
"""


@dataclass(frozen=True, slots=True)
class LateTask:
    id: int
    title: str
    due_on: date


@dataclass(frozen=True, slots=True)
class Need:
    """`rule` and `entries` are those of the latest open alert of a risk, `task` the longest due."""

    line: Line
    rule: str
    entries: Sequence[Mapping[str, Any]]
    task: LateTask | None


def read_needs(
    *,
    workspace: Workspace,
    today: date,
    person: int | None,
    team: bool,
    below_good: Sequence[str],
) -> list[Need]:
    """The most pressing first, of all or of those that a person owns, or also works for (`team`).

    Ranked once a minute where that takes long.
    """
    notice = workspace.renewal_notice_days
    given: dict[str, Any] = {
        "person": person,
        "team": team,
        "today": today,
        "notice": max(notice, 1),
        "until": today + timedelta(days=notice),
        "bands": sorted(below_good),
    }
    ranked = kept(f"need:{given}", lambda: tenant_rows(RANK, **given), seconds=KEPT_SECONDS)
    ids = [account_id for account_id, _worth in ranked]
    return [_need(row) for row in (tenant_rows(TOLD, ids=ids, today=today) if ids else ())]


def _need(row: Sequence[Any]) -> Need:
    *plain, rule, entries, task_id, title, due_on = row
    told = entries if isinstance(entries, list) else json.loads(entries or "[]")
    task = None if task_id is None else LateTask(task_id, title, due_on)
    return Need(line_of("score", tuple(plain)), rule or "", told, task)
