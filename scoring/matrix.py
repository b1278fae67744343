"""Published scores and bands of some accounts, a column an account and a row a day."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from scoring.spans import spanning
from scoring.versions import compiled_versions


@dataclass(frozen=True)
class Matrix:
    """Shaped (days, accounts): `scores` in ten-thousandths and `bands` as ranks from the lowest,
    −1 where there is none; `evaluated` tells an unknown score from a day without evaluation."""

    first: date
    account_ids: list[int]
    scores: NDArray[np.int32]
    bands: NDArray[np.int8]
    evaluated: NDArray[np.bool_]

    def row(self, day: date) -> int:
        return (day - self.first).days


def load_matrix(
    scorecard_id: int, account_ids: list[int], first: date, last: date, bands: Iterable[str]
) -> Matrix:
    """`bands` are the keys of the current version; those of earlier versions are found among them."""
    keys = list(bands)
    shape = ((last - first).days + 1, len(account_ids))
    scores, ranks = np.full(shape, -1, np.int32), np.full(shape, -1, np.int8)
    evaluated = np.zeros(shape, dtype=bool)
    column = {account_id: n for n, account_id in enumerate(account_ids)}
    rows = spanning(
        "asked.account_id, day, to_day, version_id, score, band",
        scorecard_id=scorecard_id,
        account_ids=account_ids,
        first=first,
        last=last,
    )
    maps = {
        pk: [keys.index(b.key) if b.key in keys else -1 for b in card.bands]
        for pk, card in compiled_versions({row[3] for row in rows}).items()
    }
    for account_id, day, to_day, version_id, score, band in rows:
        n = column[account_id]
        span = slice(max(0, (day - first).days), (to_day - first).days + 1)
        evaluated[span, n] = True
        scores[span, n] = -1 if score is None else score
        ranks[span, n] = -1 if band == -1 else maps[version_id][band]
    return Matrix(first, account_ids, scores, ranks, evaluated)
