import gzip
import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest

from accounts.errors import InvalidInput
from integrations.imports.rows import Line
from integrations.imports.sheets.opening import opened
from tests.integrations.imported import xlsx_file


@dataclass
class Whole:
    header: list[str]
    lines: list[Line]
    encoding: str
    decimal_comma: bool


def read(content: bytes) -> Whole:
    with opened(io.BytesIO(content)) as sheet:
        return Whole(sheet.header, list(sheet.lines), sheet.encoding, sheet.decimal_comma)


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        ("key,name\na,Ü\n".encode(), "UTF-8"),
        (b"\xef\xbb\xbf" + "key,name\r\na,Ü\r\n".encode(), "UTF-8"),
        ("key;name\na;Ü".encode("cp1252"), "Windows-1252"),
        ("key\tname\na\tÜ\n".encode("utf-16"), "UTF-16"),
        ('"key"|"name"\n"a"|"Ü"\n'.encode(), "UTF-8"),
        ("\n\nkey , name,\n\na,Ü\n,\n".encode(), "UTF-8"),
        (gzip.compress("key,name\na,Ü\n".encode(), mtime=0), "UTF-8"),
    ],
)
def test_table_is_read_whatever_wrote_it(content: bytes, encoding: str) -> None:
    table = read(content)
    assert (table.header, table.encoding) == (["key", "name"], encoding)
    assert [line.cells for line in table.lines] == [["a", "Ü"]]


def test_lines_have_the_numbers_of_the_file() -> None:
    table = read(b'key,note\na,"two\nlines"\n\nb,x\n')
    assert table.lines == [Line(2, ["a", "two\nlines"]), Line(5, ["b", "x"])]


def test_semicolons_go_with_decimal_commas() -> None:
    assert read(b"key;value\na;1,5\n").decimal_comma
    assert not read(b"key,value\na,1\n").decimal_comma


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "empty"),
        (b"\n\n", "empty"),
        (b"key,name\n", "no rows"),
        (b"key,a,a\n", "Two columns"),
        (b"k" * 101 + b"\na\n", "longer than 100"),
        (b",".join(b"c%d" % n for n in range(501)) + b"\na\n", "more than 500"),
        (b"key\0\n", "NUL"),
        (gzip.compress(b"key\na\n", mtime=0)[:-5], "gzip"),
        (b'key\n"' + b"x" * (17 << 20) + b'"\n', "no CSV"),
        (b"\xff\xfe\x00", "encoding"),
        (b"key\n\x81\n", "encoding"),
        ("key\nKöln\n".encode() + "Köln\n".encode("cp1252"), "row 3: The file mixes encodings"),
        (b"PK\x03\x04 and nothing else", "no XLSX"),
        (b"\xd0\xcf\x11\xe0 and more", "XLS"),
    ],
)
def test_what_is_no_table_is_refused(content: bytes, message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        read(content)


def test_workbook_keeps_the_types_of_its_cells() -> None:
    moment = datetime(2026, 3, 9, 10, 30, tzinfo=UTC).replace(tzinfo=None)
    day = datetime(2026, 3, 9, tzinfo=UTC).replace(tzinfo=None)
    rows = [
        ["key", "a", "b", "c", "d"],
        [],
        [" x ", 1, 1.5, True, moment],
        ["y", day, None, "=1", 0],
    ]
    table = read(xlsx_file(rows))
    assert (table.header, table.encoding) == (rows[0], "XLSX")
    assert table.lines[0] == Line(3, ["x", 1, 1.5, True, "2026-03-09 10:30:00"])
    assert table.lines[1].cells[:3] == ["y", "2026-03-09", ""]


def test_rows_of_a_workbook_are_as_wide_as_its_header() -> None:
    """Empty cells at the end of a row are not in the file."""
    table = read(xlsx_file([["key", "name", "seats"], ["a", None, None], ["b", "B", None]]))
    assert [line.cells for line in table.lines] == [["a", "", ""], ["b", "B", ""]]


def test_workbook_that_unpacks_beyond_the_limit_is_refused(settings: Any) -> None:
    content = xlsx_file([["key"], *[["x" * 100]] * 2000])
    settings.IMPORT_UNPACKED_LIMIT = 50_000
    with pytest.raises(InvalidInput, match="Unpacked"):
        read(content)


def test_gzip_that_unpacks_beyond_the_limit_is_refused(settings: Any) -> None:
    settings.IMPORT_UNPACKED_LIMIT = 1_000_000
    with pytest.raises(InvalidInput, match="Unpacked"):
        read(gzip.compress(b"key\n" + b"a\n" * 1_000_000))


def with_sheet(content: bytes, change: Sequence[tuple[bytes, bytes]]) -> bytes:
    """The workbook with another text in its sheet."""
    changed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(changed, "w") as new:
        for name in old.namelist():
            part = old.read(name)
            if name.endswith("sheet1.xml"):
                for before, after in change:
                    assert before in part
                    part = part.replace(before, after)
            new.writestr(name, part)
    return changed.getvalue()


def test_workbook_that_lies_about_its_size_is_read_as_it_is() -> None:
    content = xlsx_file([["key", "name"], ["a", "A"]])
    lying = with_sheet(content, [(b'ref="A1:B2"', b'ref="A1:XFD1048576"')])
    assert read(lying).lines == [Line(2, ["a", "A"])]


def test_workbook_with_rows_beyond_a_spreadsheet_is_refused() -> None:
    content = xlsx_file([["key"], ["a"], ["b"]])
    far = with_sheet(
        content, [(b'<row r="3"', b'<row r="999999999"'), (b'r="A3"', b'r="A999999999"')]
    )
    with pytest.raises(InvalidInput, match="more rows"):
        read(far)


def test_damaged_workbook_is_refused() -> None:
    with pytest.raises(InvalidInput, match="damaged"):
        read(with_sheet(xlsx_file([["key"], ["a"]]), [(b"</sheetData>", b"</oops>")]))
