"""What a day said before it was evaluated anew."""

from collections.abc import Sequence
from datetime import date, datetime

from scoring.histories import FIELDS, Dated, latest_in
from scoring.models import Evaluation, SupersededEvaluation
from scoring.models.evaluations import EvaluationFields


def beliefs_before(evaluation: Evaluation, day: date) -> list[SupersededEvaluation]:
    """What was said of a restated day before, the first of it first; what said the same is left out."""
    if not evaluation.flags & Evaluation.RESTATED:
        return []
    rows = SupersededEvaluation.objects.filter(
        account_id=evaluation.account_id,
        scorecard_id=evaluation.scorecard_id,
        day__lte=day,
        to_day__gte=day,
        superseded_at__lte=evaluation.evaluated_at,
    ).order_by("superseded_at")
    told: list[SupersededEvaluation] = []
    after: EvaluationFields = evaluation
    for row in reversed(rows):
        if _said(row) != _said(after):
            told.append(row)
        after = row
    return told[::-1]


def _said(row: EvaluationFields) -> tuple[object, ...]:
    of_row = ("day", "to_day", "flags", "evaluated_at")
    told = [getattr(row, name) for name in FIELDS if name not in of_row]
    return *told, row.flags & ~Evaluation.RESTATED


def believed_in(
    account_id: int, scorecard_id: int, steps: Sequence[tuple[date, date]], moment: datetime
) -> list[Dated | None]:
    """The last evaluated day of each interval, with what it said at the moment.

    A day says for good what it said when it was over: until then it changes with its data. One that
    was first evaluated after the moment is told as it was evaluated first.
    """
    later = SupersededEvaluation.objects.filter(
        account_id=account_id, scorecard_id=scorecard_id, superseded_at__gt=moment
    )
    replaced = list(later.order_by("superseded_at"))
    now = latest_in(account_id, scorecard_id, steps)
    return [_believed(step, row, replaced, moment) for step, row in zip(steps, now, strict=True)]


def _believed(
    step: tuple[date, date],
    now: Dated | None,
    replaced: Sequence[SupersededEvaluation],
    moment: datetime,
) -> Dated | None:
    first, last = step
    days = [min(row.to_day, last) for row in replaced if row.day <= last]
    day = max([*days, *([now[1]] if now else [])], default=None)
    if day is None or day < first:
        return None
    found = next((row for row in replaced if row.day <= day <= row.to_day), None)
    return now if found is None else (as_evaluation(found), day)


def as_evaluation(row: SupersededEvaluation) -> Evaluation:
    return Evaluation(**{name: getattr(row, name) for name in FIELDS})
