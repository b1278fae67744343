"""Why a score changed between two days: entries that add up to the difference, to the last of the four places."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Literal

from scoring.engine.explained import Explained
from scoring.engine.fixed import NONE
from scoring.engine.points import largest_remainder
from scoring.engine.reversion import middle
from scoring.engine.status import LOST, Status

__all__ = ["Entry", "Explained", "Ledger", "Reason", "ledger", "reasons"]

Kind = Literal["behaviour", "data", "configuration", "exception", "override", "held"]


@dataclass(frozen=True)
class Entry:
    kind: Kind
    points: int
    metric: str | None = None
    status: Status | None = None
    """The metric's status after, where it is another than before."""
    name: str | None = None
    """Of the exception."""


@dataclass(frozen=True)
class Ledger:
    before: int | None
    after: int | None
    delta: int | None
    """None where one of the days has no score; then there are no entries."""
    entries: tuple[Entry, ...] = ()


@dataclass(frozen=True)
class Reason:
    """The entries of one metric (or one exception, override, held band) together."""

    points: int
    kinds: tuple[Kind, ...]
    metric: str | None = None
    status: Status | None = None
    name: str | None = None


Part = tuple[Entry, Fraction]


def ledger(before: Explained, after: Explained) -> Ledger:
    """Where the versions differ the way leads over a middle: the inputs of `before` under the version of `after`."""
    first, last = _or_none(before.final), _or_none(after.final)
    if first is None or last is None:
        return Ledger(first, last, None)
    if before.version == after.version:
        parts = list(_moves(before, after))
    else:
        between = middle(before, after)
        parts = [*_configuration(before, between), *_moves(between, after)]
    total = max(after.computed, 0) - max(before.computed, 0)
    rounded = largest_remainder([exact for _, exact in parts], total)
    entries = [replace(entry, points=p) for (entry, _), p in zip(parts, rounded, strict=True) if p]
    return Ledger(first, last, last - first, (*entries, *_imposed(before, after)))


def _or_none(score: int) -> int | None:
    return None if score == NONE else int(score)


def _keys(before: Explained, after: Explained) -> list[str]:
    """In the order of the newer scorecard, what only the older one has at the end."""
    return list(dict.fromkeys([*after.compiled.metric_index, *before.compiled.metric_index]))


def _moves(before: Explained, after: Explained) -> Iterator[Part]:
    """Both of the same version."""
    old, new = before.contributions(), after.contributions()
    shifted: Kind = "data" if old.keys() != new.keys() else "behaviour"
    for key in _keys(before, after):
        a, b = old.get(key), new.get(key)
        was, now = before.status_of(key), after.status_of(key)
        status = now if was != now else None
        if a is None or b is None:
            # What is present on one side only carries its score to the other.
            yield (
                Entry("data", 0, key, status),
                (b.earned if b else 0) - (a.earned if a else Fraction()),
            )
            continue
        if a.score != b.score:
            moved: Kind = "data" if was in LOST or now in LOST else "behaviour"
            yield Entry(moved, 0, key, status), _half_of(b.score - a.score, a.share, b.share)
        if a.share != b.share:
            yield Entry(shifted, 0, key, status), _half_of(a.score + b.score, b.share, -a.share)


def _half_of(times: int, one: Fraction, other: Fraction) -> Fraction:
    """times * (one + other) / 2, reduced only once."""
    bottom = 2 * one.denominator * other.denominator
    top = one.numerator * other.denominator + other.numerator * one.denominator
    return Fraction(times * top, bottom)


def _configuration(before: Explained, middle: Explained) -> Iterator[Part]:
    old, new = before.contributions(), middle.contributions()
    for key in _keys(before, middle):
        a, b = old.get(key), new.get(key)
        change = (b.earned if b else Fraction()) - (a.earned if a else Fraction())
        yield Entry("configuration", 0, key), change


def _imposed(before: Explained, after: Explained) -> Iterator[Entry]:
    """What stands between the computed and the final score, and a held band, which moves no score."""
    excepted = _effect(after.adjusted, after.computed) - _effect(before.adjusted, before.computed)
    if excepted or before.exception != after.exception:
        yield Entry("exception", excepted, name=after.exception or before.exception)
    overridden = _effect(after.final, after.adjusted) - _effect(before.final, before.adjusted)
    if overridden or before.override != after.override:
        yield Entry("override", overridden)
    if after.held:
        yield Entry("held", 0)


def _effect(changed: int, base: int) -> int:
    return max(int(changed), 0) - max(int(base), 0)


def reasons(entries: Sequence[Entry]) -> list[Reason]:
    """Merged per metric, the largest first."""
    merged: dict[tuple[str | None, str | None, str], list[Entry]] = {}
    for entry in entries:
        own = "" if entry.metric else entry.kind
        merged.setdefault((entry.metric, entry.name, own), []).append(entry)
    found = [
        Reason(
            points=sum(entry.points for entry in group),
            kinds=tuple(dict.fromkeys(entry.kind for entry in group)),
            metric=metric,
            status=next((entry.status for entry in group if entry.status is not None), None),
            name=name,
        )
        for (metric, name, _), group in merged.items()
    ]
    return sorted(found, key=lambda reason: -abs(reason.points))
