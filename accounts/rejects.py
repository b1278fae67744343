"""The lines that a command did not store, as a file that can be mended and imported again."""

import csv
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from accounts.commands import USAGE, Error
from accounts.spreadsheets import REPORT, report_cells, safe_cell

ENDINGS = (".gz", ".csv", ".tsv", ".txt", ".xlsx")


def beside(name: str) -> str:
    """ "events.csv.gz" → "events.rejected.csv"; nothing for standard input."""
    if name == "-":
        return ""
    path = Path(name)
    stem = path.name
    for ending in ENDINGS:
        stem = stem.removesuffix(ending) or stem
    return str(path.with_name(f"{stem}.rejected.csv"))


class RejectFile(ExitStack):
    """Made with the first line, so that nothing lies about where all is well.

    `more` adds to what an interrupted command has written.
    """

    def __init__(self, name: str, *, more: bool = False) -> None:
        super().__init__()
        self.name, self.more = name, more
        self.header: Sequence[str] = ()
        self.writer: Any = None

    def write(self, line: int, column: str, message: str, cells: Sequence[Any]) -> None:
        if not self.name:
            return
        if self.writer is None:
            self._open()
        self.writer.writerow(report_cells(line, column, message, cells))

    def _open(self) -> None:
        path = Path(self.name)
        goes_on = self.more and path.is_file() and path.stat().st_size > 0
        try:
            file = path.open(
                "a" if goes_on else "w", newline="", encoding="utf-8", errors="surrogateescape"
            )
        except OSError as error:
            message = _("%(file)s cannot be written (%(reason)s): name a place by --rejects FILE.")
            values = {"file": self.name, "reason": error.strerror}
            raise Error(message % values, returncode=USAGE) from error
        self.writer = csv.writer(self.enter_context(file))
        if not goes_on:
            self.writer.writerow([*REPORT, *(safe_cell(name) for name in self.header)])

    def told(self) -> str:
        if self.writer is None:
            return _("Send the rejected lines again once they are mended.")
        message = _("The rejected lines are in %(file)s: mend them and import that file.")
        return message % {"file": self.name}
