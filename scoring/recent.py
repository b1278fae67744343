"""An account's scores of the last weeks, day by day, kept beside its current health.

So the trend of a night moves on by a day without reading twelve weeks of history.
"""

import numpy as np
from numpy.typing import NDArray

from scoring.engine.fixed import NONE, Bools, Int32, Int64

WEEKS = 12
DAYS = 7 * (WEEKS - 1) + 1
SCORES = np.dtype("<i4")
SIZE = DAYS * SCORES.itemsize


def weekly(recent: bytes | memoryview | None) -> list[int | None]:
    """The last day's score, and those of the weeks before it, oldest first; none where not kept."""
    if recent is None:
        return []
    scores = np.frombuffer(recent, SCORES)[::7].tolist()
    return [None if score == NONE else score for score in scores]


def moved_on(recent: Int32, days: Int64) -> Int32:
    """[account, day]: each account's days so many further; the new ones are unknown."""
    places = np.arange(DAYS)[None, :] + days[:, None]
    kept = np.take_along_axis(recent, np.minimum(places, DAYS - 1), axis=1)
    return np.where(places < DAYS, kept, np.int32(NONE))


def with_days(recent: Int32, scores: Int32, until: Int64) -> Int32:
    """With consecutive days [day, account] written in; the last of them is so many days ago."""
    count = len(scores)
    place = np.arange(DAYS)[None, :] - (DAYS - count - until)[:, None]
    inside: Bools = (place >= 0) & (place < count)
    new = np.take_along_axis(scores.T, np.clip(place, 0, count - 1), axis=1)
    return np.where(inside, new, recent)


def packed(recent: NDArray[np.int32]) -> bytes:
    return recent.astype(SCORES).tobytes()
