"""Events out of a CSV file, line by line."""

import csv
import gzip
import io
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import IO, Any

import msgspec

from accounts.spreadsheets import REPORT, original_cell

REQUIRED = ("event_id", "occurred_at", "account", "user", "event")
OPTIONAL = ("feature", "duration_seconds", "count", "properties")
GZIP = b"\x1f\x8b"
LONGEST_FIELD = 16 * 1024 * 1024

Line = tuple[int, dict[str, Any], list[str]]
"""The number of the line where an event ends, the event as the API would take it, and its cells."""


@dataclass(frozen=True)
class EventFile:
    """`names` without the columns that a file of rejected lines has before its own."""

    names: list[str]
    lines: Iterator[Line]


class Unreadable(ValueError):
    """The file has no events at all: columns are missing or unknown, or it is no text."""


class Measured(io.RawIOBase):
    """A stream that knows how many bytes were read from it, also where it cannot tell."""

    def __init__(self, stream: IO[bytes]) -> None:
        self.stream = stream
        self.position = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        read = self.stream.read(len(buffer))
        buffer[: len(read)] = read
        self.position += len(read)
        return len(read)


def open_bytes(name: str) -> IO[bytes]:
    return sys.stdin.buffer if name == "-" else Path(name).open("rb")


def text_of(source: Measured) -> io.TextIOWrapper:
    """The text of a file that may be compressed."""
    buffered = io.BufferedReader(source, 1 << 20)
    if buffered.peek(2)[:2] == GZIP:
        buffered = io.BufferedReader(gzip.GzipFile(fileobj=buffered))  # type: ignore[arg-type]
    return io.TextIOWrapper(buffered, "utf-8-sig", errors="surrogateescape", newline="")


def read_events_file(text: io.TextIOWrapper, *, from_line: int = 0) -> EventFile:
    """`from_line`: lines before it are passed over. Raises Unreadable."""
    csv.field_size_limit(LONGEST_FIELD)
    reader = csv.reader(text)
    header = [name.strip() for name in next(reader, [])]
    rejected = header[: len(REPORT)] == list(REPORT)
    names = header[len(REPORT) :] if rejected else header
    _check(names)
    lines = _rejected_lines(reader, names) if rejected else _lines(reader, names)
    return EventFile(names, (line for line in lines if line[0] >= from_line))


def _check(names: list[str]) -> None:
    missing = [name for name in REQUIRED if name not in names]
    unknown = [name for name in names if name not in (*REQUIRED, *OPTIONAL)]
    repeated = {name for name in names if names.count(name) > 1}
    for problem, columns in (
        ("missing columns", missing),
        ("unknown columns", unknown),
        ("repeated columns", repeated),
    ):
        if columns:
            shown = ", ".join(name[:60] for name in sorted(columns))
            raise Unreadable(f"{problem}: {shown}")


def _lines(reader: Any, names: list[str]) -> Iterator[Line]:
    fields = ["type" if name == "event" else name for name in names]
    for cells in reader:
        if cells:
            yield reader.line_num, event_of(fields, cells), cells


def _rejected_lines(reader: Any, names: list[str]) -> Iterator[Line]:
    fields = ["type" if name == "event" else name for name in names]
    for cells in reader:
        own = [original_cell(cell) for cell in cells[len(REPORT) :]]
        if own:
            yield reader.line_num, event_of(fields, own), own


def event_of(fields: list[str], cells: list[str]) -> dict[str, Any]:
    """An empty cell is a field left out; what is no number stays text and is rejected as such."""
    event: dict[str, Any] = {name: cell for name, cell in zip(fields, cells, strict=False) if cell}
    if len(cells) > len(fields):
        event["column " + str(len(fields) + 1)] = cells[len(fields)]
    if "duration_seconds" in event:
        event["duration_seconds"] = number(event["duration_seconds"])
    if "count" in event:
        event["count"] = number(event["count"])
    if "properties" in event:
        event["properties"] = parsed(event["properties"])
    return event


def number(cell: str) -> int | float | str:
    try:
        return int(cell) if cell.isdigit() and cell.isascii() else float(cell)
    except ValueError:
        return cell


def parsed(cell: str) -> object:
    try:
        return msgspec.json.decode(cell)
    except (msgspec.DecodeError, ValueError):
        return cell


def batches(lines: Iterator[Line], size: int) -> Iterator[list[Line]]:
    """Lists of at most `size` lines; nothing else of the file is held."""
    while batch := list(islice(lines, size)):
        yield batch
