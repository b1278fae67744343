"""The scores that accounts have in each metric on a day: their mean, and how many are in the lowest band."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from scoring.analysis.accounts import Accounts
from scoring.analysis.groups import By, Group, read_groups
from scoring.engine.compiled import Compiled, CompiledMetric
from scoring.engine.fixed import HUNDRED, NONE, Bools, Int8, Int32, divide_half_up
from scoring.engine.schemes import band_index
from scoring.models import PeerKind, PeerSummary, Scorecard
from scoring.standings.evaluated import read_scores as read_evaluated_scores
from scoring.standings.metrics import read_metric_scores
from scoring.standings.packed import spread_out
from scoring.versions import compiled_versions

MOST_COMPARED = 200
"""Groups among which the one is sought in which a metric fails most."""
FEWEST = 5
"""A group of fewer accounts with a score says nothing of where a metric fails."""


@dataclass(frozen=True)
class Scores:
    """Shaped (accounts, metrics of the version): NONE where a metric does not count."""

    card: Compiled
    scores: Int32

    @property
    def bands(self) -> Int8:
        return band_index(self.scores, self.card.bands)


@dataclass(frozen=True)
class Place:
    """A group where many of a metric's scores are in the lowest band: `lowest` percent of them."""

    key: str
    name: str
    lowest: int


@dataclass(frozen=True)
class Average:
    """`mean` over `count` accounts in whose score it counts; `lowest` the share of those in the
    lowest band, in percent; `where` the group with the largest such share."""

    metric: CompiledMetric
    count: int
    mean: int | None
    lowest: int | None
    where: Place | None


@dataclass(frozen=True)
class Averages:
    """Of today of all the accounts; of another day of a sample, where they are many."""

    rows: list[Average]
    accounts: Accounts


def scores_of(scorecard: Scorecard, ids: list[int], day: date, *, today: date) -> Scores:
    """Of a few accounts, as they are at this moment."""
    current = scorecard.current_version.pk
    version, scores = read_evaluated_scores(scorecard.pk, ids, day, today=today, version=current)
    return Scores(compiled_versions({version})[version], scores)


def scores_today(scorecard: Scorecard, accounts: Accounts, *, today: date) -> Scores:
    """Of any number of accounts."""
    found = read_metric_scores(scorecard, today=today)
    scores = np.full((len(accounts), len(found.card.metrics)), NONE, np.int32)
    for metric in found.card.metrics:
        if metric.key in found.keys:
            scores[:, metric.index] = spread_out(found.of(metric.key), found.ids, accounts.ids)
    return Scores(found.card, scores)


def read_averages(
    scorecard: Scorecard,
    accounts: Accounts,
    day: date,
    *,
    today: date,
    everybody: bool,
    by: By | None = None,
    people: Sequence[tuple[int, str]] = (),
) -> Averages:
    """The one that fails most first.

    `by` says among which groups the one is sought where a metric fails most. Of a sample of
    `everybody` the means are still those that a run stored.
    """
    few = accounts if day == today else accounts.sample
    if day == today:
        found = scores_today(scorecard, few, today=today)
    else:
        found = scores_of(scorecard, few.ids.tolist(), day, today=today)
    means = stored_means(scorecard, day) if everybody and len(few) < len(accounts) else {}
    groups = read_groups(by, few, people, most=MOST_COMPARED).listed if by else []
    bands = found.bands
    rows = []
    for metric in found.card.metrics:
        column = found.scores[:, metric.index], bands[:, metric.index]
        rows.append(_average(metric, *column, groups, means.get(metric.key)))
    return Averages(sorted(rows, key=lambda row: (-(row.lowest or 0), row.metric.index)), few)


def _average(
    metric: CompiledMetric, scores: Int32, bands: Int8, groups: Sequence[Group], mean: int | None
) -> Average:
    known = scores != NONE
    lowest = known & (bands == 0)
    places = [
        Place(group.key, group.name, share)
        for group in groups
        if (share := _share(lowest & group.members, known & group.members, FEWEST))
    ]
    return Average(
        metric=metric,
        count=int(known.sum()),
        mean=_mean(scores[known]) if mean is None else mean,
        lowest=_share(lowest, known, 1),
        where=max(places, key=lambda each: each.lowest, default=None),
    )


def _mean(scores: Int32) -> int | None:
    whole = int(scores.astype(np.int64).sum())
    return divide_half_up(whole, len(scores)) if len(scores) else None


def _share(part: Bools, whole: Bools, fewest: int) -> int | None:
    count = int(np.count_nonzero(whole))
    low = int(np.count_nonzero(part))
    return divide_half_up(low * HUNDRED, count) if count >= fewest else None


def stored_means(scorecard: Scorecard, day: date) -> dict[str, int]:
    """By metric over all accounts, where a run has summarized the day."""
    rows = PeerSummary.objects.on(scorecard.current_version.pk, day).filter(kind=PeerKind.METRIC)
    found = rows.values_list("key", "mean_score")
    return {key: mean for key, mean in found if mean is not None}
