"""Which scorecards there are and in which order: the first that fits an account is its primary one."""

from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.errors import InvalidInput
from accounts.models import Account
from scoring.models import Run, RunKind, RunState, Scorecard
from scoring.services.configuration import switch_scorecard
from scoring.services.references import lock_configuration, refuse_while_needed
from scoring.services.runs import start_run


@transaction.atomic
def move_scorecard(*, scorecard: Scorecard, by: int, today: date) -> None:
    """Up (−1) or down (+1) in the order; nothing changes at the ends. Ranks become 1, 2, 3 …"""
    lock_configuration()
    cards = list(Scorecard.objects.arranged())
    at = next((n for n, card in enumerate(cards) if card.pk == scorecard.pk), None)
    if at is None:
        return
    to = min(max(at + by, 0), len(cards) - 1)
    order = [card.pk for card in cards if card.active and card.current_version_id]
    cards.insert(to, cards.pop(at))
    for rank, card in enumerate(cards, 1):
        _rank(card, rank)
    if order != [card.pk for card in cards if card.active and card.current_version_id]:
        score_soon(today)


def _rank(scorecard: Scorecard, rank: int) -> None:
    if scorecard.draft is not None:
        scorecard.draft = {name: value for name, value in scorecard.draft.items() if name != "rank"}
        scorecard.draft |= {"rank": rank} if rank != 1 else {}
    scorecard.rank = rank
    scorecard.save(update_fields=["rank", "draft"])


@transaction.atomic
def archive(*, scorecard: Scorecard, today: date, moment: datetime) -> None:
    """Out of sight and switched off; its versions and its history stay. Raises InvalidInput where
    others need its score."""
    lock_configuration()
    refuse_while_needed(scorecard)
    counted = scorecard.active and scorecard.current_version_id is not None
    scorecard.archived_at, scorecard.active = moment, False
    scorecard.save(update_fields=["archived_at", "active"])
    if counted:
        score_soon(today)


@transaction.atomic
def bring_back(*, scorecard: Scorecard, active: bool, today: date) -> None:
    """`active`: and switch it on again, which raises InvalidInput where it needs what is not there."""
    if scorecard.archived_at is None:
        raise InvalidInput.at("", _("It is not archived."))
    scorecard.archived_at = None
    scorecard.save(update_fields=["archived_at"])
    if not active:
        return
    switch_scorecard(scorecard=scorecard, active=True)
    if scorecard.current_version_id is not None:
        score_soon(today)


def score_soon(today: date) -> None:
    """Every account again, unless a run that has not begun will do so anyway."""
    accounts = Account.objects.count()
    waiting = Run.objects.filter(
        kind=RunKind.REQUEST,
        state=RunState.QUEUED,
        from_day__lte=today,
        to_day=today,
        total__gte=accounts,
    )
    if accounts and not waiting.exists():
        start_run(kind=RunKind.REQUEST, first=today, last=today)
