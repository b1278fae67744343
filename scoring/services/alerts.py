"""Rules over the evaluated days: an alert once, and not again until it recovers or cools down."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from scoring.engine.ledger import ledger
from scoring.engine.rules import Rule, fires, lookback_days, parse_rule
from scoring.explanations import Dated, explain, told
from scoring.matrix import Matrix, load_matrix
from scoring.models import Alert, Evaluation, Health, Scorecard
from scoring.models import Rule as RuleRow
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


def raise_alerts(
    *, cards: Sequence[Scorecard], account_ids: list[int], first: date, last: date
) -> None:
    """Go through the days in order and keep the alerts of every rule; rerun, it changes nothing."""
    for row in RuleRow.objects.filter(active=True).order_by("pk"):
        rule = parse_rule(row.document)
        for card, ids in _measured_by(rule, cards, account_ids):
            _go_through(rule, row, card, ids, first, last)


def _measured_by(
    rule: Rule, cards: Sequence[Scorecard], account_ids: list[int]
) -> Iterator[tuple[Scorecard, list[int]]]:
    """The rule's scorecard; where it names none, each account's primary."""
    if rule.scorecard:
        yield from ((card, account_ids) for card in cards if card.key == rule.scorecard)
        return
    primary = dict(
        Health.objects.filter(account_id__in=account_ids).values_list("account_id", "scorecard_id")
    )
    for card in cards:
        ids = [account_id for account_id in account_ids if primary.get(account_id) == card.pk]
        if ids:
            yield card, ids


def _go_through(
    rule: Rule, row: RuleRow, card: Scorecard, ids: list[int], first: date, last: date
) -> None:
    back = timedelta(days=lookback_days(rule))
    bands = [band.key for band in compiled(card.current_version).bands]
    matrix = load_matrix(card.pk, ids, first - back, last, bands)
    matches = _matches(rule, matrix, first, bands)
    episodes = Episodes(rule, row, card, _held(row, ids))
    for n in _worth_a_look(matches, ids, episodes):
        for d in range(len(matches)):
            episodes.see(ids[n], first + timedelta(days=d), bool(matches[d, n]))
    _save(episodes, matrix, bands)


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
    found = _evaluations(episodes)
    column = {account_id: n for n, account_id in enumerate(matrix.account_ids)}
    for alert in episodes.raised:
        n, now, then = (
            column[alert.account_id],
            matrix.row(alert.day),
            matrix.row(alert.compared_day),
        )
        score, before = int(matrix.scores[now, n]), int(matrix.scores[then, n])
        rank = int(matrix.bands[now, n])
        alert.band_key = bands[rank] if rank >= 0 else "unknown"
        alert.score = None if score == -1 else score
        alert.delta = None if -1 in (score, before) else score - before
        rows = _pair(found.get(alert.account_id, []), alert)
        if rows:
            first, second = explain(rows)
            alert.entries = told(ledger(first, second), first, second)


def _evaluations(episodes: Episodes) -> dict[int, list[Evaluation]]:
    days = [day for alert in episodes.raised for day in (alert.day, alert.compared_day)]
    rows: dict[int, list[Evaluation]] = {}
    for evaluation in Evaluation.objects.filter(
        scorecard_id=episodes.card.pk,
        account_id__in={alert.account_id for alert in episodes.raised},
    ).between(min(days), max(days)):
        rows.setdefault(evaluation.account_id, []).append(evaluation)
    return rows


def _pair(rows: list[Evaluation], alert: Alert) -> list[Dated]:
    """The evaluations of the two days, or nothing where one of them has none."""
    pair = [
        (row, day)
        for day in (alert.compared_day, alert.day)
        for row in rows
        if row.day <= day <= row.to_day
    ]
    return pair if len(pair) == 2 else []
