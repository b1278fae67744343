"""What all accounts have in a scorecard on a day: arrays, and the few bytes that they are kept in."""

import struct
import zlib
from dataclasses import dataclass
from datetime import date

import numpy as np

from scoring.engine.fixed import NONE, Bools, Int8, Int32, Int64

HEAD = struct.Struct("<IIq")
FAST = 1
"""Of zlib's levels: the slower ones save a tenth of the bytes."""


@dataclass(frozen=True)
class DayStandings:
    """An item for each account that the scorecard measured, by ascending id. `band` is a place among
    those of its version, −1 unknown; `score` NONE where there is none; `told` the ordinal of the day
    of the evaluation: of a day that is not over also the day before."""

    ids: Int64
    version: Int64
    band: Int8
    score: Int32
    told: Int32

    @staticmethod
    def empty() -> "DayStandings":
        none = np.zeros(0, np.int64)
        return DayStandings(
            none, none, none.astype(np.int8), none.astype(np.int32), none.astype(np.int32)
        )

    def __len__(self) -> int:
        return len(self.ids)

    def chosen(self, rows: Bools | Int64) -> "DayStandings":
        return DayStandings(
            self.ids[rows], self.version[rows], self.band[rows], self.score[rows], self.told[rows]
        )

    def since(self, day: date) -> "DayStandings":
        """Those that were told on the day or later."""
        told = self.told >= day.toordinal()
        return self if told.all() else self.chosen(told)

    def replaced(self, ids: Int64, by: "DayStandings") -> "DayStandings":
        """What is said of these accounts is replaced by what is new of them, if anything is."""
        if not len(ids):
            return self
        held = self.chosen(~np.isin(self.ids, ids))
        columns = (
            np.concatenate(pair)
            for pair in zip(vars(held).values(), vars(by).values(), strict=True)
        )
        joined = DayStandings(*columns)
        return joined.chosen(np.argsort(joined.ids, kind="stable"))


def pack(found: DayStandings, day: date) -> bytes:
    versions, version = np.unique(found.version, return_inverse=True)
    first = int(found.ids[0]) if len(found) else 0
    steps = np.diff(found.ids, prepend=first).astype("<u4")
    lag = (day.toordinal() - found.told).astype(np.uint8)
    body = (
        versions.astype("<i8").tobytes()
        + _planes(steps.view(np.int32))
        + version.astype("<u2").tobytes()
        + found.band.astype(np.int8).tobytes()
        + lag.tobytes()
        + _planes(found.score)
    )
    return HEAD.pack(len(found), len(versions), first) + zlib.compress(body, FAST)


def unpack(packed: bytes | memoryview, day: date) -> DayStandings:
    n, kinds, first = HEAD.unpack_from(packed)
    body = zlib.decompress(memoryview(packed)[HEAD.size :])
    at = 8 * kinds
    versions = np.frombuffer(body, "<i8", kinds)
    steps, at = _flat(body, at, n).view(np.uint32), at + 4 * n
    version, at = np.frombuffer(body, "<u2", n, at), at + 2 * n
    band, at = np.frombuffer(body, np.int8, n, at), at + n
    lag, at = np.frombuffer(body, np.uint8, n, at), at + n
    return DayStandings(
        ids=first + np.cumsum(steps, dtype=np.int64),
        version=versions.astype(np.int64)[version],
        band=band,
        score=_flat(body, at, n),
        told=np.int32(day.toordinal()) - lag.astype(np.int32),
    )


def pack_scores(scores: Int32) -> bytes:
    return zlib.compress(_planes(scores), FAST)


def unpack_scores(packed: bytes | memoryview) -> Int32:
    body = zlib.decompress(packed)
    return _flat(body, 0, len(body) // 4)


def _planes(numbers: Int32) -> bytes:
    """All lowest bytes first: those of one kind are pressed better."""
    return np.ascontiguousarray(numbers.astype("<i4")).view(np.uint8).reshape(-1, 4).T.tobytes()


def _flat(body: bytes, at: int, n: int) -> Int32:
    planes = np.frombuffer(body, np.uint8, 4 * n, at).reshape(4, n)
    return np.ascontiguousarray(planes.T).view("<i4").reshape(n).astype(np.int32, copy=False)


def aligned(ids: Int64, among: Int64) -> tuple[Int64, Bools]:
    """Places of ids among ascending ones, and which of them are there."""
    if not len(among):
        return np.zeros(len(ids), np.int64), np.zeros(len(ids), np.bool_)
    places = np.minimum(np.searchsorted(among, ids), len(among) - 1)
    return places, among[places] == ids


def spread_out(scores: Int32, of: Int64, ids: Int64) -> Int32:
    """The scores of `of` in the order of `ids`, NONE where one has none."""
    places, there = aligned(ids, of)
    if not len(of):
        return np.full(len(ids), NONE, np.int32)
    found: Int32 = np.where(there, scores[places], np.int32(NONE))
    return found
