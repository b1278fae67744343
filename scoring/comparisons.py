"""Why the scores of many accounts changed since an earlier day: the reasons that are kept with them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scoring.detail import Records
from scoring.engine.compiled import Compiled
from scoring.engine.evaluate import policy_scores
from scoring.engine.exceptions import effect
from scoring.engine.fixed import NONE, Bools, Int32, Int64
from scoring.engine.ledger import ledger
from scoring.engine.ledgers import Side, largest_reasons
from scoring.explanations import MOST_TOLD, Dated, explain, holding, told, told_reason
from scoring.models import Evaluation
from scoring.outcome import Outcome
from scoring.stored import Stored
from scoring.versions import compiled_versions

Told = list[dict[str, Any]]


@dataclass(frozen=True)
class Comparison:
    """The last day of an outcome against an earlier day, which is read from the history.

    `places` are those of the accounts in the outcome; `rows` their stored rows, −1 where there is none.
    """

    outcome: Outcome
    day: date
    places: Int64
    before: Stored
    rows: Int64

    @staticmethod
    def of(outcome: Outcome, day: date, places: Int64) -> "Comparison":
        before = outcome.on(day)
        row_of = np.full(len(outcome.account_ids), -1, np.int64)
        row_of[before.places] = np.arange(len(before))
        return Comparison(outcome, day, places, before, row_of[places])

    @property
    def now(self) -> NDArray[np.void]:
        fields: NDArray[np.void] = self.outcome.fields[-1][self.places]
        return fields

    @property
    def known(self) -> Bools:
        return self.rows >= 0

    def scores_before(self) -> Int32:
        return self._before("score")

    def bands_before(self, keys: Sequence[str]) -> NDArray[np.int8]:
        """As places among the keys; of another version, by its bands' keys."""
        bands = np.full(len(self.before), NONE, np.int8)
        for _version, card, mine in self.before.by_version():
            bands[mine] = ranks(card, keys)[self.before.fields["band"][mine]]
        return np.where(self.known, np.append(bands, NONE)[self.rows], NONE).astype(np.int8)

    def _before(self, name: str) -> Int32:
        column = np.append(self.before.fields[name], NONE)
        return np.where(self.known, column[self.rows], NONE).astype(np.int32)

    def reasons(self, which: Bools) -> list[Told]:
        """The largest entries of the ledgers of these; none where nothing was different."""
        known = self.outcome.told(self.day)
        places = self.places.tolist()
        new = [n not in known for n in places]
        self._tell(known, np.flatnonzero(which & self.known & new))
        asked = which.tolist()
        return [known.get(n, []) if ask else [] for n, ask in zip(places, asked, strict=True)]

    def _tell(self, known: dict[int, Told], asked: Int64) -> None:
        together = self._comparable(asked)
        alone = asked[~np.isin(asked, together)]
        parts = (together, self._together(together)), (alone, self._one_by_one(alone))
        for chosen, reasons in parts:
            known |= zip(self.places[chosen].tolist(), reasons, strict=True)

    def _comparable(self, asked: Int64) -> Int64:
        """Those of the same version, where its roll-ups are means."""
        if not self.outcome.card.means_only:
            return asked[:0]
        same: Bools = self.before.version[self.rows[asked]] == self.outcome.version_id
        return asked[same]

    def _together(self, which: Int64) -> list[Told]:
        card, rows = self.outcome.card, self.rows[which]
        if not len(which):
            return []
        old, new = self.before.fields[rows], self.now[which]
        was = self.before.records(card, rows)
        now = self.outcome.detail[-1][self.places[which]]
        before = side(card, was, old, self.day.toordinal())
        after = side(card, now, new, self.outcome.last.toordinal())
        moved = (old != new) | (was != now).any(axis=1)
        found: list[Told] = [[] for _ in which]
        chosen = np.flatnonzero(moved)
        names = {metric.key: metric.metric.name for metric in card.metrics}
        reasons = largest_reasons(card, before.rows(chosen), after.rows(chosen), MOST_TOLD)
        for i, few in zip(chosen.tolist(), reasons, strict=True):
            found[i] = [told_reason(reason, names) for reason in few]
        return found

    def _one_by_one(self, which: Int64) -> list[Told]:
        """Between versions, or where a roll-up is no mean."""
        if not len(which):
            return []
        ids = [self.outcome.account_ids[n] for n in self.places[which].tolist()]
        days = (self.day, self.outcome.last)
        held = holding(self.outcome.scorecard_id, [(pk, day) for pk in ids for day in days])
        rows: list[Dated] = [(held[pk, day], day) for day in days for pk in ids]
        explained = explain(rows)
        pairs = zip(
            explained[: len(ids)], explained[len(ids) :], rows, rows[len(ids) :], strict=False
        )
        return [
            [] if before is after else told(ledger(then, now), then, now)
            for then, now, (before, _), (after, _) in pairs
        ]


def ranks(card: Compiled, keys: Sequence[str]) -> NDArray[np.int8]:
    """Index of a band of the card → place among the keys, −1 where it is not; [-1] is −1."""
    places = [keys.index(band.key) if band.key in keys else NONE for band in card.bands]
    return np.array([*places, NONE], np.int8)


def bands_of(outcome: Outcome, places: Int64, keys: Sequence[str]) -> NDArray[np.int8]:
    """[day, account]: places among the keys, −1 where there is no band or no evaluation."""
    card = compiled_versions([outcome.version_id])[outcome.version_id]
    bands = ranks(card, keys)[outcome.fields["band"][:, places]]
    return np.where(outcome.applies[:, places], bands, NONE).astype(np.int8)


def side(card: Compiled, records: Records, fields: NDArray[np.void], day: int) -> Side:
    """What the rows say on the day: a value ages while its row stays the same."""
    measured = records["measured"]
    age = np.where(measured == NONE, 0, day - measured).astype(np.int32)
    status = np.ascontiguousarray(records["status"])
    known = np.ascontiguousarray(records["known"])
    scores, counts = policy_scores(card, known, status, age)
    flags = fields["flags"]
    overridden = flags & Evaluation.OVERRIDDEN != 0
    return Side(
        scores=scores,
        counts=counts,
        status=status,
        computed=fields["computed"],
        adjusted=_adjusted(card, fields, overridden),
        final=fields["score"],
        exception=fields["exception"],
        held=flags & Evaluation.HELD != 0,
        overridden=overridden,
    )


def _adjusted(card: Compiled, fields: NDArray[np.void], overridden: Bools) -> Int32:
    """After the exceptions and before an override."""
    adjusted = np.where(overridden, fields["computed"], fields["score"])
    for index in np.unique(fields["exception"][overridden]).tolist():
        if index != NONE:
            rows = overridden & (fields["exception"] == index)
            rule = card.card.exceptions[index]
            adjusted[rows] = effect(card, rule, fields["computed"][rows])
    return adjusted
