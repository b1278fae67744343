"""The evaluations of some accounts by one scorecard over consecutive days, as arrays and as runs."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from scoring.detail import Records, pack
from scoring.engine.publish import Published
from scoring.models import Evaluation, Scorecard

FIELDS = np.dtype(
    [
        ("score", "<i4"),
        ("computed", "<i4"),
        ("coverage", "<i4"),
        ("band", "<i2"),
        ("flags", "<i2"),
        ("reference_band", "<i2"),
        ("pending_band", "<i2"),
        ("pending_count", "<i2"),
        ("exception", "<i2"),
    ]
)
NAMES = FIELDS.names or ()
Payload = tuple[int, ...]


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
class Outcome:
    """Arrays shaped (days, accounts), the detail (days, accounts, metrics)."""

    scorecard_id: int
    version_id: int
    account_ids: list[int]
    first: date
    applies: NDArray[np.bool_]
    fields: NDArray[np.void]
    detail: Records

    @property
    def last(self) -> date:
        return self.first + timedelta(days=len(self.applies) - 1)

    @property
    def scores(self) -> NDArray[np.int32]:
        """What is published, −1 where the card has no score or does not apply."""
        return np.where(self.applies, self.fields["score"], np.int32(-1))

    def segments(self) -> Iterator[tuple[int, list[Segment]]]:
        """For each account its runs of equal days, in order; none where the card never applied."""
        days = len(self.applies)
        starts = self._starts()
        for n, account_id in enumerate(self.account_ids):
            edges = np.flatnonzero(starts[:, n])
            ends = np.append(edges[1:], days)
            yield (
                account_id,
                [
                    self._segment(int(start), int(end), n)
                    for start, end in zip(edges, ends, strict=True)
                    if self.applies[start, n]
                ],
            )

    def _starts(self) -> NDArray[np.bool_]:
        starts = np.ones(self.applies.shape, dtype=bool)
        if len(starts) > 1:
            starts[1:] = self.applies[1:] != self.applies[:-1]
            for array in (self.fields, self.detail):
                raw = np.ascontiguousarray(array).view(np.uint8)
                raw = raw.reshape(*self.applies.shape, -1)
                starts[1:] |= (raw[1:] != raw[:-1]).any(axis=2)
        return starts

    def _segment(self, start: int, end: int, n: int) -> Segment:
        return Segment(
            self.first + timedelta(days=start),
            self.first + timedelta(days=end - 1),
            self.version_id,
            tuple(self.fields[start, n].tolist()),
            self.detail[start, n].tobytes(),
        )


Result = tuple[Scorecard, Outcome]


def outcome(
    published: Published,
    *,
    scorecard_id: int,
    version_id: int,
    account_ids: list[int],
    first: date,
    applies: NDArray[np.bool_],
    values: NDArray[np.int64],
    measured: NDArray[np.int32],
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
        scorecard_id=scorecard_id,
        version_id=version_id,
        account_ids=account_ids,
        first=first,
        applies=applies,
        fields=fields,
        detail=pack(values, results.known, results.status, measured),
    )
