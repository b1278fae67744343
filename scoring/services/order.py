"""Keeps in which order the scorecards stood on each day."""

from collections.abc import Sequence
from datetime import date

from scoring.models import Scorecard, ScorecardOrder


def keep_order(*, cards: Sequence[Scorecard], today: date) -> None:
    """Of the active scorecards, the primary first; written only where it is another than before."""
    order = [card.pk for card in cards]
    held = ScorecardOrder.objects.on(today)
    if held is None or held.scorecards != order:
        ScorecardOrder.objects.update_or_create(from_day=today, defaults={"scorecards": order})
