"""A file as a sheet, whatever it is: recognized by its first bytes, not by its name."""

import gzip
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

from django.conf import settings
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _

from accounts.errors import InvalidInput
from integrations.imports.sheets.sheet import Sheet
from integrations.imports.sheets.text import read_text
from integrations.imports.sheets.workbook import read_workbook

GZIP = b"\x1f\x8b"
ZIP = b"PK\x03\x04"
OLD_EXCEL = b"\xd0\xcf\x11\xe0"
IN_MEMORY = 4 << 20
PIECE = 1 << 20


@contextmanager
def opened(file: IO[bytes]) -> Iterator[Sheet]:
    """InvalidInput where it is no table; the lines raise it too, where they break off."""
    file.seek(0)
    first = file.read(4)
    file.seek(0)
    if first == OLD_EXCEL:
        raise InvalidInput.at("", _("This is an old Excel file (XLS): save it as XLSX or CSV."))
    if first == ZIP:
        yield read_workbook(file)
    elif first[:2] == GZIP:
        with spool() as plain:
            _unpack(file, plain)
            yield read_text(plain)
    else:
        yield read_text(file)


@contextmanager
def spool() -> Iterator[IO[bytes]]:
    """A file of ours that is small enough for the memory, or lies on the disk."""
    with tempfile.SpooledTemporaryFile(IN_MEMORY) as file:
        yield file


def _unpack(packed: IO[bytes], plain: IO[bytes]) -> None:
    most = settings.IMPORT_UNPACKED_LIMIT
    try:
        with gzip.GzipFile(fileobj=packed, mode="rb") as source:
            while piece := source.read(PIECE):
                plain.write(piece)
                if plain.tell() > most:
                    message = _("Unpacked, the file is larger than %(size)s. Split it.")
                    raise InvalidInput.at("", message % {"size": filesizeformat(most)})
    except (OSError, EOFError, zlib.error) as error:
        raise InvalidInput.at("", _("The file is not valid gzip.")) from error
