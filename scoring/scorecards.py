"""An account's scorecard as of a day: what the page shows and the API answers."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction

import numpy as np
from django.db.models import QuerySet

from accounts.models import Account, Workspace
from scoring.bands import UNKNOWN, BandLook, at, look
from scoring.beliefs import beliefs_before, believed_in
from scoring.engine.card import OtherScorecard
from scoring.engine.compiled import Compiled, CompiledGroup
from scoring.engine.evaluate import Results
from scoring.engine.fixed import NONE, SCALE, round_fraction
from scoring.engine.points import Points, points
from scoring.engine.schemes import band_of
from scoring.engine.status import Status
from scoring.engine.values import decode
from scoring.explanations import adjusted, rolled_up
from scoring.histories import Dated, latest, version_numbers
from scoring.inputs.load import by_hand
from scoring.inputs.manual import midnight_after
from scoring.models import Evaluation, Measurement, Override, Scorecard, ScorecardOrder
from scoring.other_scores import OtherScore, other_scores
from scoring.scorecard_parts import AccountScorecard, GroupScore, MetricScore
from scoring.versions import compiled_versions
from scoring.wording import value_text

RECENT = 5
VALUED = (Status.OK, Status.EXPIRED)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A scorecard with its last evaluation of an account until a day; its name as it was then."""

    scorecard: Scorecard
    name: str
    evaluation: Evaluation
    day: date
    band: BandLook


def read_scorecard(
    *,
    workspace: Workspace,
    account: Account,
    scorecard: Scorecard | None = None,
    day: date,
    believed_at: datetime | None = None,
) -> AccountScorecard | None:
    """As it was evaluated for the day, or last before it; without a scorecard the primary one.

    With a moment what was believed then, before the day was evaluated anew.
    """
    cards = list(Scorecard.objects.ranked()) if scorecard is None else [scorecard]
    found = primary(candidates(account, cards, day, believed_at), day)
    if found is None:
        return None
    row = found.evaluation, found.day
    return assembled(workspace, account, found.scorecard, row, believed_at=believed_at)


def candidates(
    account: Account,
    cards: Sequence[Scorecard],
    day: date,
    believed_at: datetime | None = None,
) -> list[Candidate]:
    """In the order of the day, then of the cards; those that never evaluated the account are left
    out."""
    cards = _in_order(cards, day)
    rows = _dated(account, cards, day, believed_at)
    versions = compiled_versions({row[0].version_id for row in rows if row})
    return [
        _candidate(card, row, versions[row[0].version_id])
        for card, row in zip(cards, rows, strict=True)
        if row is not None
    ]


def _candidate(card: Scorecard, row: Dated, version: Compiled) -> Candidate:
    evaluation, day = row
    band = at(look(version.bands), evaluation.band)
    return Candidate(card, version.card.name, evaluation, day, band)


def _in_order(cards: Sequence[Scorecard], day: date) -> list[Scorecard]:
    if len(cards) < 2:
        return list(cards)
    kept = ScorecardOrder.objects.on(day)
    places = {pk: place for place, pk in enumerate(kept.scorecards)} if kept else {}
    return sorted(cards, key=lambda card: places.get(card.pk, len(places)))


def _dated(
    account: Account, cards: Sequence[Scorecard], day: date, believed_at: datetime | None
) -> list[Dated | None]:
    """Of each scorecard the last evaluation until the day."""
    if believed_at is not None:
        steps = [(date.min, day)]
        return [believed_in(account.pk, card.pk, steps, believed_at)[0] for card in cards]
    rows = latest(account.pk, [(card.pk, day) for card in cards])
    return [None if row is None else (row, min(day, row.to_day)) for row in rows]


def primary(found: Sequence[Candidate], day: date) -> Candidate | None:
    """The first that holds on the day; where none does, the one that held last."""
    holding = [candidate for candidate in found if candidate.day == day]
    return holding[0] if holding else max(found, key=lambda c: c.day, default=None)


def assembled(
    workspace: Workspace,
    account: Account,
    scorecard: Scorecard,
    row: Dated,
    numbers: Mapping[int, int] | None = None,
    believed_at: datetime | None = None,
    given: Sequence[Measurement] | None = None,
) -> AccountScorecard:
    """`numbers` are those of the versions and `given` the measurements, where they are known."""
    evaluation, day = row
    version_id = evaluation.version_id
    compiled = compiled_versions({version_id})[version_id]
    records, results, _age = rolled_up(compiled, [row])
    earned = points(compiled, results.scores[0].tolist(), results.counts[0].tolist())
    looks = look(compiled.bands)
    if given is None:
        asked = measurements(workspace, compiled, day, believed_at)
        given = list(asked.of(account.pk, scorecard.pk)) if asked else []
    others = other_scores(account.pk, compiled, day)
    metrics = _metrics(compiled, records[0], results, earned, looks, _by_metric(given), others)
    groups = _groups(compiled, results, looks, metrics, earned)
    return AccountScorecard(
        account=account,
        scorecard=scorecard,
        evaluation=evaluation,
        compiled=compiled,
        version=(numbers or version_numbers({version_id}))[version_id],
        day=day,
        band=at(looks, evaluation.band),
        groups=tuple(groups[top] for top in compiled.root.groups),
        metrics=metrics,
        points=earned,
        adjusted=None if (score := adjusted(compiled, evaluation)) == NONE else score,
        override=override_of(evaluation, day),
        beliefs=tuple(beliefs_before(evaluation, day)),
    )


def override_of(evaluation: Evaluation, day: date) -> Override | None:
    """The one that held on the day. What was ended today shows until the account is evaluated."""
    if not evaluation.flags & Evaluation.OVERRIDDEN:
        return None
    found = Override.objects.of(evaluation.account_id, evaluation.scorecard_id)
    spanning = list(found.filter(first_day__lte=day, last_day__gte=day).newest_first())
    return next((one for one in spanning if one.holds(day)), spanning[0] if spanning else None)


@dataclass(frozen=True, slots=True)
class Given:
    """Asks for the newest measurements: how `few` of which metric, and those known at a moment."""

    few: dict[str, int]
    before: datetime
    known_at: datetime | None

    def of(self, account_id: int, scorecard_id: int) -> QuerySet[Measurement]:
        newest = Measurement.objects.newest(
            account_id, scorecard_id, self.few, before=self.before, known_at=self.known_at
        )
        found: QuerySet[Measurement] = newest.select_related("recorded_by")
        return found


def measurements(
    workspace: Workspace,
    compiled: Compiled,
    day: date,
    believed_at: datetime | None = None,
    open_metric: str | None = None,
) -> Given | None:
    """The newest few of each metric that is set by hand, as of the day; None where there are none.

    With an open metric, maybe none: of the others the newest alone."""
    keys = [metric.key for metric in compiled.metrics if by_hand(metric.metric)]
    few = {key: RECENT if open_metric in (None, key) else 1 for key in keys}
    return Given(few, midnight_after(day, workspace), believed_at) if few else None


def _by_metric(rows: Iterable[Measurement]) -> dict[str, list[Measurement]]:
    found: dict[str, list[Measurement]] = defaultdict(list)
    for row in rows:
        found[row.metric].append(row)
    return found


def _metrics(
    compiled: Compiled,
    records: np.void,
    results: Results,
    earned: Points,
    looks: Sequence[BandLook],
    given: dict[str, list[Measurement]],
    others: dict[str, OtherScore],
) -> tuple[MetricScore, ...]:
    told = []
    for i, of in enumerate(compiled.metrics):
        status = Status(int(results.status[0, i]))
        source = of.metric.source
        counts = bool(results.counts[0, i])
        score = int(results.scores[0, i]) if counts else None
        value = int(records["value"][i])
        measured = int(records["measured"][i])
        told.append(
            MetricScore(
                metric=of.metric,
                value=decode(of.metric, value) if status in VALUED else None,
                text=value_text(of.metric, value) if status in VALUED else "–",
                score=score,
                band=_band(compiled, looks, score),
                status=status.key,
                share=round_fraction(earned.shares[i] * SCALE),
                earned=earned.earned[i] if counts else None,
                missed=earned.missed[i] if counts else None,
                measured_on=None if measured == NONE else date.fromordinal(measured),
                measurements=tuple(given.get(of.key, ())),
                other=others.get(source.scorecard) if isinstance(source, OtherScorecard) else None,
            )
        )
    return tuple(told)


def _band(compiled: Compiled, looks: Sequence[BandLook], score: int | None) -> BandLook:
    return UNKNOWN if score is None else at(looks, band_of(score, compiled.bands))


def _groups(
    compiled: Compiled,
    results: Results,
    looks: Sequence[BandLook],
    metrics: Sequence[MetricScore],
    earned: Points,
) -> dict[int, GroupScore]:
    """By index; the groups stand in preorder, so that from the last one on all inner ones exist."""
    told: dict[int, GroupScore] = {}
    # Of the exact shares of the metrics: rounded ones add up to another number.
    exact: dict[int, Fraction] = {}
    for node in reversed(compiled.groups):
        parts = [earned.shares[i] for i in node.metrics] + [exact[i] for i in node.groups]
        exact[node.index] = sum(parts, Fraction())
        raw = int(results.groups[0, node.index])
        told[node.index] = _group(
            node,
            None if raw == NONE else raw,
            _band(compiled, looks, None if raw == NONE else raw),
            round_fraction(exact[node.index] * SCALE),
            [metrics[i] for i in node.metrics],
            [told[i] for i in node.groups],
        )
    return told


def _group(
    node: CompiledGroup,
    score: int | None,
    band: BandLook,
    share: int,
    metrics: list[MetricScore],
    groups: list[GroupScore],
) -> GroupScore:
    if node.group is None:
        raise ValueError("The root is no group of the document.")
    inner: list[MetricScore | GroupScore] = [*metrics, *groups]
    return GroupScore(
        group=node.group,
        score=score,
        band=band,
        share=share,
        earned=sum(part.earned or 0 for part in inner),
        missed=sum(part.missed or 0 for part in inner),
        metrics=tuple(metrics),
        groups=tuple(groups),
    )
