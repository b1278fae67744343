"""Peers that are measured once and kept for a day, and the ranks of percentile metrics among them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from hashlib import sha256
from itertools import groupby

import msgspec
import numpy as np
from django.core.cache import cache

from accounts.models import Workspace
from accounts.tenancy import tenant_rows
from scoring.distributions import distribution_of, packed_distribution
from scoring.engine.compiled import Compiled
from scoring.engine.evaluate import Inputs
from scoring.engine.fixed import NONE
from scoring.engine.peers import Distribution, percentile_metrics, valid
from scoring.inputs.peers import DAY, Measured, Others, measured_peers
from scoring.models import PeerSummary, PeerValues

KEEP = timedelta(days=400)
"""As long as the longest window; an older day that is restated is measured anew."""
READ_AT_ONCE = timedelta(days=32)
REMEMBERED = 60
"""Seconds."""

# Whoever comes second waits, and finds what the first one measured.
LOCK = "SELECT pg_advisory_xact_lock(720452, hashint8(%(workspace)s))"
STORE = """
INSERT INTO scoring_peervalues (workspace_id, version_id, metric, day, peers, measured_at)
SELECT %(workspace)s, %(version)s, new.metric, %(day)s, new.peers, %(moment)s
FROM unnest(%(metrics)s::varchar[], %(peers)s::bytea[]) AS new (metric, peers)
ON CONFLICT DO NOTHING
"""


@dataclass(frozen=True)
class Peers:
    """Of one version of a scorecard; a draft has no `version_id` and nothing of its is kept."""

    card: Compiled
    workspace: Workspace
    scorecard_id: int
    version_id: int
    others: Others | None = None

    @property
    def wanted(self) -> bool:
        return bool(percentile_metrics(self.card))

    def keep(self, first: date, last: date, moment: datetime) -> None:
        """Measure the days that are not kept yet."""
        if not self.wanted or self._all_kept(first, last):
            return
        tenant_rows(LOCK)
        for start, end, kept in self._stretches(first, last):
            if not kept:
                for measured in self._measured(start, end):
                    self._store(measured, moment)

    def ranked(self, inputs: Inputs, first: date, last: date) -> Inputs:
        """The inputs, shaped (days, accounts), with the ranks; a day without kept peers is measured
        in memory, and nothing is written."""
        if not self.wanted:
            return inputs
        metrics = percentile_metrics(self.card)
        values = {metric.index: valid(inputs, metric)[0] for metric in metrics}
        ranks = {index: np.full_like(found, NONE) for index, found in values.items()}
        for d, (_day, peers) in enumerate(self._between(first, last)):
            for metric in metrics:
                found = peers[metric.key].ranks(values[metric.index][d])
                ranks[metric.index][d] = found
        return replace(inputs, ranks=ranks)

    def _between(self, first: date, last: date) -> Iterator[Measured]:
        for start, end, kept in self._stretches(first, last):
            if kept:
                yield from self._kept(start, end)
            elif start == end:
                yield start, self._remembered(start)
            else:
                yield from self._measured(start, end)

    def _remembered(self, day: date) -> Mapping[str, Distribution]:
        """A draft is tried again and again while it is edited."""
        metrics = [
            (metric.key, metric.metric.source, metric.metric.not_applicable)
            for metric in percentile_metrics(self.card)
        ]
        asked = (self.workspace.pk, self.scorecard_id, day, self.card.card.applies_to, metrics)
        key = f"peers:{sha256(msgspec.json.encode(asked)).hexdigest()}"
        packed = cache.get(key)
        if packed is None:
            ((_, found),) = self._measured(day, day)
            packed = {metric: packed_distribution(whole) for metric, whole in found.items()}
            cache.set(key, packed, REMEMBERED)
        return {metric: distribution_of(peers) for metric, peers in packed.items()}

    def _measured(self, first: date, last: date) -> Iterator[Measured]:
        return measured_peers(
            self.card,
            workspace=self.workspace,
            scorecard_id=self.scorecard_id,
            first=first,
            last=last,
            others=self.others,
        )

    def _kept(self, first: date, last: date) -> Iterator[Measured]:
        while first <= last:
            end = min(last, first + READ_AT_ONCE - DAY)
            rows = PeerValues.objects.of(self.version_id, first, end).order_by("day", "metric")
            for day, of_day in groupby(
                rows.values_list("day", "metric", "peers"), key=lambda row: row[0]
            ):
                yield day, {metric: distribution_of(peers) for _, metric, peers in of_day}
            first = end + DAY

    def _days(self, first: date, last: date) -> set[date]:
        if not self.version_id:
            return set()
        rows = PeerValues.objects.of(self.version_id, first, last)
        return set(rows.values_list("day", flat=True).distinct())

    def _all_kept(self, first: date, last: date) -> bool:
        return len(self._days(first, last)) == (last - first).days + 1

    def _stretches(self, first: date, last: date) -> Iterator[tuple[date, date, bool]]:
        """Consecutive days that are all kept, or all not."""
        known = self._days(first, last)
        days = (first + n * DAY for n in range((last - first).days + 1))
        for kept, same in groupby(days, key=known.__contains__):
            together = list(same)
            yield together[0], together[-1], kept

    def _store(self, measured: Measured, moment: datetime) -> None:
        day, peers = measured
        tenant_rows(
            STORE,
            version=self.version_id,
            day=day,
            metrics=list(peers),
            peers=[packed_distribution(whole) for whole in peers.values()],
            moment=moment,
        )


def renew_peers(first: date, last: date) -> None:
    """Let a run over all accounts measure these days again."""
    tenant_rows(LOCK)
    PeerValues.objects.filter(day__gte=first, day__lte=last).delete()


def forget_peers(today: date) -> None:
    for model in (PeerValues, PeerSummary):
        model.objects.filter(day__lt=today - KEEP).delete()
