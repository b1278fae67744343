import gzip

import pytest

from accounts.errors import InvalidInput
from accounts.tables import Line, read_table


@pytest.mark.parametrize(
    "content",
    [
        "key,name\na,Ü\n".encode(),
        b"\xef\xbb\xbf" + "key,name\r\na,Ü\r\n".encode(),
        "key;name\na;Ü".encode("cp1252"),
        "key\tname\na\tÜ\n".encode("utf-16"),
        '"key";"name"\n"a";"Ü"\n'.encode(),
        "\n\nkey , name\n\na,Ü\n,\n".encode(),
        gzip.compress("key,name\na,Ü\n".encode(), mtime=0),
    ],
)
def test_table_is_read_whatever_wrote_it(content: bytes) -> None:
    table = read_table(content)
    assert table.header == ["key", "name"]
    assert [line.cells for line in table.lines] == [["a", "Ü"]]


def test_lines_have_the_numbers_of_the_file() -> None:
    table = read_table(b'key,note\na,"two\nlines"\n\nb,x\n')
    assert table.lines == [Line(2, ["a", "two\nlines"]), Line(5, ["b", "x"])]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "empty"),
        (b"\n\n", "empty"),
        (b"key,a,a\n", "Two columns"),
        (b"key\0\n", "NUL"),
        (gzip.compress(b"key\na\n", mtime=0)[:-5], "gzip"),
        (b'key\n"' + b"x" * 1_000_001 + b'"\n', "no CSV"),
        (b"\xff\xfe\x00", "encoding"),
        (b"key\n\x81\n", "encoding"),
    ],
)
def test_what_is_no_table_is_refused(content: bytes, message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        read_table(content)
