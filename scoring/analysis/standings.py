"""The score and band of many accounts on some days, as arrays: one step into the index for each."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from accounts.tenancy import current_workspace_id
from scoring.analysis.accounts import Accounts
from scoring.bands import BandLook, look
from scoring.engine.fixed import NONE, Bools, Int8, Int32, Int64
from scoring.kept import kept
from scoring.models import Scorecard
from scoring.moves import OUTSIDE, UNKNOWN
from scoring.versions import compiled_versions
from usage.packed import columns, literal

KEPT_SECONDS = 60
STANDING = """
SELECT asked.place - 1 AS account, wanted.place - 1 AS day, e.version_id AS version, e.band AS band,
    coalesce(e.score, {none}) AS score, least(e.to_day, wanted.day) - DATE '0001-01-01' + 1 AS told
FROM unnest(%(accounts)s::bigint[]) WITH ORDINALITY AS asked (id, place)
CROSS JOIN unnest(%(days)s::date[], %(since)s::date[]) WITH ORDINALITY AS wanted (day, since, place)
CROSS JOIN LATERAL (
    SELECT version_id, band, score, to_day FROM scoring_evaluation AS every
    WHERE every.workspace_id = %(workspace)s AND every.account_id = asked.id
      AND every.scorecard_id = %(scorecard)s AND every.day <= wanted.day
    ORDER BY every.day DESC LIMIT 1
) AS e
WHERE e.to_day >= wanted.since
"""


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


def read_standings(
    scorecard: Scorecard, accounts: Accounts, days: Sequence[date], *, today: date
) -> Standings:
    """Today counts what was said of yesterday as well, until today's evaluation has come."""
    name = f"analysis:standings:{scorecard.pk}:{accounts.token}:{len(accounts)}:{list(days)}"
    bands, scores, told, version, other = kept(
        name, lambda: _read(scorecard, accounts, days, today), seconds=KEPT_SECONDS
    )
    looks = look(compiled_versions({version})[version].bands)
    return Standings(list(days), looks, bands, scores, told, other)


Read = tuple[Int8, Int32, Int32, int, bool]


def _read(scorecard: Scorecard, accounts: Accounts, days: Sequence[date], today: date) -> Read:
    since = [day - timedelta(days=1) if day == today else day for day in days]
    account, day, version, band, score, on = columns(
        STANDING.format(none=NONE),
        {
            "workspace": current_workspace_id(),
            "scorecard": scorecard.pk,
            "accounts": literal(accounts.ids.tolist()),
            "days": list(days),
            "since": since,
        },
        "account day version band score told",
    )
    shape = len(days), len(accounts)
    bands, scores = np.full(shape, OUTSIDE, np.int8), np.full(shape, NONE, np.int32)
    told = np.zeros(shape, np.int32)
    newest = int(version.max()) if len(version) else scorecard.current_version.pk
    bands[day, account], other = _placed(version, band, newest)
    scores[day, account], told[day, account] = score, on
    return bands, scores, told, newest, other


def _placed(version: Int64, band: Int64, newest: int) -> tuple[NDArray[np.int64], bool]:
    """Each band as a place among those of the newest version; and whether any is none of them."""
    placed, other = band.copy(), False
    versions = compiled_versions({newest, *np.unique(version).tolist()})
    keys = [each.key for each in versions[newest].bands]
    for pk, card in versions.items():
        own = [each.key for each in card.bands]
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
