"""Columns of ascending whole numbers in few bytes: the differences, like bytes together, compressed."""

import zlib

import numpy as np
from numpy.typing import NDArray

from scoring.engine.fixed import Int64
from scoring.engine.peers import Distribution, Knots

QUICKLY = 1


def pack(*columns: Int64) -> bytes:
    steps = np.diff(np.stack(columns), axis=1, prepend=0).astype("<i8")
    by_place = steps.view(np.uint8).reshape(-1, 8).T
    return zlib.compress(by_place.tobytes(), QUICKLY)


def unpack(packed: bytes | memoryview, columns: int) -> NDArray[np.int64]:
    raw = np.frombuffer(zlib.decompress(packed), np.uint8)
    steps = np.ascontiguousarray(raw.reshape(8, -1).T).view("<i8")
    found: NDArray[np.int64] = steps.reshape(columns, -1).astype(np.int64).cumsum(axis=1)
    return found


def packed_distribution(whole: Distribution) -> bytes:
    return pack(whole.values, whole.up_to)


def distribution_of(packed: bytes | memoryview) -> Distribution:
    return Distribution(*unpack(packed, 2))


def packed_knots(knots: Knots) -> bytes:
    return pack(knots.values, knots.below, knots.up_to)


def knots_of(packed: bytes | memoryview) -> Knots:
    return Knots(*unpack(packed, 3))
