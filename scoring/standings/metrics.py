"""The scores that all accounts have in the metrics of a scorecard, at this moment."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from scoring.engine.compiled import Compiled
from scoring.engine.fixed import NONE, Int32, Int64
from scoring.models import Scorecard
from scoring.services.standings import pack_metrics
from scoring.standings.evaluated import DAY, read_scores, since
from scoring.standings.packed import DayStandings, spread_out, unpack, unpack_scores
from scoring.standings.read import WHOLE, Parts, account_ids, changed_on, read_changes, read_parts
from scoring.versions import compiled_versions


@dataclass(frozen=True)
class MetricScores:
    """Shaped (metrics that were asked for, accounts); NONE where a metric does not count."""

    ids: Int64
    keys: tuple[str, ...]
    scores: Int32
    card: Compiled

    def of(self, key: str) -> Int32:
        found: Int32 = self.scores[self.keys.index(key)]
        return found


def read_metric_scores(
    scorecard: Scorecard, keys: Sequence[str] | None = None, *, today: date
) -> MetricScores:
    """Of these metrics, or of all that the current version has."""
    current = scorecard.current_version.pk
    if keys is None:
        keys = [metric.key for metric in compiled_versions({current})[current].metrics]
    packed = _packed(scorecard.pk, keys, today)
    if packed is None:
        pack_metrics(scorecard=scorecard, today=today)
        packed = _packed(scorecard.pk, keys, today)
    if packed is None:  # another is packing
        ids = account_ids()
        return _told(
            scorecard, ids, np.full((len(keys), len(ids)), NONE, np.int32), ids, keys, today
        )
    base, scores, changed = packed
    return _told(scorecard, base.ids, scores, changed, keys, today)


def _packed(
    scorecard_id: int, keys: Sequence[str], today: date
) -> tuple[DayStandings, Int32, Int64] | None:
    changes = read_changes(scorecard_id, today - DAY, today)
    parts = read_parts(scorecard_id, {today, today - DAY}, [WHOLE, *keys])
    for day in (today, today - DAY):
        if (day, WHOLE) in parts and any((day, key) in parts for key in keys):
            base = unpack(parts[day, WHOLE], day)
            scores = np.stack([_scores(parts, day, key, base) for key in keys])
            scores[:, base.told < since(today, today).toordinal()] = NONE
            return base, scores, changed_on(changes, today, today)
    return None


def _scores(parts: Parts, day: date, key: str, base: DayStandings) -> Int32:
    """A metric of a later version than the packed one has no part yet."""
    packed = parts.get((day, key))
    return np.full(len(base), NONE, np.int32) if packed is None else unpack_scores(packed)


def _told(
    scorecard: Scorecard,
    ids: Int64,
    scores: Int32,
    changed: Int64,
    keys: Sequence[str],
    today: date,
) -> MetricScores:
    current = scorecard.current_version.pk
    version, new = read_scores(scorecard.pk, changed.tolist(), today, today=today, version=current)
    card = compiled_versions({version})[version]
    if not len(changed):
        return MetricScores(ids, tuple(keys), scores, card)
    places = {metric.key: metric.index for metric in card.metrics}
    everybody = np.union1d(ids, changed)
    told = np.full((len(keys), len(everybody)), NONE, np.int32)
    fresh = np.searchsorted(everybody, changed)
    for n, key in enumerate(keys):
        told[n] = spread_out(scores[n], ids, everybody)
        told[n, fresh] = new[:, places[key]] if key in places else NONE
    return MetricScores(everybody, tuple(keys), told, card)
