"""What evaluations say of accounts on days, as arrays: one step into the index for each."""

from collections.abc import Collection
from datetime import date, timedelta

import numpy as np

from accounts.tenancy import current_workspace_id
from scoring.engine.fixed import NONE, Int32, Int64
from scoring.explanations import rolled_details
from scoring.standings.packed import DayStandings
from scoring.stored import Stored, stored
from scoring.versions import compiled_versions
from usage.packed import columns, literal

BATCH = 2_000
DAY = timedelta(days=1)
STANDING = f"""
SELECT asked.place - 1 AS place, e.version_id AS version, e.band AS band,
    coalesce(e.score, {NONE}) AS score, least(e.to_day, asked.day) - DATE '0001-01-01' + 1 AS told
FROM unnest(%(accounts)s::bigint[], %(days)s::date[]) WITH ORDINALITY AS asked (id, day, place)
CROSS JOIN LATERAL (
    SELECT version_id, band, score, to_day FROM scoring_evaluation AS every
    WHERE every.workspace_id = %(workspace)s AND every.account_id = asked.id
      AND every.scorecard_id = %(scorecard)s AND every.day <= asked.day
    ORDER BY every.day DESC LIMIT 1
) AS e
WHERE e.to_day >= asked.day - (asked.day = %(today)s)::int
"""


def since(day: date, today: date) -> date:
    """Today counts what was said of yesterday as well, until today's evaluation has come."""
    return day - DAY if day == today else day


def read_evaluated(
    scorecard_id: int, asked: dict[date, Int64], *, today: date
) -> dict[date, DayStandings]:
    """Of the accounts asked for on each day, in one query; their ids ascend."""
    asked = {day: ids for day, ids in asked.items() if len(ids)}
    if not asked:
        return {}
    ids = np.concatenate(list(asked.values()))
    days = np.repeat(np.arange(len(asked)), [len(each) for each in asked.values()])
    texts = [day.isoformat() for day in asked]
    place, version, band, score, told = columns(
        STANDING,
        {
            "workspace": current_workspace_id(),
            "scorecard": scorecard_id,
            "accounts": literal(ids.tolist()),
            "days": literal(texts[n] for n in days.tolist()),
            "today": today,
        },
        "place version band score told",
    )
    found = DayStandings(
        ids[place], version, band.astype(np.int8), score.astype(np.int32), told.astype(np.int32)
    )
    of = days[place]
    return {day: found.chosen(of == n) for n, day in enumerate(asked)}


def read_scores(
    scorecard_id: int, ids: list[int], day: date, *, today: date, version: int
) -> tuple[int, Int32]:
    """Scores shaped (accounts, metrics of the newest version), NONE where a metric does not count;
    and that version: the given one where nothing of a later one is found."""
    found: dict[str, Int32] = {}
    for start in range(0, len(ids), BATCH):
        part = stored(scorecard_id, ids[start : start + BATCH], day).holding(since(day, today))
        _fill(found, start, part, day, len(ids))
        version = max(version, int(part.version.max(initial=version)))
    scores = np.full((len(ids), len(compiled_versions({version})[version].metrics)), NONE, np.int32)
    for metric in compiled_versions({version})[version].metrics:
        if metric.key in found:
            scores[:, metric.index] = found.pop(metric.key)
    return version, scores


def _fill(found: dict[str, Int32], start: int, part: Stored, day: date, n: int) -> None:
    """Metrics of all versions by their keys."""
    for _version, card, rows in part.by_version():
        _records, rolled, _ages = rolled_details(card, part.detail.chosen(rows), day.toordinal())
        counted = np.where(rolled.counts, rolled.scores, NONE)
        for metric in card.metrics:
            if metric.key not in found:
                found[metric.key] = np.full(n, NONE, np.int32)
            found[metric.key][start + part.places[rows]] = counted[:, metric.index]


def joined(ids: Collection[Int64]) -> Int64:
    """Each once, ascending."""
    return np.unique(np.concatenate(list(ids))) if ids else np.zeros(0, np.int64)
