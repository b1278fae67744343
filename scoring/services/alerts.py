"""Rules over the evaluated days: an alert once, and not again until it recovers or cools down."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from scoring.comparisons import Comparison, bands_of
from scoring.engine.fixed import NONE, Int8, Int32, Int64
from scoring.engine.ledger import ledger
from scoring.engine.rules import Rule, fires, lookback_days, parse_rule
from scoring.explanations import Dated, explain, holding, told
from scoring.matrix import load_matrix
from scoring.models import Health, Scorecard
from scoring.models import Rule as RuleRow
from scoring.outcome import Outcome, Result
from scoring.services.episodes import Episodes
from scoring.versions import compiled


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
    episodes = Episodes(rule, row, card)
    episodes.load(ids)
    for n in _worth_a_look(matches, ids, episodes, outcome.first):
        _follow(episodes, ids[n], matches[:, n], outcome.first)
    _explain(episodes, days, outcome, places)
    episodes.save()


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
    matches: NDArray[np.bool_], ids: list[int], episodes: Episodes, first: date
) -> NDArray[np.int64]:
    watched = episodes.watched(first)
    seen = np.array([account_id in watched for account_id in ids], dtype=bool)
    return np.flatnonzero(matches.any(axis=0) | seen)


def _explain(episodes: Episodes, days: Days, outcome: Outcome, places: Int64) -> None:
    """Each new alert keeps the ledger that caused it."""
    if not episodes.raised:
        return
    column = {outcome.account_ids[n]: i for i, n in enumerate(places.tolist())}
    for alert in episodes.raised:
        at = (alert.day - days.first).days, column[alert.account_id]
        score, before = int(days.scores[at]), int(days.scores_before[at])
        rank = int(days.bands[at])
        alert.band_key = days.keys[rank] if rank >= 0 else alert.band_key
        alert.score = None if score == NONE else score
        alert.delta = None if NONE in (score, before) else score - before
    if len(days.scores) == 1:
        _tell_together(episodes, outcome, places, column)
    else:
        _tell(episodes)


def _tell_together(
    episodes: Episodes, outcome: Outcome, places: Int64, column: dict[int, int]
) -> None:
    compared = Comparison.of(outcome, outcome.last - episodes.lookback, places)
    raised = np.zeros(len(places), np.bool_)
    raised[[column[alert.account_id] for alert in episodes.raised]] = True
    reasons = compared.reasons(raised)
    for alert in episodes.raised:
        alert.entries = reasons[column[alert.account_id]]


def _tell(episodes: Episodes) -> None:
    """The ledgers of all new alerts, read and explained together."""
    back = episodes.lookback
    days = [(a.account_id, day) for a in episodes.raised for day in (a.day - back, a.day)]
    held = holding(episodes.card.pk, days)
    pairs = [
        (alert, held[alert.account_id, alert.day - back], held[alert.account_id, alert.day])
        for alert in episodes.raised
        if {(alert.account_id, alert.day - back), (alert.account_id, alert.day)} <= held.keys()
    ]
    rows: list[Dated] = [(before, alert.day - back) for alert, before, _ in pairs]
    rows += [(after, alert.day) for alert, _, after in pairs]
    explained = explain(rows)
    for i, (alert, _, _) in enumerate(pairs):
        first, second = explained[i], explained[len(pairs) + i]
        alert.entries = told(ledger(first, second), first, second)
