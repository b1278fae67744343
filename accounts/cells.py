"""What a cell of a table says: numbers, days, yes and no, as people write them."""

import re
from datetime import date
from decimal import Decimal, InvalidOperation

from django.utils.translation import gettext as _

WORDS = {"true": True, "yes": True, "false": False, "no": False}
# Without leading zeros: "007" is a name.
PLAIN = re.compile(r"-?(0|[1-9]\d{0,14})(\.\d{1,10})?")
COMMA = re.compile(r"-?(0|[1-9]\d{0,14})(,\d{1,10})?")
BY_COMMAS = re.compile(r"-?\d{1,3}(,\d{3})+(\.\d+)?")
BY_DOTS = re.compile(r"-?\d{1,3}(\.\d{3})+(,\d+)?")
AROUND = re.compile(r"[\s\u00a0\u202f'’$€£¥]")
ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})([T ][\d:.]+(Z|[+-]\d\d:?\d\d)?)?")
DOTTED = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})")


def amount(text: str, *, decimal_comma: bool) -> Decimal:
    """ "12,500.00", "€ 12.500,00", "12 500" → 12500; ValueError for what is no number."""
    digits = AROUND.sub("", text)
    if decimal_comma and BY_DOTS.fullmatch(digits):
        digits = digits.replace(".", "").replace(",", ".")
    elif BY_COMMAS.fullmatch(digits) and not decimal_comma:
        digits = digits.replace(",", "")
    elif BY_DOTS.fullmatch(digits) and digits.count(".") > 1:
        digits = digits.replace(".", "").replace(",", ".")
    elif "." not in digits:
        digits = digits.replace(",", ".")
    try:
        return Decimal(digits)
    except InvalidOperation as error:
        raise ValueError(_("“%(text)s” is no number.") % {"text": text[:60]}) from error


def whole(text: str, *, decimal_comma: bool) -> int:
    number = amount(text, decimal_comma=decimal_comma)
    if not number.is_finite() or number.adjusted() > 15 or number != int(number):
        raise ValueError(_("“%(text)s” is no whole number.") % {"text": text[:60]})
    return int(number)


def day(text: str) -> date:
    """2025-11-18, also with a time behind it, and 18.11.2025; 11/12/2025 says nothing for certain."""
    try:
        if found := ISO.fullmatch(text):
            return date(int(found[1]), int(found[2]), int(found[3]))
        if found := DOTTED.fullmatch(text):
            return date(int(found[3]), int(found[2]), int(found[1]))
    except ValueError:
        pass
    raise ValueError(_("“%(text)s” is no day: write it as 2025-11-18.") % {"text": text[:60]})


def value(text: str, *, decimal_comma: bool) -> str | int | float | bool:
    """An attribute: what looks like a number, a day, yes or no is taken for one."""
    if text.lower() in WORDS:
        return WORDS[text.lower()]
    if PLAIN.fullmatch(text):
        return float(text) if "." in text else int(text)
    if decimal_comma and COMMA.fullmatch(text):
        return float(text.replace(",", "."))
    try:
        return day(text).isoformat()
    except ValueError:
        return text
