"""What the page of movers shows: the greatest moves of each kind, or one kind or flow in full."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from django.utils.translation import gettext as _

from scoring.analysis.choice import Choice
from scoring.analysis.moved_rows import MovedRow, moved_rows
from scoring.analysis.movers import KINDS, Kind, Movers
from scoring.bands import BandLook
from scoring.engine.fixed import Bools, Int64
from scoring.moves import Money, index_of, look_of

FEW, PAGE = 8, 25


@dataclass(frozen=True)
class Listed:
    """Some of the accounts that did the same; `flow` are the bands where that is what they share."""

    name: str
    title: str
    flow: tuple[BandLook, BandLook] | None
    rows: list[MovedRow]
    total: int
    money: list[Money]
    first: int
    all_url: str = ""
    previous_url: str = ""
    next_url: str = ""

    @property
    def last(self) -> int:
        return self.first + len(self.rows) - 1


def titles() -> dict[Kind, str]:
    return {
        "declined": _("Most declined"),
        "improved": _("Most improved"),
        "new": _("New"),
        "gone": _("Gone"),
    }


def asked_for(choice: Choice, movers: Movers) -> tuple[str, Bools] | None:
    """A kind or a flow with its accounts; None where the page as a whole is asked for."""
    was, becomes = choice.query.get("was", ""), choice.query.get("is", "")
    if was and becomes:
        return "flow", movers.between(was, becomes)
    kind = next((kind for kind in KINDS if kind == choice.query.get("show")), None)
    return None if kind is None else (kind, movers.of_kind(kind))


def listed(choice: Choice, movers: Movers) -> list[Listed]:
    asked = asked_for(choice, movers)
    if asked is not None:
        return [_in_full(choice, movers, *asked)]
    places = {kind: order(movers, kind, movers.of_kind(kind)) for kind in KINDS}
    shown = {kind: found[:FEW] for kind, found in places.items()}
    rows = moved_rows(movers, np.concatenate(list(shown.values())))
    by_id = {row.account.pk: row for row in rows}
    return [
        Listed(
            name=kind,
            title=titles()[kind],
            flow=None,
            rows=[by_id[pk] for pk in movers.accounts.ids[shown[kind]].tolist() if pk in by_id],
            total=len(found),
            money=movers.money(movers.of_kind(kind)),
            first=1,
            all_url=choice.url(show=kind) if len(found) > FEW else "",
        )
        for kind, found in places.items()
    ]


def order(movers: Movers, kind: str, which: Bools) -> Int64:
    return movers.ordered(which, best_first=kind in ("improved", "new"))


def _in_full(choice: Choice, movers: Movers, name: str, which: Bools) -> Listed:
    places = order(movers, name, which)
    page = min(_page(choice.query.get("page", "")), max(1, -(-len(places) // PAGE)))
    start = (page - 1) * PAGE
    rows = moved_rows(movers, places[start : start + PAGE])
    more = start + PAGE < len(places)
    return Listed(
        name=name,
        title=titles()[name] if name in KINDS else "",
        flow=_flow(choice, movers) if name == "flow" else None,
        rows=rows,
        total=len(places),
        money=movers.money(which),
        first=start + 1,
        previous_url=choice.url(page=page - 1) if page > 1 else "",
        next_url=choice.url(page=page + 1) if more else "",
    )


def _flow(choice: Choice, movers: Movers) -> tuple[BandLook, BandLook] | None:
    looks = movers.standings.looks
    was, becomes = (index_of(looks, choice.query.get(name, "")) for name in ("was", "is"))
    if was is None or becomes is None:
        return None
    return look_of(looks, was), look_of(looks, becomes)


def _page(text: str) -> int:
    page = int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 1
    return max(1, page)


def file_places(choice: Choice, movers: Movers) -> Int64:
    """What the file holds: the asked kind or flow, else everybody who moved, the falls first."""
    asked = asked_for(choice, movers)
    if asked is not None:
        return order(movers, *asked)
    before, after = movers.standings.inside
    return movers.ordered((movers.change != 0) | movers.moved() | (before != after))


def flows(choice: Choice, movers: Movers) -> list[dict[str, Any]]:
    """The rows of the matrix; each cell with the address that lists its accounts."""
    chosen = choice.query.get("was", ""), choice.query.get("is", "")
    return [
        {
            "band": row.band,
            "accounts": row.accounts,
            "cells": [
                {
                    "cell": cell,
                    "url": choice.url(
                        **{"was": cell.before.key, "is": cell.after.key, "show": [], "page": []}
                    ),
                    "current": (cell.before.key, cell.after.key) == chosen,
                }
                for cell in row.cells
            ],
        }
        for row in movers.matrix.rows
    ]
