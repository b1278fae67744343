"""Rules over the evaluated days: an alert once, and not again until it recovers or cools down."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from accounts.tenancy import tenant_rows
from scoring.comparisons import Comparison, bands_of
from scoring.engine.fixed import NONE, Int8, Int32, Int64
from scoring.engine.ledger import ledger
from scoring.engine.rules import Rule, fires, lookback_days, parse_rule
from scoring.explanations import Dated, explain, holding, told
from scoring.matrix import load_matrix
from scoring.models import Alert, Health, Scorecard
from scoring.models import Rule as RuleRow
from scoring.outcome import Outcome, Result
from scoring.versions import compiled
from usage.packed import literal
from usage.services.store import plain

DAY = timedelta(days=1)

HELD = """
SELECT account_id, id, day, recovered_on FROM scoring_alert
WHERE workspace_id = %(workspace)s AND rule_id = %(rule)s AND account_id = ANY(%(accounts)s::bigint[])
"""

# A CASE for each alert, as bulk_update writes it, takes half of a night in which a tenth recovers.
RECOVER = """
UPDATE scoring_alert AS a SET recovered_on = new.day
FROM unnest(%(alerts)s::bigint[], %(days)s::date[]) AS new (id, day)
WHERE a.workspace_id = %(workspace)s AND a.id = new.id
"""


@dataclass(slots=True)
class Kept:
    """Of an alert that is stored already, what is needed here."""

    pk: int
    day: date
    recovered_on: date | None

    def matters(self, first: date) -> bool:
        """On the day or later, even where the rule never matches."""
        return self.recovered_on is None or self.recovered_on > first or self.day >= first


@dataclass
class Episodes:
    """The alerts of one rule by account and day, and what the evaluated days do to them."""

    rule: Rule
    row: RuleRow
    card: Scorecard
    held: dict[int, list[Kept | Alert]]
    watched: set[int]
    raised: list[Alert] = field(default_factory=list)
    changed: dict[int, Kept | Alert] = field(default_factory=dict)

    def see(self, account_id: int, day: date, matches: bool) -> None:
        latest = self._latest(account_id, day)
        going_on = latest is not None and (latest.recovered_on is None or latest.recovered_on > day)
        if not matches:
            if latest is not None and going_on and latest.day < day:
                self._recover(latest, day)
        elif latest is None or (latest.day != day and (not going_on or self._cooled(latest, day))):
            self._raise(account_id, day)

    def cooled_on(self, account_id: int, day: date) -> date | None:
        """The day from which a rule that still matches is told again."""
        latest = self._latest(account_id, day)
        return None if latest is None else latest.day + timedelta(days=self.rule.cooldown_days)

    def _cooled(self, latest: Kept | Alert, day: date) -> bool:
        return (day - latest.day).days >= self.rule.cooldown_days

    def _latest(self, account_id: int, day: date) -> Kept | Alert | None:
        earlier = [alert for alert in self.held.get(account_id, []) if alert.day <= day]
        return max(earlier, key=lambda alert: alert.day, default=None)

    def _recover(self, alert: Kept | Alert, day: date) -> None:
        if alert.recovered_on != day:
            alert.recovered_on = day
            if alert.pk is not None:
                self.changed[alert.pk] = alert

    def _raise(self, account_id: int, day: date) -> None:
        alert = Alert(
            rule=self.row,
            account_id=account_id,
            scorecard=self.card,
            severity=self.rule.severity,
            day=day,
            compared_day=day - timedelta(days=lookback_days(self.rule)),
        )
        self.held.setdefault(account_id, []).append(alert)
        self.raised.append(alert)


def raise_alerts(results: Sequence[Result], primary: Int64 | None = None) -> None:
    """Go through the days in order and keep the alerts of every rule; rerun, it changes nothing.

    `primary` are the accounts' primary scorecards, where they are known.
    """
    rows = list(RuleRow.objects.filter(active=True).order_by("pk"))
    if not rows or not results:
        return
    cards = _primary(results[0][1].account_ids) if primary is None else primary
    for row in rows:
        rule = parse_rule(row.document)
        for card, outcome in results:
            places = _measured_by(rule, card, outcome, cards)
            if len(places):
                _go_through(rule, row, card, outcome, places)


def _primary(account_ids: list[int]) -> Int64:
    cards = dict(
        Health.objects.filter(account_id__in=account_ids).values_list("account_id", "scorecard_id")
    )
    return np.array([cards.get(account_id, 0) for account_id in account_ids], np.int64)


def _measured_by(rule: Rule, card: Scorecard, outcome: Outcome, primary: Int64) -> Int64:
    """The rule's scorecard measures all; where it names none, each account's primary does."""
    if rule.scorecard:
        return np.arange(len(outcome.account_ids) if card.key == rule.scorecard else 0)
    return np.flatnonzero(primary == card.pk)


def _go_through(rule: Rule, row: RuleRow, card: Scorecard, outcome: Outcome, places: Int64) -> None:
    ids = [outcome.account_ids[n] for n in places.tolist()]
    days = _days(rule, card, outcome, places, ids)
    matches = fires(
        rule,
        scores=days.scores,
        scores_before=days.scores_before,
        bands=days.bands,
        bands_before=days.bands_before,
        keys=days.keys,
    )
    episodes = Episodes(rule, row, card, *_held(row, ids, outcome.first))
    for n in _worth_a_look(matches, ids, episodes):
        _follow(episodes, ids[n], matches[:, n], outcome.first)
    _explain(episodes, days, outcome, places)
    _save(episodes)


@dataclass(frozen=True)
class Days:
    """[day, account]: what a rule compares, beside the same so many days earlier."""

    first: date
    keys: list[str]
    scores: Int32
    bands: Int8
    scores_before: Int32
    bands_before: Int8


def _days(rule: Rule, card: Scorecard, outcome: Outcome, places: Int64, ids: list[int]) -> Days:
    back = timedelta(days=lookback_days(rule))
    keys = [band.key for band in compiled(card.current_version).bands]
    first, scores = outcome.first, outcome.scores[:, places]
    bands = bands_of(outcome, places, keys)
    if len(scores) == 1:
        compared = Comparison.of(outcome, first - back, places)
        before = compared.scores_before()[None], compared.bands_before(keys)[None]
    else:
        matrix = load_matrix(card.pk, ids, first - back, outcome.last - back, keys)
        before = matrix.scores, matrix.bands
    return Days(first, keys, scores, bands, *before)


def _follow(episodes: Episodes, account_id: int, matches: NDArray[np.bool_], first: date) -> None:
    """Only the days on which something can happen: where matching begins, ends or has cooled down."""
    if len(matches) == 1:
        episodes.see(account_id, first, bool(matches[0]))
        return
    edges = np.flatnonzero(np.diff(matches, prepend=not matches[0]))
    after = [(alert.day - first).days + 1 for alert in episodes.held.get(account_id, [])]
    days = {*edges.tolist(), *(d for d in after if 0 <= d < len(matches))}
    while days:
        d = min(days)
        days.remove(d)
        day = first + timedelta(days=d)
        episodes.see(account_id, day, bool(matches[d]))
        if matches[d] and (cooled := episodes.cooled_on(account_id, day)) is not None:
            ahead = max((cooled - first).days, d + 1)
            if ahead < len(matches) and matches[d:ahead].all():
                days.add(ahead)


def _worth_a_look(
    matches: NDArray[np.bool_], ids: list[int], episodes: Episodes
) -> NDArray[np.int64]:
    watched = np.array([account_id in episodes.watched for account_id in ids], dtype=bool)
    return np.flatnonzero(matches.any(axis=0) | watched)


def _held(
    row: RuleRow, ids: list[int], first: date
) -> tuple[dict[int, list[Kept | Alert]], set[int]]:
    """By account; and the accounts of those that matter from this day on in any case."""
    held: dict[int, list[Kept | Alert]] = {}
    watched = set()
    for account_id, *found in tenant_rows(HELD, rule=row.pk, accounts=literal(ids)):
        alert = Kept(*found)
        held.setdefault(account_id, []).append(alert)
        if alert.matters(first):
            watched.add(account_id)
    return held, watched


def _save(episodes: Episodes) -> None:
    Alert.objects.bulk_create(episodes.raised, batch_size=500)
    if episodes.changed:
        changed = episodes.changed.values()
        tenant_rows(
            RECOVER,
            alerts=plain(alert.pk for alert in changed),
            days=plain(alert.recovered_on for alert in changed),
        )


def _explain(episodes: Episodes, days: Days, outcome: Outcome, places: Int64) -> None:
    """Each new alert keeps the ledger that caused it."""
    if not episodes.raised:
        return
    column = {outcome.account_ids[n]: i for i, n in enumerate(places.tolist())}
    for alert in episodes.raised:
        at = (alert.day - days.first).days, column[alert.account_id]
        score, before = int(days.scores[at]), int(days.scores_before[at])
        rank = int(days.bands[at])
        alert.band_key = days.keys[rank] if rank >= 0 else "unknown"
        alert.score = None if score == NONE else score
        alert.delta = None if NONE in (score, before) else score - before
    if len(days.scores) == 1:
        _tell_together(episodes, outcome, places, column)
    else:
        _tell(episodes)


def _tell_together(
    episodes: Episodes, outcome: Outcome, places: Int64, column: dict[int, int]
) -> None:
    compared = Comparison.of(outcome, episodes.raised[0].compared_day, places)
    raised = np.zeros(len(places), np.bool_)
    raised[[column[alert.account_id] for alert in episodes.raised]] = True
    reasons = compared.reasons(raised)
    for alert in episodes.raised:
        alert.entries = reasons[column[alert.account_id]]


def _tell(episodes: Episodes) -> None:
    """The ledgers of all new alerts, read and explained together."""
    days = [
        (alert.account_id, day)
        for alert in episodes.raised
        for day in (alert.compared_day, alert.day)
    ]
    held = holding(episodes.card.pk, days)
    pairs = [
        (alert, held[alert.account_id, alert.compared_day], held[alert.account_id, alert.day])
        for alert in episodes.raised
        if {(alert.account_id, alert.compared_day), (alert.account_id, alert.day)} <= held.keys()
    ]
    rows: list[Dated] = [(before, alert.compared_day) for alert, before, _ in pairs]
    rows += [(after, alert.day) for alert, _, after in pairs]
    explained = explain(rows)
    for i, (alert, _, _) in enumerate(pairs):
        first, second = explained[i], explained[len(pairs) + i]
        alert.entries = told(ledger(first, second), first, second)
