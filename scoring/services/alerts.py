"""Rules over the evaluated days: an alert once, and not again until it recovers or cools down."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from scoring.engine.ledger import ledger
from scoring.engine.rules import Rule, fires, lookback_days, parse_rule
from scoring.explanations import Dated, explain, holding, told
from scoring.matrix import Matrix, load_matrix
from scoring.models import Alert, Health, Scorecard
from scoring.models import Rule as RuleRow
from scoring.outcome import Outcome, Result
from scoring.versions import compiled

DAY = timedelta(days=1)


@dataclass
class Episodes:
    """The alerts of one rule by account and day, and what the evaluated days do to them."""

    rule: Rule
    row: RuleRow
    card: Scorecard
    held: dict[int, list[Alert]]
    raised: list[Alert] = field(default_factory=list)
    changed: dict[int, Alert] = field(default_factory=dict)

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

    def _cooled(self, latest: Alert, day: date) -> bool:
        return (day - latest.day).days >= self.rule.cooldown_days

    def _latest(self, account_id: int, day: date) -> Alert | None:
        earlier = [alert for alert in self.held.get(account_id, []) if alert.day <= day]
        return max(earlier, key=lambda alert: alert.day, default=None)

    def _recover(self, alert: Alert, day: date) -> None:
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


def raise_alerts(results: Sequence[Result]) -> None:
    """Go through the days in order and keep the alerts of every rule; rerun, it changes nothing."""
    for row in RuleRow.objects.filter(active=True).order_by("pk"):
        rule = parse_rule(row.document)
        for card, outcome, ids in _measured_by(rule, results):
            _go_through(rule, row, card, ids, outcome.first, outcome.last)


def _measured_by(
    rule: Rule, results: Sequence[Result]
) -> Iterator[tuple[Scorecard, Outcome, list[int]]]:
    """The rule's scorecard; where it names none, each account's primary."""
    for card, outcome in results:
        if rule.scorecard:
            if card.key == rule.scorecard:
                yield card, outcome, outcome.account_ids
            continue
        primary = Health.objects.filter(account_id__in=outcome.account_ids, scorecard_id=card.pk)
        held = set(primary.values_list("account_id", flat=True))
        ids = [account_id for account_id in outcome.account_ids if account_id in held]
        if ids:
            yield card, outcome, ids


def _go_through(
    rule: Rule, row: RuleRow, card: Scorecard, ids: list[int], first: date, last: date
) -> None:
    back = timedelta(days=lookback_days(rule))
    bands = [band.key for band in compiled(card.current_version).bands]
    matrix = load_matrix(card.pk, ids, first - back, last, bands)
    matches = _matches(rule, matrix, first, bands)
    episodes = Episodes(rule, row, card, _held(row, ids))
    for n in _worth_a_look(matches, ids, episodes):
        _follow(episodes, ids[n], matches[:, n], first)
    _save(episodes, matrix, bands)


def _follow(episodes: Episodes, account_id: int, matches: NDArray[np.bool_], first: date) -> None:
    """Only the days on which something can happen: where matching begins, ends or has cooled down."""
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


def _matches(rule: Rule, matrix: Matrix, first: date, bands: list[str]) -> NDArray[np.bool_]:
    """Shaped (days since first, accounts)."""
    start = matrix.row(first)
    now, then = slice(start, None), slice(0, len(matrix.scores) - start)
    matches: NDArray[np.bool_] = fires(
        rule,
        scores=matrix.scores[now],
        scores_before=matrix.scores[then],
        bands=matrix.bands[now],
        bands_before=matrix.bands[then],
        keys=bands,
    )
    return matches


def _worth_a_look(
    matches: NDArray[np.bool_], ids: list[int], episodes: Episodes
) -> NDArray[np.int64]:
    watched = np.array([account_id in episodes.held for account_id in ids], dtype=bool)
    return np.flatnonzero(matches.any(axis=0) | watched)


def _held(row: RuleRow, ids: list[int]) -> dict[int, list[Alert]]:
    held: dict[int, list[Alert]] = {}
    for alert in Alert.objects.filter(rule=row, account_id__in=ids):
        held.setdefault(alert.account_id, []).append(alert)
    return held


def _save(episodes: Episodes, matrix: Matrix, bands: list[str]) -> None:
    _explain(episodes, matrix, bands)
    Alert.objects.bulk_create(episodes.raised, batch_size=500)
    for alert in episodes.changed.values():
        alert.save(update_fields=["recovered_on"])


def _explain(episodes: Episodes, matrix: Matrix, bands: list[str]) -> None:
    """Each new alert keeps the ledger that caused it."""
    if not episodes.raised:
        return
    column = {account_id: n for n, account_id in enumerate(matrix.account_ids)}
    for alert in episodes.raised:
        n = column[alert.account_id]
        now, then = matrix.row(alert.day), matrix.row(alert.compared_day)
        score, before = int(matrix.scores[now, n]), int(matrix.scores[then, n])
        rank = int(matrix.bands[now, n])
        alert.band_key = bands[rank] if rank >= 0 else "unknown"
        alert.score = None if score == -1 else score
        alert.delta = None if -1 in (score, before) else score - before
    _tell(episodes)


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
