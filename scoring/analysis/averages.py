"""The scores that accounts have in each metric on a day: their mean, and how many are in the lowest band."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from scoring.analysis.accounts import Accounts
from scoring.analysis.groups import By, Group, read_groups
from scoring.engine.compiled import Compiled, CompiledMetric
from scoring.engine.fixed import HUNDRED, NONE, Bools, Int8, Int32, divide_half_up
from scoring.engine.schemes import band_index
from scoring.explanations import rolled_details
from scoring.kept import kept
from scoring.models import PeerKind, PeerSummary, Scorecard
from scoring.stored import Stored, stored
from scoring.versions import compiled_versions

BATCH = 2_000
KEPT_SECONDS = 300
MOST_COMPARED = 200
"""Groups among which the one is sought in which a metric fails most."""
FEWEST = 5
"""A group of fewer accounts with a score says nothing of where a metric fails."""


@dataclass(frozen=True)
class Scores:
    """Shaped (accounts, metrics of the version): NONE where a metric does not count."""

    version_id: int
    card: Compiled
    scores: Int32

    @property
    def bands(self) -> Int8:
        return band_index(self.scores, self.card.bands)


@dataclass(frozen=True)
class Average:
    """`mean` over `count` accounts in whose score it counts; `lowest` the share of those in the
    lowest band, in percent; `where` the group with the largest such share."""

    metric: CompiledMetric
    count: int
    mean: int | None
    lowest: int | None
    where: Group | None
    lowest_there: int | None


def read_scores(scorecard: Scorecard, accounts: Accounts, day: date, *, today: date) -> Scores:
    name = f"analysis:scores:{scorecard.pk}:{accounts.token}:{len(accounts)}:{day}"
    version_id, scores = kept(
        name,
        lambda: _read(scorecard, accounts.ids.tolist(), day, today),
        seconds=KEPT_SECONDS,
    )
    return Scores(version_id, compiled_versions({version_id})[version_id], scores)


def scores_of(scorecard: Scorecard, ids: list[int], day: date, *, today: date) -> Scores:
    """Of a few accounts, as they are at this moment."""
    version_id, scores = _read(scorecard, ids, day, today)
    return Scores(version_id, compiled_versions({version_id})[version_id], scores)


def _read(scorecard: Scorecard, ids: list[int], day: date, today: date) -> tuple[int, Int32]:
    since = day - timedelta(days=1) if day == today else day
    parts = [
        (start, stored(scorecard.pk, ids[start : start + BATCH], day).holding(since))
        for start in range(0, len(ids), BATCH)
    ]
    versions = [int(part.version.max()) for _start, part in parts if len(part)]
    newest = max(versions, default=scorecard.current_version.pk)
    card = compiled_versions({newest})[newest]
    scores = np.full((len(ids), len(card.metrics)), NONE, np.int32)
    for start, part in parts:
        _fill(scores, start, part, card, day)
    return newest, scores


def _fill(scores: Int32, start: int, part: Stored, newest: Compiled, day: date) -> None:
    """Metrics of another version are found by their keys."""
    places = {metric.key: metric.index for metric in newest.metrics}
    for _version, card, rows in part.by_version():
        _records, rolled, _ages = rolled_details(card, part.detail.chosen(rows), day.toordinal())
        counted = np.where(rolled.counts, rolled.scores, NONE)
        for metric in card.metrics:
            if metric.key in places:
                scores[start + part.places[rows], places[metric.key]] = counted[:, metric.index]


def read_averages(
    scorecard: Scorecard,
    accounts: Accounts,
    day: date,
    *,
    today: date,
    everybody: bool,
    by: By | None = None,
    people: Sequence[tuple[int, str]] = (),
) -> list[Average]:
    """The one that fails most first. Of a sample, but for the means over everybody that a run stored.

    `by` says among which groups the one is sought where a metric fails most.
    """
    few = accounts.sample
    found = read_scores(scorecard, few, day, today=today)
    means = stored_means(found.version_id, day) if everybody and accounts.sampled else {}
    groups = read_groups(by, few, people, most=MOST_COMPARED).listed if by else []
    rows = [_average(found, metric, groups, means) for metric in found.card.metrics]
    return sorted(rows, key=lambda row: (-(row.lowest or 0), row.metric.index))


def _average(
    found: Scores, metric: CompiledMetric, groups: Sequence[Group], means: Mapping[str, int]
) -> Average:
    scores, bands = found.scores[:, metric.index], found.bands[:, metric.index]
    known = scores != NONE
    count = int(known.sum())
    there = [
        (share, group)
        for group in groups
        if (share := _lowest(bands, known & group.members, FEWEST)) is not None
    ]
    worst = max(there, key=lambda each: each[0], default=(None, None))
    return Average(
        metric=metric,
        count=count,
        mean=means.get(metric.key, _mean(scores[known])),
        lowest=_lowest(bands, known, 1),
        where=worst[1] if worst[0] else None,
        lowest_there=worst[0],
    )


def _mean(scores: Int32) -> int | None:
    whole = int(scores.astype(np.int64).sum())
    return divide_half_up(whole, len(scores)) if len(scores) else None


def _lowest(bands: Int8, which: Bools, fewest: int) -> int | None:
    count = int(which.sum())
    low = int((bands[which] == 0).sum())
    return divide_half_up(low * HUNDRED, count) if count >= fewest else None


def stored_means(version_id: int, day: date) -> dict[str, int]:
    """By metric over all accounts, where a run has summarized the day."""
    rows = PeerSummary.objects.on(version_id, day).filter(kind=PeerKind.METRIC)
    found = rows.values_list("key", "mean_score")
    return {key: mean for key, mean in found if mean is not None}
