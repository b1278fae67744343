"""Numbers as the API answers them: exact decimal strings."""

from decimal import Decimal

from accounts.money import minor_digits
from scoring.engine.fixed import to_decimal_string


def decimal(fixed: int | None) -> str | None:
    return None if fixed is None else to_decimal_string(fixed)


def amount(minor: int, currency: str) -> str:
    return str(Decimal(minor).scaleb(-minor_digits(currency)))
