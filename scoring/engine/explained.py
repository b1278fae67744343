"""One account's evaluation on one day, with everything that explains it."""

from dataclasses import dataclass

from scoring.engine.compiled import Compiled
from scoring.engine.fixed import Bools, Int32, Int64, UInt8
from scoring.engine.points import Contribution, contributions
from scoring.engine.status import Status


@dataclass(frozen=True)
class Explained:
    """The arrays have one item per metric; scores and counts are those of `evaluate.Results`."""

    compiled: Compiled
    version: object
    values: Int64
    status: UInt8
    scores: Int32
    counts: Bools
    computed: int
    adjusted: int
    """After exceptions."""
    final: int
    """After an override; NONE for no score, as in the two before."""
    band: int
    held: bool = False
    exception: str | None = None
    override: bool = False
    age_days: Int32 | None = None
    stage: str | None = None
    age_months: int | None = None

    def contributions(self) -> dict[str, Contribution]:
        """By the key of each metric that counts."""
        found = contributions(self.compiled, self.scores.tolist(), self.counts.tolist())
        metrics = self.compiled.metrics
        return {m.key: found[m.index] for m in metrics if self.counts[m.index]}

    def status_of(self, key: str) -> Status | None:
        index = self.compiled.metric_index.get(key)
        return None if index is None else Status(int(self.status[index]))
