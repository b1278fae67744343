"""Writes outcomes into the history: runs of equal days, restated where they say something else."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any

import numpy as np

from scoring.detail import Packed, repacked
from scoring.engine.fixed import Bools, Int64
from scoring.models import Evaluation
from scoring.outcome import Outcome, Runs, Segment
from scoring.services.history_rows import HistoryRows
from scoring.services.peer_summaries import forget_summaries
from scoring.services.standings import note_change
from scoring.spans import spanning
from scoring.stored import FIELDS, NAMES
from scoring.versions import compiled_versions

DAY = timedelta(days=1)
FLAGS = NAMES.index("flags")
NULLABLE = [NAMES.index("score"), NAMES.index("computed")]
COLUMNS = ", ".join(NAMES)


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
    table = HistoryRows(outcome.scorecard_id, moment)
    again = _touched(outcome)
    _go_on(outcome, np.flatnonzero(~again), table)
    _evaluate_again(outcome, np.flatnonzero(again), today, table)
    if table.written:
        forget_summaries(
            scorecard_id=outcome.scorecard_id,
            first=outcome.first,
            last=outcome.last,
            today=today,
        )
        note_change(
            scorecard_id=outcome.scorecard_id,
            ids=outcome.account_ids,
            first=outcome.first,
            last=outcome.last,
        )


def _touched(outcome: Outcome) -> Bools:
    """Accounts that have an evaluation of one of the days, or of a later one."""
    latest = outcome.latest
    touched = np.zeros(len(outcome.account_ids), np.bool_)
    touched[latest.places] = latest.to_day >= outcome.first.toordinal()
    return touched


def _go_on(outcome: Outcome, places: Int64, table: HistoryRows) -> None:
    """Nothing is stored of these days: the last row is prolonged, or new ones follow it."""
    runs = outcome.runs(places)
    ids = np.array(outcome.account_ids, np.int64)
    kept, same = _continued(outcome, runs)
    table.prolong(ids[runs.places[kept]], outcome.latest.day[same], runs.last[kept])
    added = np.ones(len(runs.places), np.bool_)
    added[kept] = False
    new = runs.chosen(np.flatnonzero(added))
    version = np.full(len(new.places), outcome.version_id, np.int64)
    table.insert(ids[new.places], new.first, new.last, version, new.fields, new.detail)


def _continued(outcome: Outcome, runs: Runs) -> tuple[Int64, Int64]:
    """The runs that say what the account's last row says, to the day before; and those rows."""
    latest, first = outcome.latest, outcome.first.toordinal()
    row_of = np.full(len(outcome.account_ids), -1, np.int64)
    row_of[latest.places] = np.arange(len(latest))
    rows = row_of[runs.places]
    kept = np.flatnonzero((rows >= 0) & (runs.first == first))
    rows = rows[kept]
    like = (
        (latest.to_day[rows] == first - 1)
        & ~latest.restated[rows]
        & (latest.version[rows] == outcome.version_id)
        & (latest.fields[rows] == runs.fields[kept])
        & (latest.detail.lengths[rows] == runs.detail.lengths[kept])
    )
    pairs = zip(kept[like].tolist(), rows[like].tolist(), strict=True)
    equal = [(i, j) for i, j in pairs if runs.detail[i] == latest.detail[j]]
    found = np.array(equal, np.int64).reshape(-1, 2)
    return found[:, 0], found[:, 1]


def _evaluate_again(outcome: Outcome, places: Int64, today: date, table: HistoryRows) -> None:
    segments = outcome.segments(places)
    if not segments:
        return
    held = _held(outcome, list(segments))
    changes = Changes()
    for account_id, new in segments.items():
        _compare(changes, account_id, held.get(account_id, []), new, outcome, today)
    _write(changes, table)


def _held(outcome: Outcome, account_ids: list[int]) -> dict[int, list[Segment]]:
    """The rows that touch the days, and those that end on the day before."""
    found: dict[int, list[Segment]] = defaultdict(list)
    rows = spanning(
        f"asked.account_id, day, to_day, version_id, {COLUMNS}, detail",
        scorecard_id=outcome.scorecard_id,
        account_ids=account_ids,
        first=outcome.first - DAY,
        last=outcome.last,
    )
    cards = compiled_versions({row[3] for row in rows})
    for account_id, day, to_day, version_id, *rest in rows:
        *fields, detail = rest
        restated = bool(fields[FLAGS] & Evaluation.RESTATED)
        found[account_id].append(
            Segment(
                day,
                to_day,
                version_id,
                _plain(fields),
                repacked(cards[version_id], bytes(detail)),
                restated,
            )
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


def _write(changes: Changes, table: HistoryRows) -> None:
    table.archive(changes.superseded)
    table.remove(changes.removed)
    # An end may be moved twice, first cut and then prolonged: the last word counts.
    ended = list({row[:2]: row for row in changes.ended}.values())
    table.prolong(
        [account_id for account_id, _, _ in ended],
        [day.toordinal() for _, day, _ in ended],
        [to_day.toordinal() for _, _, to_day in ended],
    )
    segments = [segment for _, segment in changes.added]
    fields = np.array([segment.fields for segment in segments], FIELDS)
    fields["flags"] |= Evaluation.RESTATED * np.array([s.restated for s in segments], np.int16)
    table.insert(
        [account_id for account_id, _ in changes.added],
        [segment.day.toordinal() for segment in segments],
        [segment.to_day.toordinal() for segment in segments],
        [segment.version_id for segment in segments],
        fields,
        Packed.of([segment.detail for segment in segments]),
    )
