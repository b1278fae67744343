"""The scores and bands that chosen accounts had on some days, as arrays."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
from numpy.typing import NDArray

from scoring.analysis.accounts import Accounts
from scoring.bands import BandLook, look
from scoring.engine.fixed import NONE, Bools, Int8, Int32, Int64
from scoring.models import Scorecard
from scoring.moves import OUTSIDE, UNKNOWN
from scoring.services.standings import read_or_pack
from scoring.standings.evaluated import read_evaluated
from scoring.standings.packed import DayStandings, aligned
from scoring.standings.read import read_days
from scoring.versions import compiled_versions

NOBODY = DayStandings.empty()
FEW_DAYS = 2
"""More days of many accounts are not packed while somebody waits."""


@dataclass(frozen=True)
class Standings:
    """Shaped (days, accounts). `bands` are places among `looks`, the lowest first, UNKNOWN or OUTSIDE;
    `scores` are NONE where there is none; `told` are ordinals of the evaluated days, 0 for none.

    Bands of an earlier version are found by their key, else at the same height of the newest one's.
    """

    days: list[date]
    looks: tuple[BandLook, ...]
    bands: Int8
    scores: Int32
    told: Int32
    other_bands: bool

    @property
    def inside(self) -> Bools:
        """The scorecard measured the account."""
        found: Bools = self.bands != OUTSIDE
        return found

    def chosen(self, rows: Bools) -> "Standings":
        return replace(
            self,
            bands=self.bands[:, rows],
            scores=self.scores[:, rows],
            told=self.told[:, rows],
        )


def read_standings(
    scorecard: Scorecard, accounts: Accounts, days: Sequence[date], *, today: date
) -> Standings:
    """Today counts what was said of yesterday as well, until today's evaluation has come."""
    return _packed(
        scorecard, accounts, days, read_days(scorecard.pk, set(days), today=today), today
    )


def _packed(
    scorecard: Scorecard,
    accounts: Accounts,
    days: Sequence[date],
    found: Mapping[date, DayStandings | None],
    today: date,
) -> Standings:
    missing = [day for day, standings in found.items() if standings is None]
    told = {**found, **read_or_pack(scorecard_id=scorecard.pk, days=missing, today=today)}
    return _placed(scorecard, accounts, [told[day] or NOBODY for day in days], days)


def read_course(
    scorecard: Scorecard, accounts: Accounts, days: Sequence[date], *, today: date
) -> tuple[Accounts, Standings]:
    """Of all of the accounts, or of a sample where many days of many accounts are not packed yet."""
    found = read_days(scorecard.pk, set(days), today=today)
    missing = [day for day, standings in found.items() if standings is None]
    if not accounts.sampled or len(missing) <= FEW_DAYS:
        return accounts, _packed(scorecard, accounts, days, found, today)
    few = accounts.sample
    read = read_evaluated(scorecard.pk, dict.fromkeys(missing, few.ids), today=today)
    told = [found[day] or read.get(day, NOBODY) for day in days]
    return few, _placed(scorecard, few, told, days)


def _placed(
    scorecard: Scorecard, accounts: Accounts, told: Sequence[DayStandings], days: Sequence[date]
) -> Standings:
    shape = len(days), len(accounts)
    bands, scores = np.full(shape, OUTSIDE, np.int8), np.full(shape, NONE, np.int32)
    on, other = np.zeros(shape, np.int32), False
    newest = max(
        (int(each.version.max()) for each in told if len(each)),
        default=scorecard.current_version.pk,
    )
    for n, each in enumerate(told):
        places, there = aligned(accounts.ids, each.ids)
        mine = each if there.all() and len(each) == len(accounts) else each.chosen(places[there])
        placed, unknown = _bands(mine.version, mine.band, newest)
        bands[n, there], scores[n, there], on[n, there] = placed, mine.score, mine.told
        other = other or unknown
    looks = look(compiled_versions({newest})[newest].bands)
    return Standings(list(days), looks, bands, scores, on, other)


def _bands(version: Int64, band: Int8, newest: int) -> tuple[NDArray[np.int8], bool]:
    """Each band as a place among those of the newest version; and whether any is none of them."""
    kinds = np.unique(version).tolist()
    if kinds in ([], [newest]):
        return band, False
    placed, other = band.copy(), False
    versions = compiled_versions({newest, *kinds})
    keys = [each.key for each in versions[newest].bands]
    for pk in kinds:
        own = [each.key for each in versions[pk].bands]
        if own != keys:
            other = other or not set(own) <= set(keys)
            mine = version == pk
            places = np.array([*(_place(own, n, keys) for n in range(len(own))), UNKNOWN])
            placed[mine] = places[band[mine]]
    return placed, other


def _place(own: Sequence[str], n: int, keys: Sequence[str]) -> int:
    if own[n] in keys:
        return list(keys).index(own[n])
    return round(n * (len(keys) - 1) / (len(own) - 1))
