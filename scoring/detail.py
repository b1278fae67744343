"""The explanation of an evaluation: one record a metric, in the version's order; and as it is stored.

`value` and `known` (the last known own score, −1 never) are ten-thousandths, `status` is the
engine's, `measured` the day of the measurement as a proleptic ordinal (−1 for what is not
measured by hand).

Stored, the first byte names the format. Format 1 goes on with a byte for each metric that says how
its record is written, and with the records: the value in 0, 2, 4 or 8 bytes, then the known score
(only where it does not follow from the value) and the day of measurement (only where there is one) in 3.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from scoring.engine.compiled import Compiled
from scoring.engine.fixed import NONE, SCALE, Int32, Int64, UInt8
from scoring.engine.regrade import regraded

RECORD = np.dtype([("value", "<i8"), ("known", "<i4"), ("status", "u1"), ("measured", "<i4")])
Records = NDArray[np.void]

PLAIN, DENSE = 0, 1
"""The formats; PLAIN are the records as they are in memory."""
ZERO, WHOLE, SHORT, LONG = range(4)
WIDTHS = np.array([0, 2, 4, 8])
FOLLOWS, WRITTEN = 1, 2
"""Of the known score; 0 is never."""
THREE = 3
LARGEST_WHOLE, LARGEST_SHORT = 2**15, 2**31


@dataclass(frozen=True)
class Packed:
    """Rows one after the other; row i is blob[starts[i] : starts[i + 1]]."""

    blob: UInt8
    starts: Int64

    def __len__(self) -> int:
        return len(self.starts) - 1

    def __getitem__(self, row: int) -> bytes:
        return self.blob[self.starts[row] : self.starts[row + 1]].tobytes()

    @staticmethod
    def of(rows: Sequence[bytes | memoryview]) -> "Packed":
        blob = np.frombuffer(b"".join(bytes(row) for row in rows), np.uint8)
        return Packed(blob, running([len(row) for row in rows]))

    @property
    def lengths(self) -> Int64:
        return np.diff(self.starts)

    def chosen(self, rows: Int64) -> "Packed":
        lengths = self.lengths[rows]
        starts = running(lengths)
        moved = np.repeat(self.starts[rows] - starts[:-1], lengths)
        return Packed(self.blob[np.arange(starts[-1]) + moved], starts)


def running(lengths: Int64 | Sequence[int]) -> Int64:
    return np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)


def records(values: Int64, known: Int32, status: UInt8, measured: Int32) -> Records:
    """Records of the same shape as the arrays."""
    made = np.zeros(values.shape, RECORD)
    made["value"], made["known"] = values, known
    made["status"], made["measured"] = status, measured
    return made


def pack(card: Compiled, rows: Records) -> Packed:
    """Equal records, of shape (rows, metrics), become equal bytes."""
    metrics = len(card.metrics)
    value = np.ascontiguousarray(rows["value"])
    known = np.ascontiguousarray(rows["known"])
    measured = rows["measured"]
    width = _width(value)
    written = np.where(known == NONE, 0, np.where(known == regraded(card, value), 1, 2))
    heads = width | rows["status"] << 2 | written << 5 | (measured != NONE) << 7
    sizes = _sizes(heads)
    starts = running(1 + metrics + sizes.sum(axis=1))
    blob = np.empty(starts[-1], np.uint8)
    blob[starts[:-1]] = DENSE
    blob[starts[:-1, None] + 1 + np.arange(metrics)] = heads
    at = _places(starts, sizes)
    _put(blob, at, width == WHOLE, value // SCALE, 2)
    _put(blob, at, width == SHORT, value, 4)
    _put(blob, at, width == LONG, value, 8)
    at += WIDTHS[width]
    _put(blob, at, written == WRITTEN, known, THREE)
    at += THREE * (written == WRITTEN)
    _put(blob, at, measured != NONE, measured, THREE)
    return Packed(blob, starts)


def _width(value: Int64) -> UInt8:
    whole = value // SCALE
    is_whole = (whole * SCALE == value) & (np.abs(whole) < LARGEST_WHOLE)
    fits = np.abs(value) < LARGEST_SHORT
    width = np.where(is_whole, WHOLE, np.where(fits, SHORT, LONG))
    return np.where(value == 0, ZERO, width).astype(np.uint8)


def _sizes(heads: UInt8) -> Int64:
    sizes: Int64 = (
        WIDTHS[heads & 3] + THREE * ((heads >> 5) & 3 == WRITTEN) + THREE * (heads >> 7).astype(int)
    )
    return sizes


def _places(starts: Int64, sizes: Int64) -> Int64:
    """Where each record begins."""
    before = np.cumsum(sizes, axis=1) - sizes
    places: Int64 = starts[:-1, None] + 1 + sizes.shape[1] + before
    return places


def _put(
    blob: UInt8, at: Int64, chosen: NDArray[np.bool_], numbers: NDArray[np.signedinteger], size: int
) -> None:
    if chosen.any():
        wide = numbers[chosen].astype("<i8").view(np.uint8).reshape(-1, 8)
        blob[at[chosen][:, None] + np.arange(size)] = wide[:, :size]


def _got(blob: UInt8, at: Int64, chosen: NDArray[np.bool_], size: int) -> Int64:
    """Signed, as many as are chosen."""
    wide = np.zeros((int(chosen.sum()), 8), np.uint8)
    wide[:, 8 - size :] = blob[at[chosen][:, None] + np.arange(size)]
    return wide.view("<i8")[:, 0] >> 8 * (8 - size)


def unpack(card: Compiled, packed: Packed) -> Records:
    """Shape (rows, metrics)."""
    found = np.zeros((len(packed), len(card.metrics)), RECORD)
    if not found.size:
        return found
    formats = packed.blob[packed.starts[:-1]]
    for written, reader in ((PLAIN, _plain), (DENSE, _dense)):
        rows = np.flatnonzero(formats == written)
        if len(rows) == len(found):
            return reader(card, packed)
        if len(rows):
            found[rows] = reader(card, packed.chosen(rows))
    return found


def _plain(card: Compiled, packed: Packed) -> Records:
    bytes_ = packed.blob.reshape(len(packed), -1)[:, 1:]
    return np.ascontiguousarray(bytes_).view(RECORD)


def _dense(card: Compiled, packed: Packed) -> Records:
    metrics = len(card.metrics)
    blob, starts = packed.blob, packed.starts
    heads = blob[starts[:-1, None] + 1 + np.arange(metrics)]
    at = _places(starts, _sizes(heads))
    width, written, by_hand = heads & 3, (heads >> 5) & 3, heads >> 7 == 1
    value = np.zeros(heads.shape, np.int64)
    value[width == WHOLE] = _got(blob, at, width == WHOLE, 2) * SCALE
    value[width == SHORT] = _got(blob, at, width == SHORT, 4)
    value[width == LONG] = _got(blob, at, width == LONG, 8)
    at += WIDTHS[width]
    known = np.where(written == FOLLOWS, regraded(card, value), np.int32(NONE))
    known[written == WRITTEN] = _got(blob, at, written == WRITTEN, THREE)
    at += THREE * (written == WRITTEN)
    measured = np.full(heads.shape, NONE, np.int32)
    measured[by_hand] = _got(blob, at, by_hand, THREE)
    return records(value, known, (heads >> 2) & 7, measured)


def repacked(card: Compiled, row: bytes) -> bytes:
    """In the format of today, so that it can be compared."""
    if row[0] == DENSE:
        return row
    return pack(card, unpack(card, Packed.of([row])))[0]
