"""Whose accounts and which scorecard, as menus."""

from datetime import date, timedelta

from django.utils.translation import gettext as _

from accounts.models import Segment, Workspace
from scoring.analysis.choice import Choice
from scoring.menus import Menu, always, one, several
from scoring.portfolio.choice import MINE, NONE
from scoring.portfolio.summary import Cell, count_accounts, owners, stages


def menus(choice: Choice, cells: list[Cell], user_id: int) -> list[Menu]:
    cards = [(card.key, card.name) for card in choice.scorecards]
    segments = list(Segment.objects.order_by("name", "pk").values_list("key", "name"))
    people = [(str(pk), name) for pk, name in owners(cells) if pk != user_id]
    nobody = [(NONE, _("Nobody"))] if any(cell.owner_id is None for cell in cells) else []
    found = []
    if choice.scorecard is not None and len(cards) > 1:
        found.append(always(choice, "scorecard", _("Scorecard"), cards, choice.scorecard.key))
    found.append(one(choice, "owner", _("Owner"), [(MINE, _("Me")), *people, *nobody]))
    if segments:
        found.append(one(choice, "segment", _("Segment"), segments))
    names = [(name, name, None) for name, _n in stages(cells)]
    return [*found, *([several(choice, "stage", _("Stage"), names)] if names else [])]


def clear_all(choice: Choice) -> str:
    return choice.without("owner", "segment", "stage") if choice.filtered else ""


def counted(workspace: Workspace, today: date) -> list[Cell]:
    """As the list of accounts counts them, so that both share what is kept."""
    until = today + timedelta(days=workspace.renewal_notice_days)
    return count_accounts(today=today, until=until, currency=workspace.currency)
