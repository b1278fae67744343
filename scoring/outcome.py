"""The evaluations of some accounts by one scorecard over consecutive days, as arrays and as runs."""

from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scoring.detail import Packed, Records, pack, records
from scoring.engine.compiled import Compiled
from scoring.engine.fixed import Bools, Int64
from scoring.engine.publish import Published
from scoring.models import Evaluation, Scorecard
from scoring.stored import FIELDS, Stored, stored

Payload = tuple[int, ...]
Told = dict[int, list[dict[str, Any]]]


@dataclass(frozen=True)
class Segment:
    """Days `day` … `to_day` on which nothing was different: what a row of history stores.

    `restated` days said something else before they were evaluated again.
    """

    day: date
    to_day: date
    version_id: int
    fields: Payload
    detail: bytes
    restated: bool = False

    def same(self, other: "Segment") -> bool:
        """Equal but for the days."""
        return (
            self.version_id == other.version_id
            and self.fields == other.fields
            and self.detail == other.detail
        )

    def clipped(self, first: date, last: date) -> "Segment":
        return replace(self, day=max(self.day, first), to_day=min(self.to_day, last))


@dataclass(frozen=True)
class Runs:
    """Runs of equal days, in arrays: whose (a place among the accounts), from and until which ordinal."""

    places: Int64
    first: Int64
    last: Int64
    fields: NDArray[np.void]
    detail: Packed

    def chosen(self, rows: Int64) -> "Runs":
        return Runs(
            self.places[rows],
            self.first[rows],
            self.last[rows],
            self.fields[rows],
            self.detail.chosen(rows),
        )


@dataclass(frozen=True)
class Outcome:
    """Arrays shaped (days, accounts), the detail (days, accounts, metrics).

    `latest` is what was stored last of each account before this was evaluated.
    """

    card: Compiled
    scorecard_id: int
    version_id: int
    account_ids: list[int]
    first: date
    applies: NDArray[np.bool_]
    fields: NDArray[np.void]
    detail: Records
    latest: Stored
    _read: dict[date, Stored] = field(default_factory=dict, compare=False, repr=False)
    _told: dict[date, Told] = field(default_factory=dict, compare=False, repr=False)

    def on(self, day: date) -> Stored:
        """What is stored of another day, read once; of these days only what was recorded before."""
        if day not in self._read:
            self._read[day] = stored(self.scorecard_id, self.account_ids, day).holding(day)
        return self._read[day]

    def told(self, day: date) -> Told:
        """By place: why the last day is another than this one, as far as it was asked for."""
        return self._told.setdefault(day, {})

    @property
    def last(self) -> date:
        return self.first + timedelta(days=len(self.applies) - 1)

    @property
    def scores(self) -> NDArray[np.int32]:
        """What is published, −1 where the card has no score or does not apply."""
        return np.where(self.applies, self.fields["score"], np.int32(-1))

    def runs(self, places: Int64) -> Runs:
        """Of the accounts at these places, by account and day; none where the card never applied."""
        starts = self._starts(places)
        at, first = np.nonzero(starts.T)
        last = np.append(first[1:] - 1, len(starts) - 1)
        last[:-1][at[1:] != at[:-1]] = len(starts) - 1
        at = places[at]
        kept = self.applies[first, at]
        at, first, last = at[kept], first[kept], last[kept]
        begin = self.first.toordinal()
        return Runs(
            at,
            begin + first,
            begin + last,
            self.fields[first, at],
            pack(self.card, self.detail[first, at]),
        )

    def segments(self, places: Int64 | None = None) -> dict[int, list[Segment]]:
        """The runs by account, as they are compared one by one; of all accounts or these."""
        places = np.arange(len(self.account_ids)) if places is None else places
        runs = self.runs(places)
        found: dict[int, list[Segment]] = {self.account_ids[n]: [] for n in places.tolist()}
        for i, n in enumerate(runs.places.tolist()):
            segment = Segment(
                date.fromordinal(int(runs.first[i])),
                date.fromordinal(int(runs.last[i])),
                self.version_id,
                tuple(runs.fields[i].tolist()),
                runs.detail[i],
            )
            found[self.account_ids[n]].append(segment)
        return found

    def _starts(self, places: Int64) -> Bools:
        applies = self.applies[:, places]
        starts = np.ones(applies.shape, dtype=bool)
        if len(starts) > 1 and len(places):
            starts[1:] = applies[1:] != applies[:-1]
            for array in (self.fields, self.detail):
                raw = np.ascontiguousarray(array[:, places]).view(np.uint8)
                raw = raw.reshape(*applies.shape, -1)
                starts[1:] |= (raw[1:] != raw[:-1]).any(axis=2)
        return starts


Result = tuple[Scorecard, Outcome]


def outcome(
    published: Published,
    *,
    card: Compiled,
    scorecard_id: int,
    version_id: int,
    account_ids: list[int],
    first: date,
    applies: NDArray[np.bool_],
    values: NDArray[np.int64],
    measured: NDArray[np.int32],
    latest: Stored,
) -> Outcome:
    results = published.results
    fields = np.zeros(applies.shape, FIELDS)
    fields["score"], fields["computed"] = published.score, results.computed
    fields["coverage"], fields["band"] = results.coverage, published.band
    fields["flags"] = (
        results.provisional * Evaluation.PROVISIONAL
        + published.held * Evaluation.HELD
        + published.overridden * Evaluation.OVERRIDDEN
    )
    fields["reference_band"], fields["exception"] = published.reference, published.exception
    fields["pending_band"] = published.pending
    fields["pending_count"] = published.pending_count
    return Outcome(
        card=card,
        scorecard_id=scorecard_id,
        version_id=version_id,
        account_ids=account_ids,
        first=first,
        applies=applies,
        fields=fields,
        detail=records(values, results.known, results.status, measured),
        latest=latest,
    )
