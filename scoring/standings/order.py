"""All accounts in the order of their score in one metric: what a list that is sorted by it walks along."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from accounts.tenancy import current_workspace_id
from scoring.engine.fixed import NONE, Bools, Int32, Int64
from scoring.kept import kept
from scoring.models import Scorecard
from scoring.standings.metrics import read_metric_scores
from scoring.standings.packed import aligned
from scoring.versions import compiled_versions
from usage.packed import columns

PRIMARY = """
SELECT account_id, scorecard_id FROM scoring_health WHERE workspace_id = %(workspace)s ORDER BY 1
"""
KEPT_SECONDS = 60


@dataclass(frozen=True)
class MetricOrder:
    """Accounts with a score, by score and then id; whoever is not among them has none."""

    ids: Int64
    scores: Int32

    def after(self, score: int, account_id: int) -> int:
        """The place behind this account, whether or not it still has the score."""
        first = int(np.searchsorted(self.scores, score, "left"))
        last = int(np.searchsorted(self.scores, score, "right"))
        return first + int(np.searchsorted(self.ids[first:last], account_id, "right"))

    def before(self, score: int, account_id: int) -> int:
        """How many come before this account."""
        first = int(np.searchsorted(self.scores, score, "left"))
        last = int(np.searchsorted(self.scores, score, "right"))
        return first + int(np.searchsorted(self.ids[first:last], account_id, "left"))


def metric_order(scorecard: Scorecard, key: str, *, today: date) -> MetricOrder:
    """By what this scorecard says."""
    found = read_metric_scores(scorecard, [key], today=today)
    return _ordered(found.ids, found.of(key))


def primary_metric_order(cards: Sequence[Scorecard], key: str, *, today: date) -> MetricOrder:
    """By what each account's primary scorecard says; `cards` are all that are active."""
    versions = compiled_versions({card.current_version.pk for card in cards})
    having = [
        card
        for card in cards
        if any(metric.key == key for metric in versions[card.current_version.pk].metrics)
    ]
    if not having:
        return MetricOrder(np.zeros(0, np.int64), np.zeros(0, np.int32))
    if len(cards) == 1:
        return metric_order(having[0], key, today=today)
    parts = []
    for card in having:
        found = read_metric_scores(card, [key], today=today)
        mine = _primary(found.ids, card.pk)
        parts.append((found.ids[mine], found.of(key)[mine]))
    ids, scores = (np.concatenate(column) for column in zip(*parts, strict=True))
    by_id = np.argsort(ids)
    return _ordered(ids[by_id], scores[by_id])


def _primary(ids: Int64, scorecard_id: int) -> Bools:
    """For which of the accounts the scorecard is the primary one."""
    accounts, of = kept("standings:primary", _primaries, seconds=KEPT_SECONDS)
    places, there = aligned(ids, accounts)
    if not len(accounts):
        return there
    mine: Bools = there & (of[places] == scorecard_id)
    return mine


def _primaries() -> list[Int64]:
    return columns(PRIMARY, {"workspace": current_workspace_id()}, "account_id scorecard_id")


def _ordered(ids: Int64, scores: Int32) -> MetricOrder:
    """The ids ascend."""
    known = scores != NONE
    ids, scores = ids[known], scores[known]
    order = np.argsort(scores, kind="stable")
    return MetricOrder(ids[order], scores[order])
