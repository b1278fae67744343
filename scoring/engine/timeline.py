"""The published bands of consecutive days: which are held, and which wait for confirmation."""

from dataclasses import dataclass, fields

import numpy as np

from scoring.engine.compiled import Compiled
from scoring.engine.evaluate import Inputs, Results, results
from scoring.engine.exceptions import adjust
from scoring.engine.fixed import NONE, Bools, Int8, Int16, Int32, Int64
from scoring.engine.schemes import band_index
from scoring.engine.status import LOST, Status


@dataclass(frozen=True)
class State:
    """What a day needs to know of the days before it, for n accounts."""

    band: Int8
    """The last published band that was known."""
    carried: Int32
    """[account, metric]: the last known scores."""
    pending: Int8
    """A band that waits for its confirmation."""
    pending_count: Int16

    @staticmethod
    def initial(accounts: int, metrics: int) -> "State":
        return State(
            band=np.full(accounts, NONE, dtype=np.int8),
            carried=np.full((accounts, metrics), NONE, dtype=np.int32),
            pending=np.full(accounts, NONE, dtype=np.int8),
            pending_count=np.zeros(accounts, dtype=np.int16),
        )

    def rows(self, rows: slice) -> "State":
        return State(**{f.name: getattr(self, f.name)[rows] for f in fields(State)})


@dataclass(frozen=True)
class Bands:
    """[day, account], or [account] of one day."""

    band: Int8
    held: Bools
    reference: Int8
    pending: Int8
    pending_count: Int16


@dataclass(frozen=True)
class Timeline:
    """Rows are days after days of the same accounts."""

    compiled: Compiled
    inputs: Inputs
    evaluated: Results
    adjusted: Int32
    """[day, account]: scores after exceptions."""

    def walk(self, state: State) -> Bands:
        candidates = band_index(self.adjusted, self.compiled.bands)
        lost = np.asarray(self._lost().any(axis=1)).reshape(self.adjusted.shape)
        days: list[Bands] = []
        at = Bands(
            state.band, np.empty(0, np.bool_), state.band, state.pending, state.pending_count
        )
        for day, candidate in enumerate(candidates):
            at = self._publish(day, candidate, lost[day], at)
            days.append(at)
        return Bands(
            **{f.name: np.stack([getattr(d, f.name) for d in days]) for f in fields(Bands)}
        )

    def _lost(self) -> Bools:
        """Inputs that were once known and are no longer."""
        lost: Bools = np.isin(self.evaluated.status, LOST) & (self.evaluated.known != NONE)
        return lost

    def _publish(self, day: int, candidate: Int8, lost: Bools, before: Bands) -> Bands:
        reference = before.reference
        natural = candidate.copy()
        doubtful = np.flatnonzero(lost & (candidate > reference) & (reference != NONE))
        if doubtful.size:
            known_band = self._with_last_known(day * len(candidate) + doubtful)
            natural[doubtful] = np.minimum(
                candidate[doubtful], np.maximum(known_band, reference[doubtful])
            )
        band, pending, count = self._confirm(natural, before)
        return Bands(
            band=band,
            held=natural < candidate,
            reference=np.where(band == NONE, reference, band),
            pending=pending,
            pending_count=count,
        )

    def _with_last_known(self, rows: Int64) -> Int8:
        """The bands if every lost input still had its last known score."""
        lost = np.isin(self.evaluated.status[rows], LOST) & (self.evaluated.known[rows] != NONE)
        status = np.where(lost, np.uint8(Status.OK), self.evaluated.status[rows])
        age_days = self.inputs.age_days
        again = results(
            self.compiled,
            self.evaluated.known[rows],
            status,
            None if age_days is None else age_days[rows],
        )
        attributes = {name: column[rows] for name, column in self.inputs.attributes.items()}
        adjusted, _ = adjust(self.compiled, again, attributes)
        return band_index(adjusted, self.compiled.bands)

    def _confirm(self, natural: Int8, before: Bands) -> tuple[Int8, Int8, Int16]:
        """A change is published when it has held for `confirm` evaluations in a row."""
        settled = (natural == before.reference) | (natural == NONE) | (before.reference == NONE)
        repeated = natural == before.pending
        count = np.where(repeated, before.pending_count + 1, 1).astype(np.int16)
        publish = settled | (count >= self.compiled.card.confirm)
        return (
            np.where(publish, natural, before.reference),
            np.where(publish, np.int8(NONE), natural),
            np.where(publish, np.int16(0), count),
        )
