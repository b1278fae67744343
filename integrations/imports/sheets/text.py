"""CSV that people made: any common delimiter and encoding, read once, in constant memory."""

import codecs
import csv
import io
import re
from collections.abc import Iterator
from typing import IO

from django.utils.translation import gettext as _

from accounts.errors import InvalidInput
from integrations.imports.rows import Line
from integrations.imports.sheets.sheet import Sheet, sheet_of

DELIMITERS = ",;\t|"
PIECE = 1 << 20
LONGEST_CELL = 1 << 20
SHOWN = {"utf-8-sig": "UTF-8", "cp1252": "Windows-1252", "utf-16": "UTF-16"}
UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
# Two or more bytes that make a character in UTF-8; in text of another encoding hardly ever.
MULTIBYTE = re.compile(
    rb"[\xc3-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}"
)


def read_text(file: IO[bytes]) -> Sheet:
    """Spreadsheets separate by semicolons where the comma is the decimal mark."""
    encoding = encoding_of(file)
    file.seek(0)
    text = io.TextIOWrapper(file, encoding, newline="")
    delimiter = delimiter_of(text.read(PIECE))
    text.seek(0)
    lines = read_lines(text, delimiter)
    return sheet_of(lines, encoding=SHOWN[encoding], decimal_comma=delimiter == ";")


def encoding_of(file: IO[bytes]) -> str:
    """UTF-8 or, with its mark, UTF-16; else Windows-1252 (which holds Latin-1), never both in one."""
    candidates = ["utf-16"] if file.read(2) in UTF16 else ["utf-8-sig", "cp1252"]
    for encoding in candidates:
        if encoding == "cp1252":
            _refuse_mixed(file)
        try:
            return _checked(file, encoding)
        except UnicodeDecodeError:
            continue
    raise InvalidInput.at("", _("The file's encoding is unknown: save it as UTF-8."))


def _checked(file: IO[bytes], encoding: str) -> str:
    file.seek(0)
    decoder = codecs.getincrementaldecoder(encoding)()
    while piece := file.read(PIECE):
        if "\0" in decoder.decode(piece):
            raise InvalidInput.at("", _("This is no text file: it contains NUL characters."))
    decoder.decode(b"", final=True)
    return encoding


def _refuse_mixed(file: IO[bytes]) -> None:
    file.seek(0)
    first_wrong, some_right = 0, False
    for number, line in enumerate(iter(lambda: file.readline(PIECE), b""), start=1):
        if line.isascii():
            continue
        try:
            line.decode()
        except UnicodeDecodeError:
            first_wrong = first_wrong or number
        some_right = some_right or MULTIBYTE.search(line) is not None
        if first_wrong and some_right:
            message = _("The file mixes encodings: this line is not UTF-8, others are.")
            raise InvalidInput.at(_("row %(number)s") % {"number": first_wrong}, message)


def delimiter_of(beginning: str) -> str:
    """The one that the first line has most of, outside of quotes."""
    first = next((line for line in beginning.splitlines() if line.strip()), "")
    outside = "".join(first.split('"')[::2])
    return max(DELIMITERS, key=outside.count)


def read_lines(text: io.TextIOBase, delimiter: str) -> Iterator[Line]:
    # One limit for the whole process; the command that reads events allows longer cells.
    csv.field_size_limit(max(csv.field_size_limit(), LONGEST_CELL))
    reader = csv.reader(text, delimiter=delimiter)
    number = 1
    try:
        for cells in reader:
            yield Line(number, [cell.strip() for cell in cells])
            number = reader.line_num + 1
    except csv.Error as error:
        where = _("row %(number)s") % {"number": number}
        message = _("This row is no CSV (%(why)s): is a quotation mark not closed?")
        raise InvalidInput.at(where, message % {"why": error}) from error
