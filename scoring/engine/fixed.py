"""Exact decimals with four places, kept as integers of ten-thousandths."""

from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from fractions import Fraction
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray

SCALE = 10_000
HUNDRED = 100 * SCALE
HALF = 50 * SCALE
NONE = -1
"""No score, or no band, in an integer array."""

LARGEST = 900_000_000_000_000_000
"""Values stay below this many ten-thousandths, so that sums of a few fit into 64 bits."""

SAFE = 2**62 // HUNDRED
"""A denominator up to this keeps 100.0000 times a part of it within 64 bits."""

Ints = NDArray[np.signedinteger[Any]]
Int64 = NDArray[np.int64]
Int32 = NDArray[np.int32]
Int16 = NDArray[np.int16]
Int8 = NDArray[np.int8]
UInt8 = NDArray[np.uint8]
Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]

Number = int | float | str | Decimal


def _decimal(number: Number) -> Decimal:
    # A float means the decimal that is written for it, not its binary neighbour.
    try:
        value = Decimal(repr(number) if isinstance(number, float) else number)
    except InvalidOperation as error:
        raise ValueError(f"{number!r} is not a number") from error
    if not value.is_finite():
        raise ValueError(f"{number!r} is not a finite number")
    return value


def to_fixed(number: Number) -> int:
    """Ten-thousandths, half up (away from zero). Raises ValueError where it is no number or too large."""
    value = _decimal(number)
    if abs(value) * SCALE >= LARGEST:
        raise ValueError(f"{number!r} is too large")
    return int((value * SCALE).to_integral_value(rounding=ROUND_HALF_UP))


def to_fraction(number: Number) -> Fraction:
    return Fraction(_decimal(number))


def to_decimal_string(fixed: int) -> str:
    sign = "-" if fixed < 0 else ""
    whole, places = divmod(abs(int(fixed)), SCALE)
    return f"{sign}{whole}.{places:04d}"


@overload
def divide_half_up(numerator: int, denominator: int) -> int: ...
@overload
def divide_half_up(numerator: Int64, denominator: int | Int64) -> Int64: ...
def divide_half_up(numerator: Any, denominator: Any) -> Any:
    """The nearest integer, halves away from zero, as ROUND_HALF_UP does. Denominators are positive."""
    if isinstance(numerator, int):
        whole, rest = divmod(abs(numerator), denominator)
        nearest = whole + (rest >= denominator - rest)
        return -nearest if numerator < 0 else nearest
    whole, rest = np.divmod(np.abs(numerator), denominator)
    # Not 2 * rest, which could leave 64 bits.
    nearest = whole + (rest >= denominator - rest)
    return np.where(numerator < 0, -nearest, nearest)


def divide(parts: Int64, whole: Int64 | int, times: int) -> Int64:
    """times * parts / whole, half up, exactly; 0 <= parts, 0 < whole."""
    if parts.size and max(int(np.max(parts)), int(np.max(whole))) > SAFE:
        return _divide_large(parts, whole, times)
    scaled = parts * times
    quotient = scaled // whole
    rest = scaled - quotient * whole
    return quotient + (rest + rest >= whole)


def _divide_large(parts: Int64, whole: Int64 | int, times: int) -> Int64:
    doubled = 2 * parts.astype(object) * times
    wholes = np.broadcast_to(np.asarray(whole, dtype=object), parts.shape)
    nearest: Int64 = ((doubled + wholes) // (2 * wholes)).astype(np.int64)
    return nearest


def round_fraction(value: Fraction) -> int:
    return divide_half_up(value.numerator, value.denominator)


def shown(score: int) -> int:
    """The integer that a person reads and that is compared with a band's minimum."""
    return NONE if score == NONE else divide_half_up(int(score), SCALE)


def shown_array(scores: Ints) -> Int32:
    return np.where(scores == NONE, NONE, (scores + SCALE // 2) // SCALE).astype(np.int32)
