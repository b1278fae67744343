"""Why an account's score changed between two days: the ledger with its names and its sentence."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from accounts.models import Account
from scoring.beliefs import believed_in
from scoring.engine.explained import Explained
from scoring.engine.fixed import SCALE
from scoring.engine.ledger import Entry, Kind, Ledger, ledger, reasons
from scoring.explanations import explain, metric_names
from scoring.histories import Dated, latest_in, version_numbers
from scoring.models import Scorecard
from scoring.sentences import moved_text, reason_words, sentence
from scoring.versions import compiled_versions


@dataclass(frozen=True, slots=True)
class Side:
    day: date
    score: int | None
    version: int
    row: Dated


@dataclass(frozen=True, slots=True)
class NamedEntry:
    """`points` in ten-thousandths."""

    metric: str | None
    name: str
    kind: Kind
    points: int
    status: str | None


@dataclass(frozen=True, slots=True)
class NamedReason:
    """All entries of one metric."""

    metric: str | None
    name: str
    kinds: tuple[Kind, ...]
    points: int
    status: str | None

    @property
    def words(self) -> str:
        return reason_words(_mapping(self))


@dataclass(frozen=True, slots=True)
class Changes:
    """`before` and `after` are what was evaluated; entries add up to `delta` exactly."""

    before: Side
    after: Side
    delta: int | None
    entries: tuple[NamedEntry, ...]
    reasons: tuple[NamedReason, ...]

    @property
    def days(self) -> int:
        return (self.after.day - self.before.day).days

    @property
    def sentence(self) -> str:
        told = [_mapping(reason) for reason in self.reasons[:MOST]]
        return sentence(self.before.score, self.after.score, self.days, told)

    @property
    def moved(self) -> str:
        """“Down 12 in 30 days”."""
        return moved_text(self.before.score, self.after.score, self.days)

    @property
    def largest(self) -> list["NamedReason"]:
        return [reason for reason in self.reasons if abs(reason.points) >= LEAST][:MOST]

    @property
    def data(self) -> int:
        """What came from values that were lost or came back."""
        return self._of_kind("data")

    @property
    def configuration(self) -> int:
        return self._of_kind("configuration")

    def _of_kind(self, kind: Kind) -> int:
        return sum(entry.points for entry in self.entries if entry.kind == kind)

    @property
    def by_metric(self) -> dict[str, NamedReason]:
        return {reason.metric: reason for reason in self.reasons if reason.metric}


MOST = 4
LEAST = SCALE // 20
"""What is shown as 0.0 is no reason to tell."""
Evaluated = tuple[Dated, Explained]


def changes(
    *,
    account: Account,
    scorecard: Scorecard,
    first: date,
    last: date,
    believed_at: datetime | None = None,
) -> Changes | None:
    """None where one of the days was not evaluated; the first as it was believed at a moment."""
    before, after = latest_in(account.pk, scorecard.pk, [(first, first), (last, last)])
    if believed_at is not None:
        (before,) = believed_in(account.pk, scorecard.pk, [(first, first)], believed_at)
    return None if before is None or after is None else compared(before, after)


def trend_window(*, account: Account, scorecard: Scorecard, day: date) -> timedelta:
    """Of the version that evaluated the account on the day, or last before it."""
    (row,) = latest_in(account.pk, scorecard.pk, [(date.min, day)])
    version_id = row[0].version_id if row else scorecard.current_version.pk
    return timedelta(days=compiled_versions({version_id})[version_id].card.trend_days)


def compared(before: Dated, after: Dated, numbers: Mapping[int, int] | None = None) -> Changes:
    """`numbers` are those of the versions, where they are known."""
    rows = before, after
    known = numbers or version_numbers({row[0].version_id for row in rows})
    first, second = explain(rows)
    found = ledger(first, second)
    return Changes(
        before=_side(before, known),
        after=_side(after, known),
        delta=found.delta,
        entries=_entries(found, first, second),
        reasons=_reasons(found, first, second),
    )


def _side(row: Dated, numbers: Mapping[int, int]) -> Side:
    evaluation, day = row
    return Side(day, evaluation.score, numbers[evaluation.version_id], row)


def _entries(found: Ledger, before: Explained, after: Explained) -> tuple[NamedEntry, ...]:
    names = metric_names(before) | metric_names(after)
    return tuple(
        NamedEntry(
            entry.metric,
            names.get(entry.metric or "") or entry.name or "",
            entry.kind,
            entry.points,
            _status(entry),
        )
        for entry in found.entries
    )


def _reasons(found: Ledger, before: Explained, after: Explained) -> tuple[NamedReason, ...]:
    names = metric_names(before) | metric_names(after)
    return tuple(
        NamedReason(
            reason.metric,
            names.get(reason.metric or "") or reason.name or "",
            reason.kinds,
            reason.points,
            reason.status.key if reason.status is not None else None,
        )
        for reason in reasons(found.entries)
    )


def _status(entry: Entry) -> str | None:
    return entry.status.key if entry.status is not None else None


def _mapping(reason: NamedReason) -> dict[str, Any]:
    return {
        "metric": reason.metric,
        "name": reason.name,
        "kinds": reason.kinds,
        "points": reason.points,
        "status": reason.status,
    }
