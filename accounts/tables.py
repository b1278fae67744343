"""Tables that people made: CSV of any common delimiter and encoding, with the line numbers of the file."""

import csv
import gzip
import io
import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _

from accounts.errors import InvalidInput

DELIMITERS = ",;\t"
MOST_BYTES = 512 * 1024 * 1024
LONGEST_CELL = 1_000_000


@dataclass(frozen=True)
class Line:
    """`number` counts from 1 as an editor does; a record of several lines has its first."""

    number: int
    cells: list[str]


@dataclass(frozen=True)
class Table:
    header: list[str]
    lines: list[Line]
    delimiter: str

    @property
    def decimal_comma(self) -> bool:
        """Spreadsheets separate by semicolons where the comma is the decimal mark."""
        return self.delimiter == ";"


def read_table(content: bytes) -> Table:
    """InvalidInput where it is no table: no header, two columns of one name, a bad encoding."""
    text = decoded(unpacked(content))
    if "\0" in text:
        raise InvalidInput.at("", _("This is no text file: it contains NUL characters."))
    delimiter = delimiter_of(text)
    records = _records(text, delimiter)
    first = next(records, None)
    if first is None:
        raise InvalidInput.at("", _("The file is empty."))
    header = [cell.strip() for cell in first.cells]
    twice = [name for name, times in Counter(filter(None, header)).items() if times > 1]
    if twice:
        message = _("Two columns have the name “%(name)s”.") % {"name": twice[0][:100]}
        raise InvalidInput.at(_("line %(number)s") % {"number": first.number}, message)
    return Table(header, list(records), delimiter)


def unpacked(content: bytes) -> bytes:
    if not content.startswith(b"\x1f\x8b"):
        return content
    try:
        with gzip.open(io.BytesIO(content)) as file:
            plain = file.read(MOST_BYTES + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise InvalidInput.at("", _("The file is not valid gzip.")) from error
    if len(plain) > MOST_BYTES:
        raise InvalidInput.at("", _("The file is too large."))
    return plain


def decoded(content: bytes) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings = ["utf-16"]
    else:
        encodings = ["utf-8-sig", "cp1252"]
    for encoding in encodings:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise InvalidInput.at("", _("The file's encoding is unknown: save it as UTF-8."))


def delimiter_of(text: str) -> str:
    """The one that the first line has most of, outside of quotes."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    outside = "".join(first.split('"')[::2])
    return max(DELIMITERS, key=outside.count)


def _records(text: str, delimiter: str) -> Iterator[Line]:
    csv.field_size_limit(LONGEST_CELL)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    number = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield Line(number, cells)
            number = reader.line_num + 1
    except csv.Error as error:
        where = _("line %(number)s") % {"number": reader.line_num}
        raise InvalidInput.at(where, _("This line is no CSV: %(why)s") % {"why": error}) from error
