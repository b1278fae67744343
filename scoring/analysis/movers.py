"""Who moved between two days: from band to band, by accounts and by money; who rose and who fell."""

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Literal, get_args

import numpy as np

from scoring import moves
from scoring.analysis.accounts import Accounts
from scoring.analysis.standings import Standings, read_standings
from scoring.engine.fixed import NONE, Bools, Int32, Int64
from scoring.models import Scorecard
from scoring.moves import OUTSIDE, Matrix, Money, Portfolio

Kind = Literal["declined", "improved", "new", "gone"]


@dataclass(frozen=True)
class Movers:
    """Of the accounts that the scorecard measured on either day. Those that were measured on the
    later day only are new, on the earlier day only gone."""

    scorecard: Scorecard
    accounts: Accounts
    standings: Standings

    @cached_property
    def portfolio(self) -> Portfolio:
        before, after = self.standings.bands
        measured = self.accounts
        return Portfolio(
            before, after, measured.value, measured.currency.astype(np.int16), measured.currencies
        )

    @cached_property
    def matrix(self) -> Matrix:
        looks = self.standings.looks
        return moves.matrix(looks, looks, self.portfolio)

    @cached_property
    def change(self) -> Int32:
        """0 where one of the two has no score."""
        before, after = self.standings.scores
        return np.where((before != NONE) & (after != NONE), after - before, np.int32(0))

    def of_kind(self, kind: Kind) -> Bools:
        before, after = self.standings.inside
        found: dict[Kind, Bools] = {
            "declined": self.change < 0,
            "improved": self.change > 0,
            "new": after & ~before,
            "gone": before & ~after,
        }
        return found[kind]

    def moved(self) -> Bools:
        """Another band than before."""
        looks = self.standings.looks
        return moves.moved(looks, looks, self.portfolio)

    def between(self, before: str, after: str) -> Bools:
        """From one band to another, by their keys; nobody for a key that is none."""
        places = [moves.index_of(self.standings.looks, key) for key in (before, after)]
        if None in places:
            return np.zeros(len(self.accounts), np.bool_)
        then, now = self.standings.bands
        found: Bools = (then == places[0]) & (now == places[1])
        return found

    def money(self, which: Bools) -> list[Money]:
        return [Money(*each) for each in self.accounts.money(which)]

    def ordered(self, which: Bools, *, best_first: bool = False) -> Int64:
        """Places of these accounts: the greatest fall first, or the greatest rise."""
        places = np.flatnonzero(which)
        change = self.change[places].astype(np.int64)
        return places[np.lexsort((places, -change if best_first else change))]


KINDS: tuple[Kind, ...] = get_args(Kind)


def read_movers(
    scorecard: Scorecard, accounts: Accounts, first: date, last: date, *, today: date
) -> Movers:
    found = read_standings(scorecard, accounts, [first, last], today=today)
    measured = (found.bands != OUTSIDE).any(axis=0)
    if measured.all():
        return Movers(scorecard, accounts, found)
    return Movers(scorecard, accounts.chosen(measured, scorecard.key), found.chosen(measured))
