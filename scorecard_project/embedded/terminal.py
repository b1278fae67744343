import re
import sys
from pathlib import Path

IMPORTANT = re.compile(rb"\b(ERROR|CRITICAL|FATAL|PANIC)\b")


def say(text: str) -> None:
    """On standard error: what a command prints on standard output stays its own."""
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


class Follower:
    """Repeats the important lines that a part of the installation adds to its log."""

    def __init__(self, name: str, log: Path) -> None:
        self.name = name
        self.log = log
        self.position = self._size()

    def repeat(self) -> None:
        if self._size() <= self.position:
            return
        with self.log.open("rb") as file:
            file.seek(self.position)
            added = file.read()
        whole, newline, _ = added.rpartition(b"\n")
        self.position += len(whole) + len(newline)
        for line in whole.splitlines():
            if IMPORTANT.search(line):
                say(f"{self.name}: {line.decode(errors='replace')}")

    def _size(self) -> int:
        return self.log.stat().st_size if self.log.exists() else 0


def rotate(log: Path) -> None:
    """The log of the last start is kept beside the new one."""
    if log.exists():
        log.replace(log.with_suffix(".1.log"))
