"""How an account's metrics compare with those of all accounts of its scorecard on a day."""

from collections.abc import Collection
from dataclasses import dataclass

from scoring.distributions import knots_of
from scoring.engine import card
from scoring.engine.peers import FEWEST_PEERS, Knots
from scoring.engine.status import Status
from scoring.engine.values import comparable
from scoring.explanations import rolled_up
from scoring.scorecard_parts import AccountScorecard
from scoring.services.peer_summaries import metric_summaries


@dataclass(frozen=True, slots=True)
class Peers:
    """The valid values of a metric over all accounts of the scorecard, in ten-thousandths; of levels
    the places, the first being 1. `value` is the account's own, None where it has no valid one."""

    metric: card.Metric
    median: int
    mean: int | None
    value: int | None
    knots: Knots

    @property
    def count(self) -> int:
        return self.knots.count

    @property
    def minimum(self) -> int:
        return int(self.knots.values[0])

    @property
    def maximum(self) -> int:
        return int(self.knots.values[-1])

    @property
    def percentile(self) -> int | None:
        """The share below and half of those equal, to 100.0000."""
        return None if self.value is None else self.knots.percentile(self.value)

    @property
    def below(self) -> int:
        """How many have less."""
        return 0 if self.value is None else self.knots.place(self.value)[0]

    @property
    def equal(self) -> int:
        """How many have as much, the account itself among them."""
        if self.value is None:
            return 0
        below, up_to = self.knots.place(self.value)
        return up_to - below


def read_peers(found: AccountScorecard, *, keys: Collection[str] | None = None) -> dict[str, Peers]:
    """By the key of each metric (of `keys`) that at least five accounts have a valid value of.

    They are those that the same version evaluated for the same day, as the day is known now.
    """
    rows = metric_summaries(
        scorecard_id=found.scorecard.pk,
        version_id=found.evaluation.version_id,
        day=found.day,
        keys=keys,
    )
    values = _own(found)
    metrics = {metric.key: metric.metric for metric in found.compiled.metrics}
    return {
        row.key: Peers(metrics[row.key], median, row.mean, values.get(row.key), knots_of(row.knots))
        for row in rows
        if row.count >= FEWEST_PEERS and (median := row.median) is not None
    }


def _own(found: AccountScorecard) -> dict[str, int]:
    """The valid values of the account itself."""
    metrics = found.compiled.metrics
    (records,), _rolled, _ages = rolled_up(found.compiled, [(found.evaluation, found.day)])
    given = {metric.key: metric.status for metric in found.metrics}
    return {
        metric.key: int(comparable(metric.metric, records["value"][metric.index]))
        for metric in metrics
        if given[metric.key] == Status.OK.key
    }
