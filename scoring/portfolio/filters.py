"""The portfolio's filters as menus, and its numbers as links to the accounts behind them."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Segment, Workspace
from scoring.menus import Menu, one, several
from scoring.portfolio.choice import FILTERS, MINE, NONE, OVERDUE, Choice
from scoring.portfolio.summary import Cell, Summary, owners, stages

WINDOWS = (30, 90, 180)


def menus(
    choice: Choice, cells: Sequence[Cell], summary: Summary, workspace: Workspace, user_id: int
) -> list[Menu]:
    segments = list(Segment.objects.order_by("name", "pk").values_list("key", "name"))
    return [
        several(
            choice,
            "band",
            _("Health"),
            [(of.band.key, of.band.label, of.band) for of in summary.bands],
        ),
        several(choice, "stage", _("Stage"), [(name, name, None) for name, _n in stages(cells)]),
        *([one(choice, "segment", _("Segment"), segments)] if segments else []),
        one(choice, "owner", _("Owner"), _people(cells, user_id)),
        one(choice, "renewal", _("Renewal"), _windows(choice, workspace)),
        one(choice, "change", _("Change"), [("down", _fell()), ("up", _rose())]),
        one(choice, "coverage", _("Data"), [("low", _("Provisional: too little data"))]),
    ]


def _fell() -> str:
    return _("Down 5 points or more")


def _rose() -> str:
    return _("Up 5 points or more")


def _people(cells: Sequence[Cell], user_id: int) -> list[tuple[str, str]]:
    others = [(str(pk), name) for pk, name in owners(cells) if pk != user_id]
    nobody = any(cell.owner_id is None for cell in cells)
    return [(MINE, _("Me")), *others, *([(NONE, _("Nobody"))] if nobody else [])]


def _windows(choice: Choice, workspace: Workspace) -> list[tuple[str, str]]:
    asked = choice.query.get("renewal", "")
    own = [int(asked)] if choice.wanted.renewal_from is not None else []
    days = sorted({*WINDOWS, workspace.renewal_notice_days, *own})
    return [(OVERDUE, _("Overdue")), *((str(n), within(n)) for n in days)]


def within(days: int) -> str:
    return ngettext("Within %(n)s day", "Within %(n)s days", days) % {"n": days}


def clear_all(choice: Choice) -> str:
    return choice.without(*FILTERS) if choice.filtered else ""


def whose(choice: Choice) -> list[Menu]:
    """Mine or everyone's, whatever else is asked for."""
    owner = choice.query.get("owner", "")
    return [
        {"label": _("Mine"), "url": choice.url(owner=MINE), "current": owner == MINE},
        {"label": _("Everyone"), "url": choice.without("owner"), "current": not owner},
    ]


def tiles(choice: Choice, summary: Summary, workspace: Workspace) -> dict[str, Any]:
    """Each number leads to its accounts, of the same owner and otherwise unfiltered."""
    base = replace(choice, query=choice.query.copy())
    for name in FILTERS:
        if name != "owner":
            base.query.pop(name, None)
    notice = workspace.renewal_notice_days
    return {
        "bands": [
            {"band": of.band, "count": of.some.count, "url": base.url(band=of.band.key)}
            for of in summary.bands
            if of.some.count
        ],
        "fallen_url": base.url(change="down", sort="change"),
        "renewing_url": base.url(
            renewal=notice, band=[band.key for band in summary.below_good], sort="renewal"
        ),
        "provisional_url": base.url(coverage="low"),
        "notice": notice,
    }
