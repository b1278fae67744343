"""The scores that the accounts of a page have in the metrics of their primary scorecards."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from scoring.bands import BandLook, at, look
from scoring.detail import Packed
from scoring.engine.compiled import Compiled
from scoring.engine.fixed import NONE
from scoring.engine.schemes import band_index
from scoring.explanations import rolled_details
from scoring.models import Scorecard
from scoring.portfolio.pages import Line
from scoring.versions import compiled, compiled_versions


class MetricScore(NamedTuple):
    band: BandLook
    score: int


def metric_scores(lines: Sequence[Line]) -> dict[int, Mapping[str, MetricScore]]:
    """By account and metric, of the metrics that count; nothing where no details were read."""
    told = [line for line in lines if line.detail is not None and line.version_id]
    found: dict[int, Mapping[str, MetricScore]] = {}
    for pk, card in compiled_versions(
        {line.version_id for line in told if line.version_id}
    ).items():
        found |= _of_version(card, [line for line in told if line.version_id == pk])
    return found


def _of_version(card: Compiled, lines: Sequence[Line]) -> dict[int, Mapping[str, MetricScore]]:
    days = np.array([line.day.toordinal() if line.day else 0 for line in lines], np.int32)
    packed = Packed.of([line.detail or b"" for line in lines])
    _records, rolled, _ages = rolled_details(card, packed, days[:, None])
    scores = np.where(rolled.counts, rolled.scores, NONE)
    looks, keys = look(card.bands), [metric.key for metric in card.metrics]
    ranks = band_index(scores, card.bands)
    return {
        line.id: {
            key: MetricScore(at(looks, rank), score)
            for key, score, rank in zip(keys, of_line, ranked, strict=True)
            if score != NONE
        }
        for line, of_line, ranked in zip(lines, scores.tolist(), ranks.tolist(), strict=True)
    }


def metric_names(scorecards: Iterable[Scorecard]) -> dict[str, str]:
    """By key; of the first scorecard that has it."""
    names: dict[str, str] = {}
    for scorecard in scorecards:
        for metric in compiled(scorecard.current_version).metrics:
            names.setdefault(metric.key, metric.metric.name)
    return names
