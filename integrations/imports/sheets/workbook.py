"""XLSX, read row by row: its first sheet, with typed cells."""

import zipfile
from collections.abc import Iterator
from typing import IO, Any
from xml.etree.ElementTree import ParseError

import openpyxl
from django.conf import settings
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _
from openpyxl.utils.exceptions import InvalidFileException

from accounts.errors import InvalidInput
from integrations.imports.cells import plain
from integrations.imports.rows import Line
from integrations.imports.sheets.sheet import Sheet, sheet_of

LAST_ROW = 1_048_576
STRINGS = "sharedstrings"
# The reader holds the table of strings in memory, everything else passes by.
STRINGS_SHARE = 8
BROKEN = (zipfile.BadZipFile, InvalidFileException, ParseError, KeyError, ValueError, EOFError)


def read_workbook(file: IO[bytes]) -> Sheet:
    file.seek(0)
    try:
        refuse_bomb(file)
        book = openpyxl.load_workbook(file, read_only=True, data_only=True, keep_links=False)
        if not book.worksheets:
            raise InvalidInput.at("", _("The workbook has no sheet with cells."))
    except InvalidInput:
        raise
    except BROKEN as error:
        raise InvalidInput.at("", _("The file is no XLSX workbook, or it is damaged.")) from error
    return sheet_of(_lines(book.worksheets[0]), encoding="XLSX")


def refuse_bomb(file: IO[bytes]) -> None:
    """By the sizes that the archive declares: its reader never inflates a member beyond them."""
    with zipfile.ZipFile(file) as archive:
        members = archive.infolist()
    most = settings.IMPORT_UNPACKED_LIMIT
    whole = sum(member.file_size for member in members)
    strings = sum(m.file_size for m in members if STRINGS in m.filename.lower())
    if whole > most or strings > most // STRINGS_SHARE:
        message = _("Unpacked, the file is larger than %(size)s. Split it, or save it as CSV.")
        raise InvalidInput.at("", message % {"size": filesizeformat(most)})


def _lines(sheet: Any) -> Iterator[Line]:
    """The sheet's own word for its size is not believed; empty rows are counted, not told.

    A workbook leaves out the empty cells at the end of a row: each is made as wide as those before.
    """
    sheet.reset_dimensions()
    width = 0
    try:
        for number, values in enumerate(sheet.iter_rows(values_only=True), start=1):
            if number > LAST_ROW:
                raise InvalidInput.at("", _("The sheet has more rows than a spreadsheet may have."))
            if any(value is not None for value in values):
                width = max(width, len(values))
                blank = [""] * (width - len(values))
                yield Line(number, [*map(_cell, values), *blank])
    except InvalidInput:
        raise
    except BROKEN as error:
        raise InvalidInput.at("", _("The file is no XLSX workbook, or it is damaged.")) from error


def _cell(value: Any) -> str | int | float | bool:
    told = plain(value)
    return told.strip() if isinstance(told, str) else told
