"""What a cell of a table says: numbers, days, yes and no, as people write them."""

import re
from datetime import date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

Cell = str | int | float | bool
"""A cell of a spreadsheet keeps its type; of a CSV file it is a text. A day is one in ISO 8601."""

WORDS = {"true": True, "yes": True, "false": False, "no": False}
MARKS = WORDS | {"1": True, "x": True, "y": True, "0": False, "n": False, "-": False}
# Without leading zeros: "007" is a name.
PLAIN = re.compile(r"-?(0|[1-9]\d{0,14})(\.\d{1,10})?")
COMMA = re.compile(r"-?(0|[1-9]\d{0,14})(,\d{1,10})?")
BY_COMMAS = re.compile(r"-?\d{1,3}(,\d{3})+(\.\d+)?")
BY_DOTS = re.compile(r"-?\d{1,3}(\.\d{3})+(,\d+)?")
AROUND = re.compile(r"[\s\u00a0\u202f'’$€£¥]")
ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})([T ][\d:.]+(Z|[+-]\d\d:?\d\d)?)?")
DOTTED = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})")

ERRORS = {"#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!", "#SPILL!", "#CALC!"}


def plain(value: object) -> Cell:
    """A value as a spreadsheet's reader tells it."""
    if isinstance(value, (bool, int, str)):
        return value
    if isinstance(value, float):
        return int(value) if value.is_integer() and abs(value) < 2**53 else value
    if isinstance(value, datetime):
        day_only = value.time() == time()
        return value.date().isoformat() if day_only else value.isoformat(sep=" ")
    if isinstance(value, timedelta):
        return plain(value.total_seconds())
    return "" if value is None else str(value)


def text(cell: Cell) -> str:
    """What a person sees in the cell; ValueError for an error of the spreadsheet."""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    shown = cell.strip() if isinstance(cell, str) else str(cell)
    if shown in ERRORS:
        raise ValueError(_("The spreadsheet shows the error %(error)s.") % {"error": shown})
    return shown


def moment(text: str, zone: ZoneInfo) -> datetime:
    """2025-11-18T09:30:00Z; a time without a zone is one of the workspace's, a day its beginning."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        day_of, _space, rest = text.partition(" ")
        try:
            found = datetime.combine(day(day_of), time.fromisoformat(rest.strip() or "00:00"))
        except ValueError:
            message = _("“%(text)s” is no time: write it as 2025-11-18 09:30.")
            raise ValueError(message % {"text": text[:60]}) from None
    return found if found.tzinfo is not None else found.replace(tzinfo=zone)


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


def number(text: str, *, decimal_comma: bool) -> int | float:
    exact = amount(text, decimal_comma=decimal_comma)
    if not exact.is_finite() or exact.adjusted() > 15:
        raise ValueError(_("“%(text)s” is no number.") % {"text": text[:60]})
    return int(exact) if exact == int(exact) else float(exact)


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


def yes_or_no(text: str) -> bool:
    found = MARKS.get(text.lower())
    if found is None:
        raise ValueError(_("“%(text)s” is neither yes nor no.") % {"text": text[:60]})
    return found


def choice(text: str) -> str:
    """ "Decision maker" → "decision_maker"."""
    return re.sub(r"[\s_-]+", "_", text.strip().lower())
