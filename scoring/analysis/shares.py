"""How accounts and their contract values are spread over the bands, on some days."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

import numpy as np

from scoring import moves
from scoring.analysis.accounts import Accounts
from scoring.analysis.standings import Standings
from scoring.bands import BandLook
from scoring.engine.fixed import (
    HUNDRED,
    NONE,
    Bools,
    Int8,
    Int64,
    divide_half_up,
    round_fraction,
)
from scoring.moves import NO_VALUE, OUTSIDE, UNKNOWN, Money

BITS = 32
HALF = (1 << BITS) - 1


@dataclass(frozen=True)
class Spread:
    """Of the accounts that the scorecard measured on the day: a place for each band, the lowest
    first, the last one for those without a score. `mean` is over the scores, None without any."""

    day: date
    accounts: tuple[int, ...]
    money: tuple[tuple[Money, ...], ...]
    mean: int | None

    @property
    def total(self) -> int:
        return sum(self.accounts)

    def amounts(self, currency: str) -> tuple[int, ...]:
        return tuple(
            next((each.minor for each in sums if each.currency == currency), 0)
            for sums in self.money
        )

    def shares(self, currency: str = "") -> tuple[int, ...]:
        """Percent in ten-thousandths, of the accounts or of their money in a currency."""
        return shares_of(self.amounts(currency) if currency else self.accounts)


def shares_of(parts: Sequence[int]) -> tuple[int, ...]:
    """They add up to exactly 100: each is the difference of two rounded sums. All 0 of nothing."""
    whole, upto, found = sum(parts), 0, []
    for part in parts if whole else ():
        before = round_fraction(Fraction(upto * HUNDRED, whole))
        upto += part
        found.append(round_fraction(Fraction(upto * HUNDRED, whole)) - before)
    return tuple(found) or (0,) * len(parts)


def band_places(standings: Standings) -> list[int]:
    return [*range(len(standings.looks)), UNKNOWN]


def looks_of(standings: Standings) -> list[BandLook]:
    return [moves.look_of(standings.looks, place) for place in band_places(standings)]


def spread(standings: Standings, accounts: Accounts, at: int, among: Bools | None = None) -> Spread:
    """On the day of this place, of some of the accounts or all."""
    bands = standings.bands[at]
    inside = np.flatnonzero(bands != OUTSIDE if among is None else among & (bands != OUTSIDE))
    bands = bands[inside] - UNKNOWN
    scores = standings.scores[at][inside]
    known = scores[scores != NONE].astype(np.int64)
    places = band_places(standings)
    counts = np.bincount(bands, minlength=len(places)).tolist()
    money = _money(accounts, inside, bands, len(places))
    return Spread(
        day=standings.days[at],
        accounts=tuple(counts[place - UNKNOWN] for place in places),
        money=tuple(money[place - UNKNOWN] for place in places),
        mean=divide_half_up(int(known.sum()), len(known)) if len(known) else None,
    )


def spreads(standings: Standings, accounts: Accounts) -> list[Spread]:
    return [spread(standings, accounts, at) for at in range(len(standings.days))]


def _money(accounts: Accounts, inside: Int64, bands: Int8, many: int) -> list[tuple[Money, ...]]:
    """By band the sums by currency, of contracts whose value is known."""
    value = accounts.value[inside]
    known = value != NO_VALUE
    kinds = max(1, len(accounts.currencies))
    value = value[known]
    of = bands[known].astype(np.int64) * kinds + accounts.currency[inside][known]
    counts = np.bincount(of, minlength=many * kinds).reshape(many, kinds).tolist()
    # A count adds up in floats, exactly as long as its halves are small.
    low = np.bincount(of, value & HALF, minlength=many * kinds).astype(np.int64)
    high = np.bincount(of, value >> BITS, minlength=many * kinds).astype(np.int64)
    sums = (low.astype(object) + high.astype(object) * (HALF + 1)).reshape(many, kinds).tolist()
    return [
        tuple(
            Money(currency, int(minor))
            for currency, minor, count in zip(accounts.currencies, of_band, counted, strict=True)
            if count
        )
        for of_band, counted in zip(sums, counts, strict=True)
    ]


def currencies_of(accounts: Accounts, first: str) -> list[str]:
    """Those of contracts whose value is known, the workspace's own first."""
    known = accounts.currency[accounts.value != NO_VALUE]
    found = [accounts.currencies[place] for place in np.unique(known).tolist()]
    return sorted(found, key=lambda currency: (currency != first, currency))
