"""The shapes of the answers about an account's health.

Scores, points, shares and coverage are decimal strings of four places; a share and the coverage are
parts of 1, so that "0.7000" is 70 %.
"""

from collections.abc import Mapping
from datetime import date, datetime
from types import MappingProxyType

import msgspec

from scoring.api.numbers import amount, decimal
from scoring.changes import Changes
from scoring.changes import Side as Changed
from scoring.engine.fixed import LARGEST, shown
from scoring.histories import HistoryPoint, Mark
from scoring.models import Override
from scoring.peers import Peers
from scoring.scorecard_parts import AccountScorecard, GroupScore, MetricScore


class MetricRow(msgspec.Struct):
    """`reason` says why a metric does not apply."""

    key: str
    name: str
    value: bool | str | None
    score: str | None
    shown: int | None
    band: str
    status: str
    reason: str | None
    weight: float | int
    share: str
    earned: str | None
    missed: str | None
    measured_at: str | None
    source: str
    peers: "PeersRow | None"


class PeersRow(msgspec.Struct):
    """The valid values of all accounts that the same version evaluated for the day, null under five.

    Values are decimal strings of four places; of booleans true is 1, of levels the place in the
    scorecard's list, the first being 1; null is a growth from nothing. `percentile` is the share of
    the accounts with less and half of those with as much, from 0 to 100, null where this account has
    no valid value. Up to 500 different values it is exact, with more right to half a point. Of today
    it is as of the last run, where the workspace has over 1,000 accounts."""

    count: int
    min: str | None
    median: str | None
    max: str | None
    percentile: str | None


class GroupRow(msgspec.Struct):
    key: str
    name: str
    score: str | None
    shown: int | None
    band: str
    weight: float | int
    share: str
    metrics: list[MetricRow]
    groups: list["GroupRow"]


class HealthRow(msgspec.Struct):
    """`restated_at` are the moments at which the day was evaluated anew: what was shown before one is
    answered to `believed_at`. `recomputed`: by the version that was asked for, and never shown."""

    account: str
    scorecard: str
    version: int
    day: date
    score: str | None
    shown: int | None
    band: str
    label: str
    coverage: str
    provisional: bool
    held: bool
    restated: bool
    restated_at: list[datetime]
    recomputed: bool
    computed: str | None
    exception: str | None
    override: "OverrideRow | None"
    groups: list[GroupRow]


class OverrideRow(msgspec.Struct):
    """What a person set: a score or the key of a band, on both days and on those between them."""

    score: str | None
    band: str | None
    reason: str
    first_day: date
    last_day: date
    by: str


class Side(msgspec.Struct):
    """One of the two days that are compared."""

    day: date
    score: str | None
    shown: int | None
    version: int


class EntryRow(msgspec.Struct):
    metric: str | None
    kind: str
    points: str


class ChangesRow(msgspec.Struct):
    from_: Side = msgspec.field(name="from")
    to: Side
    delta: str | None
    sentence: str
    entries: list[EntryRow]


class MarkRow(msgspec.Struct):
    """Something that happened: `kind` is version, contract, stage, restated, held, provisional or
    override."""

    day: date
    kind: str
    before: str | int | None
    after: str | int | None


class DayRow(msgspec.Struct):
    day: date
    score: str | None
    shown: int | None
    band: str
    coverage: str
    version: int
    marks: list[MarkRow]


def health_row(
    found: AccountScorecard,
    *,
    recomputed: bool = False,
    peers: Mapping[str, Peers] = MappingProxyType({}),
) -> HealthRow:
    return HealthRow(
        account=found.account.key,
        scorecard=found.scorecard.key,
        version=found.version,
        day=found.day,
        score=decimal(found.score),
        shown=found.shown,
        band=found.band.key,
        label=str(found.band.label),
        coverage=decimal(found.coverage) or "0.0000",
        provisional=found.provisional,
        held=found.held,
        restated=found.restated,
        restated_at=[belief.superseded_at for belief in found.beliefs],
        recomputed=recomputed,
        computed=decimal(found.computed),
        exception=found.exception.name if found.exception else None,
        override=override_row(found.override) if found.override else None,
        groups=[group_row(group, peers) for group in found.groups],
    )


def override_row(override: Override) -> OverrideRow:
    return OverrideRow(
        score=decimal(override.score),
        band=override.band or None,
        reason=override.reason,
        first_day=override.first_day,
        last_day=override.last_day,
        by=override.author,
    )


def group_row(group: GroupScore, peers: Mapping[str, Peers]) -> GroupRow:
    return GroupRow(
        key=group.key,
        name=group.name,
        score=decimal(group.score),
        shown=group.shown,
        band=group.band.key,
        weight=group.weight,
        share=decimal(group.share) or "0.0000",
        metrics=[metric_row(metric, peers.get(metric.key)) for metric in group.metrics],
        groups=[group_row(inner, peers) for inner in group.groups],
    )


def metric_row(metric: MetricScore, peers: Peers | None) -> MetricRow:
    return MetricRow(
        key=metric.key,
        name=metric.name,
        value=metric.value,
        score=decimal(metric.score),
        shown=metric.shown,
        band=metric.band.key,
        status=metric.status,
        reason=metric.reason or None,
        weight=metric.weight,
        share=decimal(metric.share) or "0.0000",
        earned=decimal(metric.earned),
        missed=decimal(metric.missed),
        measured_at=metric.measured_at.isoformat() if metric.measured_at else None,
        source=metric.source,
        peers=peers_row(peers) if peers else None,
    )


def peers_row(peers: Peers) -> PeersRow:
    values = peers.minimum, peers.median, peers.maximum
    least, middle, most = (None if value >= LARGEST else decimal(value) for value in values)
    return PeersRow(
        count=peers.count, min=least, median=middle, max=most, percentile=decimal(peers.percentile)
    )


def changes_row(found: Changes) -> ChangesRow:
    return ChangesRow(
        from_=side_row(found.before),
        to=side_row(found.after),
        delta=decimal(found.delta),
        sentence=found.sentence,
        entries=[
            EntryRow(metric=entry.metric, kind=entry.kind, points=decimal(entry.points) or "0.0000")
            for entry in found.entries
        ],
    )


def side_row(side: Changed) -> Side:
    return Side(
        day=side.day,
        score=decimal(side.score),
        shown=None if side.score is None else shown(side.score),
        version=side.version,
    )


def day_row(day: HistoryPoint, currency: str) -> DayRow:
    return DayRow(
        day=day.day,
        score=decimal(day.score),
        shown=day.shown,
        band=day.band.key,
        coverage=decimal(day.coverage) or "0.0000",
        version=day.version,
        marks=[mark_row(mark, currency) for mark in day.marks],
    )


def mark_row(mark: Mark, currency: str) -> MarkRow:
    """A contract's value as an amount of money, everything else as it is."""
    values = [mark.before, mark.after]
    if mark.kind == "contract":
        values = [None if value is None else amount(int(value), currency) for value in values]
    return MarkRow(day=mark.day, kind=mark.kind, before=values[0], after=values[1])
