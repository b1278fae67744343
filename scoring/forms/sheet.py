"""A part of a draft as it was typed: nothing is refused here, everything goes into the draft.

What is wrong is said by the one check of a document, and shown beside the slot that it came from.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.http import QueryDict

from scoring.forms.problems import CELL, in_words
from scoring.forms.rows import Rows, as_text, to_number

LONGEST = 5_000
Typed = int | float | str


def cleaned(text: str) -> str:
    return text.replace("\0", "").replace("\r\n", "\n")[:LONGEST]


def typed_number(text: str) -> Typed:
    """A number as a document writes it; anything else stays what it is, to be told and corrected."""
    number = to_number(text)
    return text.strip() if number is None else number


def typed_plain(text: str) -> bool | int | float | str:
    """true and false, a number, or text; text in quotes stays text."""
    quoted = len(text) > 1 and text[0] == text[-1] == '"'
    if quoted:
        return text[1:-1]
    return text == "true" if text in ("true", "false") else typed_number(text)


def plain_text(value: Any) -> str:
    """The reverse of `typed_plain`."""
    if isinstance(value, bool):
        return "true" if value else "false"
    text = as_text(value)
    ambiguous = isinstance(value, str) and typed_plain(text) != value
    return f'"{text}"' if ambiguous else text


def typed_list(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


@dataclass
class Slot:
    """`problems` must be mended; `notes` are worth knowing."""

    name: str
    value: str = ""
    problems: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def id(self) -> str:
        return f"e-{self.name}"

    @property
    def values(self) -> list[str]:
        return typed_list(self.value)


@dataclass
class Sheet:
    """`given` names the slots that were there: an empty text is not the same as none."""

    slots: dict[str, Slot]
    rows: dict[str, Rows]
    given: set[str]
    others: list[str] = field(default_factory=list)
    """Problems that belong to no slot."""

    def text(self, name: str, default: str = "") -> str:
        return self.slots[name].value.strip() if name in self.given else default

    def number(self, name: str) -> dict[str, Typed]:
        """A field of the document; none where the slot is empty."""
        text = self.text(name)
        return {name: typed_number(text)} if text else {}

    def chosen(self, name: str, choices: Iterable[str], default: str) -> str:
        text = self.text(name)
        return text if text in set(choices) else default

    def place(
        self,
        problems: Mapping[str, Iterable[str]],
        *,
        slots: Mapping[str, str],
        rows: Mapping[str, str],
    ) -> None:
        """`problems` by path; `slots` and `rows` say which path belongs to which part."""
        for path, messages in problems.items():
            for message in messages:
                self._place(path, in_words(message), slots, rows)

    def _place(
        self, path: str, text: str, slots: Mapping[str, str], rows: Mapping[str, str]
    ) -> None:
        cell = CELL.fullmatch(path)
        name = slots.get(path, path)
        if path in rows:
            self.rows[rows[path]].errors.append(text)
        elif cell and cell["rows"] in rows:
            self.rows[rows[cell["rows"]]].refuse(int(cell["at"]), cell["column"] or "", text)
        elif name in self.slots:
            self.slots[name].problems.append(text)
        else:
            self.others.append(text)

    @property
    def sound(self) -> bool:
        rows = all(rows.valid for rows in self.rows.values())
        return rows and not self.others and not any(s.problems for s in self.slots.values())


def make_sheet(
    names: Iterable[str], values: Mapping[str, Any], rows: Mapping[str, Rows] | None = None
) -> Sheet:
    slots = {name: Slot(name, _text(values.get(name))) for name in names}
    given = {name for name in slots if name in values} | set(rows or {})
    return Sheet(slots, dict(rows or {}), given)


def posted_sheet(
    names: Iterable[str], data: QueryDict, columns: Mapping[str, tuple[str, ...]]
) -> Sheet:
    """Slots with several values, such as checkboxes, hold them with commas between."""
    values = {
        name: ", ".join(cleaned(text) for text in data.getlist(name))
        for name in names
        if name in data
    }
    rows = {prefix: Rows.posted(prefix, cells, data) for prefix, cells in columns.items()}
    sheet = make_sheet(names, values)
    sheet.rows = rows
    sheet.given |= {prefix for prefix, cells in columns.items() if f"{prefix}-{cells[0]}" in data}
    return sheet


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "on" if value else ""
    if isinstance(value, list):
        return ", ".join(as_text(item) for item in value)
    return as_text(value)


def numbers_of(rows: Rows, columns: Iterable[str]) -> list[dict[str, Typed]]:
    """The filled rows as a document writes them; an empty cell is left out."""
    return [
        {c: typed_number(row[c].value) for c in columns if row[c].value.strip()}
        for row in rows.filled
    ]
