"""The portfolio's filters as menus, and its numbers as links to the accounts behind them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import F, Value
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Segment, Tag, Workspace
from scoring.addresses import Address
from scoring.bands import BandLook
from scoring.menus import Menu, one, several
from scoring.portfolio import markup
from scoring.portfolio.choice import MINE, NONE, OVERDUE, TEAM, Choice, read_window
from scoring.portfolio.summary import Cell, Summary, owners, stages

WINDOWS = (30, 90, 180)
MOST_TAGS = 100


@dataclass(frozen=True)
class Known:
    """What can be chosen: pairs of a key and its name."""

    bands: Sequence[BandLook]
    stages: Sequence[str]
    segments: Sequence[tuple[str, str]]
    tags: Sequence[str]
    people: Sequence[tuple[str, str]]

    @property
    def names(self) -> dict[str, dict[str, str]]:
        bands = {band.key: str(band.label) for band in self.bands}
        return {"band": bands, "segment": dict(self.segments), "owner": dict(self.people)}


def known(cells: Sequence[Cell], summary: Summary, user_id: int) -> Known:
    segments = Segment.objects.annotate(kind=Value("segment"), called=F("name"))
    tags = Tag.objects.used().annotate(kind=Value("tag"), called=F("name"))
    found = segments.values_list("kind", "called", "key").union(
        tags.values_list("kind", "called", "name"), all=True
    )
    named = sorted(found, key=lambda row: (row[1].lower(), row[2]))
    return Known(
        bands=[of.band for of in summary.bands],
        stages=[name for name, _n in stages(cells)],
        segments=[(key, name) for kind, name, key in named if kind == "segment"],
        tags=[name for kind, name, _key in named if kind == "tag"][:MOST_TAGS],
        people=_people(cells, user_id),
    )


def menus(
    choice: Choice, cells: Sequence[Cell], summary: Summary, workspace: Workspace, user_id: int
) -> list[Menu]:
    return menus_of(choice, known(cells, summary, user_id), workspace)


def menus_of(choice: Choice, known: Known, workspace: Workspace) -> list[Menu]:
    bands = [(band.key, band.label, band) for band in known.bands]
    named = [(name, name, None) for name in known.stages]
    tags = [(name, name, None) for name in known.tags]
    found = [
        several(choice, "band", _("Health"), bands),
        several(choice, "stage", _("Stage"), named),
        *([one(choice, "segment", _("Segment"), known.segments)] if known.segments else []),
        *([several(choice, "tag", _("Tag"), tags)] if tags else []),
        one(choice, "owner", _("Owner"), known.people),
        _renewals(choice, workspace),
        one(choice, "change", _("Change"), [("down", fell()), ("up", rose())]),
        _data(choice),
    ]
    return [menu | {"items": markup.menu_items(menu["options"])} for menu in found]


def fell() -> str:
    return _("Down 5 points or more")


def rose() -> str:
    return _("Up 5 points or more")


def low() -> str:
    return _("Provisional: too little data")


def stale() -> str:
    return _("Stale: a metric expired or lost its data")


def _data(choice: Choice) -> Menu:
    """Two filters in a menu."""
    coverage = one(choice, "coverage", _("Data"), [("low", low())])
    data = one(choice, "data", _("Data"), [("stale", stale())])
    for option in (*coverage["options"], *data["options"]):
        if option["current"]:
            option["url"] = choice.without("coverage" if option in coverage["options"] else "data")
    return coverage | {
        "options": [*coverage["options"], *data["options"]],
        "active": coverage["active"] or data["active"],
        "clear_url": choice.without("coverage", "data"),
    }


def _people(cells: Sequence[Cell], user_id: int) -> list[tuple[str, str]]:
    others = [(str(pk), name) for pk, name in owners(cells) if pk != user_id]
    nobody = any(cell.owner_id is None for cell in cells)
    return [(MINE, _("Me")), *others, *([(NONE, _("Nobody"))] if nobody else [])]


def _renewals(choice: Choice, workspace: Workspace) -> Menu:
    """With a form for days of one's own, which are sent as `renewal` once for each end."""
    days = sorted({*WINDOWS, workspace.renewal_notice_days})
    options = [(OVERDUE, _("Overdue")), *((str(n), within(n)) for n in days)]
    menu = one(choice, "renewal", _("Renewal"), options)
    window = read_window(choice.query.get("renewal", ""))
    # As texts: a field of numbers takes no separators between thousands.
    own = {"first": str(window[0]) if window else "", "last": str(window[1]) if window else ""}
    return menu | {
        "active": menu["active"] or (choice.wanted.renewal_to is not None and _("own days")),
        "window": own | {"kept": choice.fields("renewal")},
    }


def within(days: int) -> str:
    return ngettext("Within %(n)s day", "Within %(n)s days", days) % {"n": days}


def clear_all(choice: Choice) -> str:
    return choice.without(*choice.filters) if choice.filtered else ""


def whose(choice: Address) -> list[Menu]:
    """Mine, my team's or everyone's, whatever else is asked for."""
    owner = choice.query.get("owner", "")
    return [
        {"label": _("Mine"), "url": choice.url(owner=MINE), "current": owner == MINE},
        {"label": _("My team’s"), "url": choice.url(owner=TEAM), "current": owner == TEAM},
        {"label": _("Everyone’s"), "url": choice.without("owner"), "current": not owner},
    ]


def tiles(choice: Choice, summary: Summary, workspace: Workspace) -> dict[str, Any]:
    """Each number leads to its accounts, of the same owner and otherwise unfiltered."""
    base = replace(choice, query=choice.query.copy())
    for name in choice.filters:
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
