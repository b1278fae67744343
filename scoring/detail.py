"""The packed explanation of an evaluation: one record a metric, in the version's order.

`value` and `known` (the last known own score, −1 never) are ten-thousandths, `status` is the
engine's, `measured` the day of the measurement as a proleptic ordinal (−1 for what is not
measured by hand).
"""

import numpy as np
from numpy.typing import NDArray

RECORD = np.dtype([("value", "<i8"), ("known", "<i4"), ("status", "u1"), ("measured", "<i4")])

Records = NDArray[np.void]


def pack(
    values: NDArray[np.int64],
    known: NDArray[np.int32],
    status: NDArray[np.uint8],
    measured: NDArray[np.int32],
) -> Records:
    """Records of the same shape as the arrays; a row's `tobytes()` is what is stored."""
    records = np.zeros(values.shape, RECORD)
    records["value"], records["known"] = values, known
    records["status"], records["measured"] = status, measured
    return records


def unpack(detail: bytes | memoryview) -> Records:
    return np.frombuffer(bytes(detail), RECORD)


def unpack_many(details: list[bytes | memoryview], metrics: int) -> Records:
    """Shape (rows, metrics)."""
    return np.frombuffer(b"".join(bytes(d) for d in details), RECORD).reshape(-1, metrics)
