"""The arithmetic of windows of days: arrays in and out. Days are ordinals that ascend, values
ten-thousandths.

`points` are ordered days; bucket b holds the days points[b] ≤ day < points[b + 1].
"""

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

SCALE = 10_000
LARGEST = np.iinfo(np.int64).max // (SCALE * 4)
NEVER = -(10**9)

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


def points_of(days: Ints, windows: Iterable[int]) -> Ints:
    """Where a window of any of the days begins or ends; the last point is after the last day."""
    starts = [np.maximum(days - window + 1, 1) for window in windows]
    return np.unique(np.concatenate([days + 1, *starts]))


def placed(shape: tuple[int, int], buckets: Ints, columns: Ints, values: Ints) -> Ints:
    """Sparse (bucket, account, value) as an array [bucket, account]; equal places add up."""
    dense = np.zeros(shape, np.int64)
    np.add.at(dense, (buckets, columns), values)
    return dense


def running(dense: Ints) -> Ints:
    """Sums of the buckets before each point, [points, n]."""
    return np.concatenate([np.zeros((1, dense.shape[1]), np.int64), dense.cumsum(axis=0)])


def window_sums(before: Ints, points: Ints, days: Ints, window: int) -> Ints:
    """The sums [d, n] over the window that ends with each day, from `running` sums."""
    first = np.searchsorted(points, np.maximum(days - window + 1, 1))
    return before[np.searchsorted(points, days + 1)] - before[first]


def bits(masks: Ints) -> tuple[Ints, Ints]:
    """Every set bit as (position in masks, day of the month − 1), ordered by position and day."""
    wide = np.unpackbits(
        masks.astype("<u4").view(np.uint8).reshape(-1, 4), axis=1, bitorder="little"
    )
    positions, days = np.nonzero(wide)
    return positions.astype(np.int64), days.astype(np.int64)


def user_days(columns: Ints, users: Ints, months: Ints, masks: Ints) -> tuple[Ints, Ints, Ints]:
    """Active days as (account, user, day), ordered by user and day, from a mask for each month."""
    order = np.lexsort((months, users))
    rows, offsets = bits(masks[order])
    rows = order[rows]
    return columns[rows], users[rows], months[rows] + offsets


def distinct(
    columns: Ints,
    users: Ints,
    active: Ints,
    *,
    days: Ints,
    accounts: int,
    window: int,
    least: int = 1,
    lasting: int | None = None,
) -> Ints:
    """Users [d, n] with at least so many active days within the window of each of the days, and
    with the last one within `lasting` days.

    A user's active days must be ordered and together. The active day that makes them enough keeps
    its user counted until the first of them leaves the window, or until the user's next active day,
    which counts from there.
    """
    begun = max(len(active) - least + 1, 0)
    same = users[least - 1 :] == users[:begun]
    users, columns = users[:begun][same], columns[:begun][same]
    starts, since = active[:begun][same], active[least - 1 :][same]
    until = np.clip(starts + window, since, since + (lasting or window))
    followed = users[1:] == users[:-1]
    until[:-1][followed] = np.minimum(until[:-1][followed], since[1:][followed])
    cells = (len(days) + 1) * accounts
    steps = np.bincount(np.searchsorted(days, since) * accounts + columns, minlength=cells)
    steps -= np.bincount(np.searchsorted(days, until) * accounts + columns, minlength=cells)
    return steps.reshape(len(days) + 1, accounts).cumsum(axis=0)[: len(days)]


def latest(initial: Ints, columns: Ints, marked: Ints, days: Ints) -> Ints:
    """The last marked day [d, n] up to each day; `initial` [n] is that of the first day."""
    found = np.full((len(days), len(initial)), NEVER, np.int64)
    found[0] = initial
    np.maximum.at(found, (np.searchsorted(days, marked), columns), marked)
    return np.maximum.accumulate(found, axis=0)


def as_of(columns: Ints, from_days: Ints, values: Ints, days: Ints, accounts: int) -> Ints:
    """The value [d, n] in force on each day; −1 before the first. The rows are ordered by day and
    none is after the last of the days."""
    rows = np.searchsorted(days, from_days)
    found = np.full((len(days), accounts), -1, np.int64)
    found[rows, columns] = values
    changed = np.zeros(found.shape, np.int64)
    changed[rows, columns] = rows
    return np.take_along_axis(found, np.maximum.accumulate(changed, axis=0), axis=0)


def fixed(values: Ints) -> Ints:
    """Whole numbers in ten-thousandths, never past what an integer holds."""
    return np.minimum(values, LARGEST) * SCALE


def ratio(dividend: Ints, divisor: Ints, factor: int = 1) -> tuple[Ints, Bools]:
    """factor × dividend / divisor, half up at four places; not known where the divisor is 0."""
    known = divisor > 0
    safe = np.where(known, divisor, 1)
    whole, rest = np.divmod(np.minimum(dividend, LARGEST // factor) * factor, safe)
    places = (2 * rest * SCALE + safe) // (2 * safe)
    return np.where(known, np.minimum(whole, LARGEST) * SCALE + places, 0), known
