"""Writes outcomes into the history: runs of equal days, restated where they say something else."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any

from django.db import connection

from accounts.tenancy import current_workspace_id
from scoring.models import Evaluation
from scoring.outcome import NAMES, Outcome, Segment
from scoring.spans import spanning

DAY = timedelta(days=1)
FLAGS = NAMES.index("flags")
NULLABLE = [NAMES.index("score"), NAMES.index("computed")]
COLUMNS = ", ".join(NAMES)

ARCHIVE = f"""
INSERT INTO scoring_supersededevaluation
    (workspace_id, account_id, scorecard_id, day, to_day, version_id, {COLUMNS}, detail,
     evaluated_at, superseded_at)
SELECT e.workspace_id, e.account_id, e.scorecard_id, e.day, e.to_day, e.version_id,
       {", ".join(f"e.{name}" for name in NAMES)}, e.detail, e.evaluated_at, %s
FROM scoring_evaluation e
JOIN unnest(%s::bigint[], %s::date[]) AS gone (account_id, day)
  ON e.account_id = gone.account_id AND e.day = gone.day
WHERE e.workspace_id = %s AND e.scorecard_id = %s
ON CONFLICT DO NOTHING
"""

REMOVE = """
DELETE FROM scoring_evaluation e
USING unnest(%s::bigint[], %s::date[]) AS gone (account_id, day)
WHERE e.workspace_id = %s AND e.scorecard_id = %s
  AND e.account_id = gone.account_id AND e.day = gone.day
"""

END = """
UPDATE scoring_evaluation e SET to_day = ended.to_day
FROM unnest(%s::bigint[], %s::date[], %s::date[]) AS ended (account_id, day, to_day)
WHERE e.workspace_id = %s AND e.scorecard_id = %s
  AND e.account_id = ended.account_id AND e.day = ended.day
"""

INSERT = f"""
INSERT INTO scoring_evaluation
    (workspace_id, scorecard_id, evaluated_at, account_id, day, to_day, version_id, {COLUMNS},
     detail)
SELECT %s, %s, %s, account_id, day, to_day, version_id,
       {", ".join(f"nullif({n}, -1)" if n in ("score", "computed") else n for n in NAMES)}, detail
FROM unnest(%s::bigint[], %s::date[], %s::date[], %s::bigint[],
            {", ".join(["%s::int[]"] * len(NAMES))}, %s::bytea[])
  AS new (account_id, day, to_day, version_id, {COLUMNS}, detail)
"""


@dataclass
class Changes:
    """What brings the stored rows of some accounts to the new segments."""

    superseded: list[tuple[int, date]] = field(default_factory=list)
    removed: list[tuple[int, date]] = field(default_factory=list)
    ended: list[tuple[int, date, date]] = field(default_factory=list)
    added: list[tuple[int, Segment]] = field(default_factory=list)


def record(outcome: Outcome, *, today: date, moment: datetime) -> None:
    """Store the outcome; evaluating the same again changes nothing.

    What a past day said before is kept as superseded, and the day is marked as restated. Today is
    not over: it changes with its data.
    """
    held = _held(outcome)
    changes = Changes()
    for account_id, new in outcome.segments():
        _compare(changes, account_id, held.get(account_id, []), new, outcome, today)
    _write(changes, outcome.scorecard_id, moment)


def _held(outcome: Outcome) -> dict[int, list[Segment]]:
    """The rows that touch the days, and those that end on the day before."""
    found: dict[int, list[Segment]] = defaultdict(list)
    rows = spanning(
        f"asked.account_id, day, to_day, version_id, {COLUMNS}, detail",
        scorecard_id=outcome.scorecard_id,
        account_ids=outcome.account_ids,
        first=outcome.first - DAY,
        last=outcome.last,
    )
    for account_id, day, to_day, version_id, *rest in rows:
        *fields, detail = rest
        restated = bool(fields[FLAGS] & Evaluation.RESTATED)
        found[account_id].append(
            Segment(day, to_day, version_id, _plain(fields), bytes(detail), restated)
        )
    return found


def _plain(fields: list[Any]) -> tuple[int, ...]:
    for i in NULLABLE:
        fields[i] = -1 if fields[i] is None else fields[i]
    fields[FLAGS] &= ~Evaluation.RESTATED
    return tuple(fields)


def _compare(
    changes: Changes,
    account_id: int,
    old: list[Segment],
    new: list[Segment],
    outcome: Outcome,
    today: date,
) -> None:
    first, last = outcome.first, outcome.last
    settled = min(last, today - DAY)
    before = next((row for row in old if row.to_day == first - DAY), None)
    inside = [row for row in old if row.to_day >= first]
    if _equal([row.clipped(first, last) for row in inside], new):
        return
    new = _restated(new, inside, settled)
    for row in inside:
        past = row.clipped(first, settled)
        if past.day <= past.to_day and not _contained(past, new):
            changes.superseded.append((account_id, row.day))
        if row.day < first:
            changes.ended.append((account_id, row.day, first - DAY))
            before = row.clipped(row.day, first - DAY)
        else:
            changes.removed.append((account_id, row.day))
        if row.to_day > last:
            changes.added.append((account_id, row.clipped(last + DAY, row.to_day)))
    if before and new and _goes_on(before, new[0]):
        changes.ended.append((account_id, before.day, new[0].to_day))
        new = new[1:]
    changes.added += [(account_id, segment) for segment in new]


def _restated(new: list[Segment], old: list[Segment], settled: date) -> list[Segment]:
    """The new segments, with a mark on the days until `settled` that said something else before."""
    if not old:
        return new
    edges = {day for row in old for day in (row.day, row.to_day + DAY)} | {settled + DAY}
    pieces: list[Segment] = []
    for segment in new:
        inner = sorted(day for day in edges if segment.day < day <= segment.to_day)
        for first, end in pairwise([segment.day, *inner, segment.to_day + DAY]):
            before = next((row for row in old if row.day <= first <= row.to_day), None)
            again = before is not None and (
                before.restated or (first <= settled and not before.same(segment))
            )
            piece = replace(segment, day=first, to_day=end - DAY, restated=again)
            if pieces and _goes_on(pieces[-1], piece):
                piece = replace(piece, day=pieces.pop().day)
            pieces.append(piece)
    return pieces


def _goes_on(before: Segment, after: Segment) -> bool:
    """The second is the first one's continuation, to be kept in one row with it."""
    return (
        before.to_day + DAY == after.day
        and before.restated == after.restated
        and before.same(after)
    )


def _equal(old: list[Segment], new: list[Segment]) -> bool:
    """The same on every day, however the days are cut into rows."""
    merged = _merged(old)
    return len(merged) == len(new) and all(
        a.day == b.day and a.to_day == b.to_day and a.same(b)
        for a, b in zip(merged, new, strict=True)
    )


def _merged(segments: Iterable[Segment]) -> list[Segment]:
    merged: list[Segment] = []
    for segment in segments:
        if merged and merged[-1].to_day + DAY == segment.day and merged[-1].same(segment):
            merged[-1] = replace(segment, day=merged[-1].day)
        else:
            merged.append(segment)
    return merged


def _contained(row: Segment, new: list[Segment]) -> bool:
    """The row's days say the same again."""
    parts = [s.clipped(row.day, row.to_day) for s in new if s.same(row)]
    return _equal([part for part in parts if part.day <= part.to_day], [row])


def _write(changes: Changes, scorecard_id: int, moment: datetime) -> None:
    workspace_id = current_workspace_id()
    where = [workspace_id, scorecard_id]
    with connection.cursor() as cursor:
        if changes.superseded:
            cursor.execute(ARCHIVE, [moment, *_columns(changes.superseded, 2), *where])
        if changes.removed:
            cursor.execute(REMOVE, [*_columns(changes.removed, 2), *where])
        # An end may be moved twice, first cut and then prolonged: the last word counts.
        ended = list({row[:2]: row for row in changes.ended}.values())
        if ended:
            cursor.execute(END, [*_columns(ended, 3), *where])
        if changes.added:
            rows = [
                (account_id, s.day, s.to_day, s.version_id, *_flagged(s), s.detail)
                for account_id, s in changes.added
            ]
            cursor.execute(INSERT, [*where, moment, *_columns(rows, 5 + len(NAMES))])


def _flagged(segment: Segment) -> tuple[int, ...]:
    if not segment.restated:
        return segment.fields
    fields = list(segment.fields)
    fields[FLAGS] |= Evaluation.RESTATED
    return tuple(fields)


def _columns(rows: list[Any], width: int) -> list[list[Any]]:
    return [[row[i] for row in rows] for i in range(width)]
