"""The days of an account under one scorecard: the evaluation that held at the end of each, with marks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import Any, Literal

from django.db import connection

from accounts.models import Account, AccountState
from accounts.tenancy import current_workspace_id
from scoring.bands import BandLook, at, look
from scoring.engine.fixed import shown
from scoring.models import Evaluation, Scorecard, ScorecardVersion
from scoring.versions import compiled_versions

DAY, WEEK = timedelta(days=1), timedelta(days=7)
FIELDS = [field.attname for field in Evaluation._meta.concrete_fields if field.name != "pk"]
MarkKind = Literal["version", "contract", "stage", "restated", "held", "provisional", "override"]

LATEST = f"""
SELECT wanted.n, {", ".join(f"e.{name}" for name in FIELDS)}
FROM unnest(%s::bigint[], %s::date[]) WITH ORDINALITY AS wanted (scorecard_id, last, n)
CROSS JOIN LATERAL (
    SELECT * FROM scoring_evaluation AS every
    WHERE every.workspace_id = %s AND every.account_id = %s
      AND every.scorecard_id = wanted.scorecard_id AND every.day <= wanted.last
    ORDER BY every.day DESC LIMIT 1
) AS e
"""

Dated = tuple[Evaluation, date]


@dataclass(frozen=True, slots=True)
class Mark:
    """Something that happened on a day and may explain a change. `amount` in minor units."""

    day: date
    kind: MarkKind
    before: str | int | None = None
    after: str | int | None = None


@dataclass(frozen=True, slots=True)
class HistoryPoint:
    """`day` is the evaluated day, `to` the last day of the step that it stands for."""

    day: date
    to: date
    score: int | None
    band: BandLook
    coverage: int
    version: int
    flags: int
    marks: tuple[Mark, ...] = ()

    @property
    def shown(self) -> int | None:
        return None if self.score is None else shown(self.score)


def latest(account_id: int, wanted: Sequence[tuple[int, date]]) -> list[Evaluation | None]:
    """For each scorecard and day the evaluation that began last until then, in one query."""
    found: list[Evaluation | None] = [None] * len(wanted)
    parameters: list[Any] = [
        [scorecard_id for scorecard_id, _day in wanted],
        [day for _card, day in wanted],
        current_workspace_id(),
        account_id,
    ]
    with connection.cursor() as cursor:
        cursor.execute(LATEST, parameters)
        for n, *values in cursor.fetchall():
            found[n - 1] = Evaluation.from_db(connection.alias, FIELDS, values)
    return found


def latest_in(
    account_id: int, scorecard_id: int, steps: Sequence[tuple[date, date]]
) -> list[Dated | None]:
    """The last evaluated day of each interval with its evaluation."""
    found = latest(account_id, [(scorecard_id, last) for _first, last in steps])
    return [
        (evaluation, min(evaluation.to_day, last))
        if evaluation is not None and evaluation.to_day >= first
        else None
        for evaluation, (first, last) in zip(found, steps, strict=True)
    ]


def week_end(day: date) -> date:
    """The Sunday of the day's week."""
    return day + timedelta(days=6 - day.weekday())


def steps_between(first: date, last: date, step: str) -> list[tuple[date, date]]:
    """Days, or the weeks that hold them; the last week ends with `last`, so that it is as of it."""
    if step == "day":
        return [(first + n * DAY, first + n * DAY) for n in range((last - first).days + 1)]
    ends = range((week_end(last) - week_end(first)).days // 7 + 1)
    return [(end - 6 * DAY, min(end, last)) for end in (week_end(first) + n * WEEK for n in ends)]


def version_numbers(version_ids: set[int]) -> dict[int, int]:
    return dict(ScorecardVersion.objects.filter(pk__in=version_ids).values_list("pk", "number"))


def history(
    *, account: Account, scorecard: Scorecard, first: date, last: date, step: str = "day"
) -> list[HistoryPoint]:
    """The evaluated days, or one day for each week (its last evaluated one), oldest first."""
    steps = steps_between(first, last, step)
    found = latest_in(account.pk, scorecard.pk, steps)
    states = list(AccountState.objects.filter(account_id=account.pk).order_by("from_day"))
    return points(steps, found, states)


def points(
    steps: Sequence[tuple[date, date]],
    found: Sequence[Dated | None],
    states: Sequence[AccountState],
    numbers: Mapping[int, int] | None = None,
) -> list[HistoryPoint]:
    """`found` are the rows of `steps`; `numbers` those of the versions, where they are known."""
    ids = {row[0].version_id for row in found if row}
    numbers = numbers or version_numbers(ids)
    looks = {pk: look(card.bands) for pk, card in compiled_versions(ids).items()}
    happened = state_marks(states)
    before: Evaluation | None = None
    told = []
    for (first, last), row in zip(steps, found, strict=True):
        if row is None:
            continue
        evaluation, day = row
        marks = [
            *(mark for mark in happened if first <= mark.day <= last),
            *_own_marks(evaluation, day, before, numbers),
        ]
        told.append(
            HistoryPoint(
                day=day,
                to=last,
                score=evaluation.score,
                band=at(looks[evaluation.version_id], evaluation.band),
                coverage=evaluation.coverage,
                version=numbers[evaluation.version_id],
                flags=evaluation.flags,
                marks=tuple(marks),
            )
        )
        before = evaluation
    return told


def state_marks(states: Sequence[AccountState]) -> list[Mark]:
    """Changes of stage and contract value; `states` oldest first."""
    marks = []
    for earlier, later in pairwise(states):
        if earlier.contract_value_cents != later.contract_value_cents:
            values = earlier.contract_value_cents, later.contract_value_cents
            marks.append(Mark(later.from_day, "contract", *values))
        if earlier.stage != later.stage:
            marks.append(Mark(later.from_day, "stage", earlier.stage, later.stage))
    return marks


def _own_marks(
    evaluation: Evaluation, day: date, before: Evaluation | None, numbers: Mapping[int, int]
) -> list[Mark]:
    marks = []
    if before is not None and before.version_id != evaluation.version_id:
        of = numbers[before.version_id], numbers[evaluation.version_id]
        marks.append(Mark(day, "version", *of))
    flags: list[tuple[int, MarkKind]] = [
        (Evaluation.RESTATED, "restated"),
        (Evaluation.HELD, "held"),
        (Evaluation.PROVISIONAL, "provisional"),
        (Evaluation.OVERRIDDEN, "override"),
    ]
    return [*marks, *(Mark(day, kind) for flag, kind in flags if evaluation.flags & flag)]
