"""What any file is once it is opened: a header, and lines that come one after the other."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain

from django.utils.translation import gettext as _

from accounts.errors import InvalidInput
from integrations.imports.rows import Line

MOST_COLUMNS = 500
LONGEST_NAME = 100


@dataclass(frozen=True)
class Sheet:
    header: list[str]
    lines: Iterator[Line]
    encoding: str
    decimal_comma: bool = False


def sheet_of(lines: Iterator[Line], *, encoding: str, decimal_comma: bool = False) -> Sheet:
    """The first line that says something is the header. InvalidInput where it can be none."""
    filled = (line for line in lines if any(cell != "" for cell in line.cells))
    first = next(filled, None)
    if first is None:
        raise InvalidInput.at("", _("The file is empty."))
    header = [str(cell).strip() for cell in first.cells]
    while header and not header[-1]:
        header.pop()
    _check(header, first.number)
    following = next(filled, None)
    if following is None:
        raise InvalidInput.at("", _("The file has a header and no rows."))
    return Sheet(header, chain([following], filled), encoding, decimal_comma)


def _check(header: list[str], number: int) -> None:
    where = _("row %(number)s") % {"number": number}
    if len(header) > MOST_COLUMNS:
        message = _("The file has more than %(most)s columns.") % {"most": MOST_COLUMNS}
        raise InvalidInput.at(where, message)
    twice = [name for name, times in Counter(filter(None, header)).items() if times > 1]
    if twice:
        message = _("Two columns have the name “%(name)s”.") % {"name": twice[0][:LONGEST_NAME]}
        raise InvalidInput.at(where, message)
    if long := next((name for name in header if len(name) > LONGEST_NAME), ""):
        message = _("The name of the column “%(name)s…” is longer than %(most)s characters.")
        values = {"name": long[:40], "most": LONGEST_NAME}
        raise InvalidInput.at(where, message % values)
