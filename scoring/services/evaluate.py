"""Accounts × days → evaluations, history, current health, alerts: all in the caller's transaction."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from accounts.models import Account, Workspace
from accounts.tenancy import current_workspace_id
from scoring.detail import unpack_many
from scoring.engine.compiled import Compiled
from scoring.engine.dependencies import Uses, in_order, needed
from scoring.engine.evaluate import graded_values
from scoring.engine.publish import evaluate_days
from scoring.engine.timeline import State
from scoring.inputs.load import load
from scoring.inputs.others import Scores
from scoring.inputs.overrides import load_overrides
from scoring.models import Scorecard
from scoring.outcome import Outcome, outcome
from scoring.services.alerts import raise_alerts
from scoring.services.health import refresh_health
from scoring.services.history import record
from scoring.services.peers import Peers
from scoring.versions import compiled, compiled_versions

# One step into the index for each account, however long its history is.
BEFORE = """
SELECT asked.account_id, e.version_id, e.reference_band, e.pending_band, e.pending_count, e.detail
FROM unnest(%s::bigint[]) AS asked (account_id)
CROSS JOIN LATERAL (
    SELECT * FROM scoring_evaluation AS every
    WHERE every.workspace_id = %s AND every.account_id = asked.account_id
      AND every.scorecard_id = %s AND every.day < %s
    ORDER BY every.day DESC LIMIT 1
) AS e
"""


def evaluate(
    *, workspace: Workspace, account_ids: list[int], first: date, last: date, moment: datetime
) -> None:
    """Evaluate every active scorecard on each of the days, in the open scope.

    Deterministic: the same data and configuration give the same rows, and nothing is written twice.
    """
    if not account_ids:
        return
    lock_accounts(account_ids)
    active = _active(workspace)
    active.keep_peers(first, last, moment)
    outcomes: dict[str, Outcome] = {}
    for key, found in active.outcomes(active.needs, account_ids, first, last):
        record(found, today=workspace.day_of(moment), moment=moment)
        outcomes[key] = found
    results = [(card, outcomes[key]) for key, card in active.cards.items()]
    refresh_health(results, account_ids=account_ids, day=last)
    raise_alerts(results)


def keep_peers(*, workspace: Workspace, first: date, last: date, moment: datetime) -> None:
    """Measure what percentiles are compared with on these days, unless it was measured before."""
    _active(workspace).keep_peers(first, last, moment)


@dataclass(frozen=True)
class _Active:
    """The active scorecards, and which of the others each needs."""

    workspace: Workspace
    cards: Mapping[str, Scorecard]
    needs: Uses

    def outcomes(
        self, needs: Uses, account_ids: list[int], first: date, last: date
    ) -> Iterator[tuple[str, Outcome]]:
        """Of each scorecard in `needs` after those that it needs."""
        found: dict[str, Outcome] = {}
        for key in in_order(needs):
            card = self.cards[key]
            found[key] = evaluated(
                compiled(card.current_version),
                workspace=self.workspace,
                scorecard_id=card.pk,
                version_id=card.current_version.pk,
                account_ids=account_ids,
                first=first,
                last=last,
                others={other: found[other].scores for other in needs[key] if other in found},
            )
            yield key, found[key]

    def keep_peers(self, first: date, last: date, moment: datetime) -> None:
        for key in in_order(self.needs):
            card = self.cards[key]
            version = compiled(card.current_version)
            others = partial(self._scores, self._below(key))
            peers = Peers(version, self.workspace, card.pk, card.current_version.pk, others)
            peers.keep(first, last, moment)

    def _scores(self, needs: Uses, account_ids: list[int], first: date, last: date) -> Scores:
        """Of accounts whose turn may come later: their history does not say it yet."""
        outcomes = self.outcomes(needs, account_ids, first, last)
        return {key: found.scores for key, found in outcomes}

    def _below(self, key: str) -> Uses:
        """What a scorecard needs, and what that needs; circles were refused."""
        found: dict[str, Collection[str]] = {}
        for other in self.needs[key]:
            if other in self.needs:
                found |= self._below(other)
                found[other] = self.needs[other]
        return found


def _active(workspace: Workspace) -> _Active:
    cards = {card.key: card for card in Scorecard.objects.active()}
    needs = {key: needed(compiled(card.current_version).card) for key, card in cards.items()}
    return _Active(workspace, cards, needs)


def lock_accounts(account_ids: Collection[int]) -> None:
    """Two evaluations of an account at once would store its days twice: the later one waits.

    In the order in which an upsert takes them, so that neither locks the other out.
    """
    rows = Account.objects.filter(pk__in=account_ids).order_by("key")
    list(rows.select_for_update(no_key=True).values_list("pk"))


def evaluated(
    card: Compiled,
    *,
    workspace: Workspace,
    scorecard_id: int,
    version_id: int,
    account_ids: list[int],
    first: date,
    last: date,
    others: Scores | None = None,
) -> Outcome:
    """What the card says of these accounts on these days, going on from the day before; only read.

    `others` are scores of other scorecards on these days; those that are not given are read.
    """
    loaded = load(
        card,
        workspace=workspace,
        scorecard_id=scorecard_id,
        account_ids=account_ids,
        first=first,
        last=last,
        others=others,
    )
    state = _state_before(card, scorecard_id, account_ids, first)
    overrides = load_overrides(
        card, scorecard_id=scorecard_id, account_ids=account_ids, first=first, last=last
    )
    peers = Peers(card, workspace, scorecard_id, version_id)
    inputs = peers.ranked(loaded.inputs, first, last)
    published, _ = evaluate_days(card, inputs, state, overrides)
    return outcome(
        published,
        scorecard_id=scorecard_id,
        version_id=version_id,
        account_ids=account_ids,
        first=first,
        applies=loaded.applies,
        values=graded_values(card, inputs),
        measured=loaded.measured,
    )


def _state_before(card: Compiled, scorecard_id: int, account_ids: list[int], first: date) -> State:
    """What the evaluation of the last day before `first` left; of another version, by the keys."""
    state = State.initial(len(account_ids), len(card.metrics))
    with connection.cursor() as cursor:
        cursor.execute(BEFORE, [account_ids, current_workspace_id(), scorecard_id, first])
        rows = cursor.fetchall()
    position = {account_id: n for n, account_id in enumerate(account_ids)}
    versions = compiled_versions({row[1] for row in rows})
    for of_version, earlier in versions.items():
        mine = [row for row in rows if row[1] == of_version]
        at = np.array([position[row[0]] for row in mine])
        known = unpack_many([row[5] for row in mine], len(earlier.metrics))["known"]
        bands = _band_map(earlier, card)
        state.band[at] = bands[[row[2] for row in mine]]
        state.pending[at] = bands[[row[3] for row in mine]]
        state.pending_count[at] = [row[4] for row in mine]
        for metric in card.metrics:
            if metric.key in earlier.metric_index:
                state.carried[at, metric.index] = known[:, earlier.metric_index[metric.key]]
    return state


def _band_map(earlier: Compiled, card: Compiled) -> NDArray[np.int8]:
    """Index of a band of the earlier version → index in this one, −1 where it is gone; [-1] is −1."""
    keys = [band.key for band in card.bands]
    mapped = [keys.index(b.key) if b.key in keys else -1 for b in earlier.bands]
    return np.array([*mapped, -1], dtype=np.int8)
