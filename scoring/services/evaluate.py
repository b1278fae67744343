"""Accounts × days → evaluations, history, current health, alerts: all in the caller's transaction."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial

from accounts.models import Workspace
from accounts.tenancy import tenant_rows
from scoring.engine.compiled import Compiled
from scoring.engine.dependencies import Uses, in_order, needed
from scoring.engine.evaluate import graded_values
from scoring.engine.publish import evaluate_days
from scoring.inputs.before import state_before
from scoring.inputs.load import load
from scoring.inputs.others import Scores
from scoring.inputs.overrides import load_overrides
from scoring.models import Scorecard
from scoring.outcome import Outcome, outcome
from scoring.services.alerts import raise_alerts
from scoring.services.health import refresh_health
from scoring.services.history import record
from scoring.services.order import keep_order
from scoring.services.peers import Peers
from scoring.stored import stored
from scoring.versions import compiled
from usage.packed import literal


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
    if last == workspace.day_of(moment):
        keep_order(cards=list(active.cards.values()), today=last)
    primary = refresh_health(results, account_ids=account_ids, day=last)
    raise_alerts(results, primary)


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


# With a list in place of the array the statement alone costs a fiftieth of a night.
LOCK = """
SELECT id FROM accounts_account
WHERE workspace_id = %(workspace)s AND id = ANY(%(accounts)s::bigint[])
ORDER BY key FOR NO KEY UPDATE
"""


def lock_accounts(account_ids: Collection[int]) -> None:
    """Two evaluations of an account at once would store its days twice: the later one waits.

    In the order in which an upsert takes them, so that neither locks the other out.
    """
    tenant_rows(LOCK, accounts=literal(list(account_ids)))


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
    latest = stored(scorecard_id, account_ids, date.max)
    state = state_before(
        card, latest, scorecard_id=scorecard_id, account_ids=account_ids, first=first
    )
    overrides = load_overrides(
        card, scorecard_id=scorecard_id, account_ids=account_ids, first=first, last=last
    )
    peers = Peers(card, workspace, scorecard_id, version_id)
    inputs = peers.ranked(loaded.inputs, first, last)
    published, _ = evaluate_days(card, inputs, state, overrides)
    return outcome(
        published,
        card=card,
        scorecard_id=scorecard_id,
        version_id=version_id,
        account_ids=account_ids,
        first=first,
        applies=loaded.applies,
        values=graded_values(card, inputs),
        measured=loaded.measured,
        latest=latest,
    )
