"""The published bands of consecutive days: which are held, and which wait for confirmation."""

from dataclasses import dataclass, fields

import numpy as np

from scoring.engine.compiled import Compiled
from scoring.engine.evaluate import Inputs, Results, blocks_of, results
from scoring.engine.exceptions import adjust
from scoring.engine.fixed import NONE, Bools, Int8, Int16, Int32, Int64
from scoring.engine.schemes import band_index
from scoring.engine.status import Status

UNLIMITED = np.int8(127)


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
        most = self._most(candidates, state.band)
        days: list[Bands] = []
        nothing = np.zeros(len(state.band), dtype=np.bool_)
        at = Bands(state.band, nothing, state.band, state.pending, state.pending_count)
        for day, candidate in enumerate(candidates):
            at = self._publish(candidate, most[day], at)
            days.append(at)
        names = [f.name for f in fields(Bands)]
        return Bands(**{name: np.stack([getattr(day, name) for day in days]) for name in names})

    def _most(self, candidates: Int8, before: Int8) -> Int8:
        """[day, account]: the best band that lost data may be published with, where that can matter.

        A published band is never under all of the candidates and the band before, so only a candidate
        above them can be an improvement.
        """
        lost = np.asarray(self._lost(slice(None)).any(axis=1)).reshape(candidates.shape)
        bands = np.concatenate([before[None], candidates])
        least = np.minimum.accumulate(np.where(bands == NONE, UNLIMITED, bands), axis=0)[:-1]
        rows = np.flatnonzero(lost & (candidates > least))
        most = np.full(candidates.size, UNLIMITED)
        for piece in blocks_of(rows.size) if rows.size else ():
            most[rows[piece]] = self._with_last_known(rows[piece])
        return most.reshape(candidates.shape)

    def _lost(self, rows: slice | Int64) -> Bools:
        """Inputs that were once known and are no longer."""
        status = self.evaluated.status[rows]
        gone = (status != Status.OK) & (status != Status.NOT_APPLICABLE)
        lost: Bools = gone & (self.evaluated.known[rows] != NONE)
        return lost

    def _with_last_known(self, rows: Int64) -> Int8:
        """The bands if every lost input still had its last known score."""
        known, ages = self.evaluated.known[rows], self.inputs.age_days
        status = np.where(self._lost(rows), np.uint8(Status.OK), self.evaluated.status[rows])
        again = results(self.compiled, known, status, None if ages is None else ages[rows])
        attributes = {name: column[rows] for name, column in self.inputs.attributes.items()}
        adjusted, _ = adjust(self.compiled, again, attributes)
        return band_index(adjusted, self.compiled.bands)

    def _publish(self, candidate: Int8, most: Int8, before: Bands) -> Bands:
        reference = before.reference
        improved = (candidate > reference) & (reference != NONE)
        allowed = np.minimum(candidate, np.maximum(most, reference))
        natural = np.where(improved, allowed, candidate)
        band, pending, count = self._confirm(natural, before)
        return Bands(
            band=band,
            held=natural < candidate,
            reference=np.where(band == NONE, reference, band),
            pending=pending,
            pending_count=count,
        )

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
