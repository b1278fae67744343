"""Who would change band: a matrix of accounts and contract value from each band to each."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from django.utils.translation import gettext_lazy as _

from scoring import bands
from scoring.bands import BandLook
from scoring.engine.fixed import Bools, Int8, Int16, Int64

UNKNOWN, OUTSIDE = -1, -2
"""In place of a band's index: no score, and an account that the scorecard does not apply to."""
OUTSIDE_LOOK = BandLook("not_applicable", _("Does not apply"), "bar", "none")
NO_VALUE = -1

Kind = Literal["same", "better", "worse", "in", "out", "other"]
"""`in`: an account without a band gets one; `out`: it loses it; `other`: it had none and has none.
`same` is also a band of another scheme at the same place in it."""
Looks = Sequence[BandLook]


@dataclass(frozen=True)
class Money:
    """A sum in minor units; different currencies are never added."""

    currency: str
    minor: int


@dataclass(frozen=True)
class Cell:
    before: BandLook
    after: BandLook
    kind: Kind
    accounts: int
    money: tuple[Money, ...]

    @property
    def moves(self) -> bool:
        return self.kind != "same"


@dataclass(frozen=True)
class Row:
    """All accounts that are in one band now."""

    band: BandLook
    cells: tuple[Cell, ...]

    @property
    def accounts(self) -> int:
        return sum(cell.accounts for cell in self.cells)


@dataclass(frozen=True)
class Portfolio:
    """An item for each account; `value` is NO_VALUE where none is known, `currency` an index."""

    before: Int8
    after: Int8
    value: Int64
    currency: Int16
    currencies: Sequence[str]


@dataclass(frozen=True)
class Matrix:
    rows: tuple[Row, ...]
    columns: tuple[BandLook, ...]
    accounts: int
    totals: dict[Kind, int] = field(default_factory=dict)
    at_stake: tuple[Money, ...] = ()
    """The contract value of all that move."""

    @property
    def other_scheme(self) -> bool:
        """Whether the draft has bands that the rows do not have."""
        rows = {row.band.key for row in self.rows if row.band is not OUTSIDE_LOOK}
        columns = {look.key for look in self.columns} - {OUTSIDE_LOOK.key, bands.UNKNOWN.key}
        return bool(rows - {bands.UNKNOWN.key}) and not columns <= rows

    @property
    def moved(self) -> int:
        return sum(count for kind, count in self.totals.items() if kind != "same")

    def cell(self, before: str, after: str) -> Cell | None:
        cells = (cell for row in self.rows for cell in row.cells)
        return next((c for c in cells if (c.before.key, c.after.key) == (before, after)), None)


def look_of(looks: Looks, index: int) -> BandLook:
    return OUTSIDE_LOOK if index == OUTSIDE else bands.at(looks, index)


def index_of(looks: Looks, key: str) -> int | None:
    """The index of a band's key, also of the two that stand for none."""
    known = {OUTSIDE_LOOK.key: OUTSIDE, bands.UNKNOWN.key: UNKNOWN}
    return {**known, **{look.key: n for n, look in enumerate(looks)}}.get(key)


def kind_of(old: Looks, new: Looks, before: int, after: int) -> Kind:
    """Bands are compared by their key; those of another scheme by their place in it."""
    if look_of(old, before).key == look_of(new, after).key:
        return "same"
    if before < 0 or after < 0:
        return "in" if after >= 0 else "out" if before >= 0 else "other"
    was, becomes = _height(old, new, before), after / (len(new) - 1)
    return "same" if was == becomes else "better" if becomes > was else "worse"


def _height(old: Looks, new: Looks, index: int) -> float:
    """0 to 1: where a band of the earlier scheme stands in the new one."""
    same = index_of(new, old[index].key)
    return index / (len(old) - 1) if same is None else same / (len(new) - 1)


def moved(old: Looks, new: Looks, portfolio: Portfolio) -> Bools:
    """Which accounts would change band."""
    table = np.array(
        [
            [kind_of(old, new, before, after) != "same" for after in range(OUTSIDE, len(new))]
            for before in range(OUTSIDE, len(old))
        ]
    )
    found: Bools = table[portfolio.before - OUTSIDE, portfolio.after - OUTSIDE]
    return found


def matrix(old: Looks, new: Looks, portfolio: Portfolio) -> Matrix:
    """The best band first; no score and no application only where an account has them."""
    befores = _order(old, set(portfolio.before.tolist()))
    afters = _order(new, set(portfolio.after.tolist()))
    rows = tuple(
        Row(look_of(old, b), tuple(_cell(old, new, portfolio, b, a) for a in afters))
        for b in befores
    )
    totals: dict[Kind, int] = {}
    for cell in (cell for row in rows for cell in row.cells):
        totals[cell.kind] = totals.get(cell.kind, 0) + cell.accounts
    return Matrix(
        rows=rows,
        columns=tuple(look_of(new, after) for after in afters),
        accounts=len(portfolio.before),
        totals=totals,
        at_stake=_money(portfolio, moved(old, new, portfolio)),
    )


def _order(looks: Looks, present: Collection[int]) -> list[int]:
    best_first = list(reversed(range(len(looks))))
    return best_first + [index for index in (UNKNOWN, OUTSIDE) if index in present]


def _cell(old: Looks, new: Looks, portfolio: Portfolio, before: int, after: int) -> Cell:
    inside = (portfolio.before == before) & (portfolio.after == after)
    return Cell(
        before=look_of(old, before),
        after=look_of(new, after),
        kind=kind_of(old, new, before, after),
        accounts=int(inside.sum()),
        money=_money(portfolio, inside),
    )


def _money(portfolio: Portfolio, inside: Bools) -> tuple[Money, ...]:
    """The largest sums first."""
    known = inside & (portfolio.value != NO_VALUE)
    sums = [
        Money(currency, total(portfolio.value[known & (portfolio.currency == n)]))
        for n, currency in enumerate(portfolio.currencies)
        if (known & (portfolio.currency == n)).any()
    ]
    return tuple(sorted(sums, key=lambda money: (-money.minor, money.currency)))


def total(values: Int64) -> int:
    """Exact: both halves are added up apart, as a sum of 64 bits could leave its range."""
    return (int((values >> 32).sum()) << 32) + int((values & 0xFFFFFFFF).sum())
