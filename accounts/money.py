"""Money is stored in minor units (cents) of its currency."""

from decimal import Decimal

MOST = 9_000_000_000_000_000
_DIGITS = {
    **dict.fromkeys(("CLP", "ISK", "JPY", "KRW", "PYG", "UGX", "VND", "XAF", "XOF"), 0),
    **dict.fromkeys(("BHD", "JOD", "KWD", "OMR", "TND"), 3),
}


def minor_digits(currency: str) -> int:
    return _DIGITS.get(currency, 2)


def to_minor(amount: Decimal, currency: str) -> int:
    """12.5 EUR → 1250; ValueError for what has no exact whole number of minor units."""
    if not amount.is_finite() or amount.adjusted() > 15:
        raise ValueError("out of range")
    minor = amount.scaleb(minor_digits(currency))
    if minor != minor.to_integral_value():
        raise ValueError("too many decimal places")
    if not 0 <= minor <= MOST:
        raise ValueError("out of range")
    return int(minor)


def to_units(minor: int, currency: str) -> Decimal:
    """1250 EUR → 12.50."""
    return Decimal(minor).scaleb(-minor_digits(currency))


def rescaled(minor: int, before: str, after: str) -> int:
    """The same number of units in another currency's minor units."""
    shift = minor_digits(after) - minor_digits(before)
    return int(minor * 10**shift) if shift >= 0 else round(minor / 10**-shift)
