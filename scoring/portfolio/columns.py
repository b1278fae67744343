"""The columns of the list: what each is called, how it is told on the page and in a file."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import quote, unquote

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from scoring.portfolio import cells
from scoring.portfolio.rows import Row
from scoring.portfolio.wanted import ATTRIBUTE, METRIC

TAGS = "tags"
MOST = 30
"""Columns that an address may name."""


@dataclass(frozen=True, slots=True)
class ListColumn:
    """`cell` makes what stands in the cell, `told` the values of the file's columns by their names."""

    key: str
    label: str | Promise
    cell: Callable[[Row], str]
    told: Mapping[str, Callable[[Row], Any]] = field(default_factory=dict)
    css: str = ""
    descending: bool = False

    @property
    def address(self) -> str:
        return addressed(self.key)


FIXED: dict[str, ListColumn] = {
    column.key: column
    for column in (
        ListColumn(
            "score",
            _("Score"),
            cells.score,
            {
                "score": lambda row: cells.whole(row.line.score),
                "band": lambda row: str(row.band.label),
                "notes": lambda row: ", ".join(cells.notes(row.line)),
            },
            "score",
        ),
        ListColumn("change", _("Change"), cells.change, {"change": cells.points}, "n change"),
        ListColumn("weeks", _("12 weeks"), cells.weeks, {"weeks": cells.weekly}, "weeks"),
        ListColumn(
            "reason",
            _("The one reason"),
            cells.reason,
            {"reason": lambda row: row.reason},
            "reason",
        ),
        ListColumn(
            "value",
            _("Contract"),
            cells.contract,
            {
                "contract_value": lambda row: cells.amount(row.line),
                "currency": lambda row: row.line.currency,
            },
            "n money",
            descending=True,
        ),
        ListColumn(
            "renewal",
            _("Renewal"),
            cells.renewal,
            {"renewal_on": lambda row: row.line.renewal_on},
            "renewal",
        ),
        ListColumn(
            "stage", _("Stage"), cells.stage, {"stage": lambda row: row.line.stage}, "stage"
        ),
        ListColumn(
            "owner", _("Owner"), cells.owner, {"owner": lambda row: row.line.owner}, "owner"
        ),
        ListColumn(
            "coverage",
            _("Coverage"),
            cells.coverage,
            {
                "coverage_percent": lambda row: (
                    None if row.line.coverage is None else (row.line.coverage + 50) // 100
                )
            },
            "n",
        ),
        ListColumn(
            "status", _("Status"), cells.status, {"status": lambda row: row.line.status}, "stage"
        ),
        ListColumn(
            TAGS, _("Tags"), cells.tags, {"tags": lambda row: ", ".join(row.line.tags)}, "tags"
        ),
        ListColumn("key", _("Key"), cells.key, {}, "stage"),
        ListColumn(
            "created",
            _("Customer since"),
            cells.created,
            {"created_on": lambda row: row.line.created_on},
            "nowrap",
        ),
    )
}
DEFAULT = ("score", "change", "weeks", "reason", "value", "renewal", "stage", "owner")
ALWAYS: Mapping[str, Callable[[Row], Any]] = {
    "account": lambda row: row.line.key,
    "name": lambda row: row.line.name,
}
"""Every file begins with these; their names hold no column of its own."""


def read_columns(text: str) -> tuple[str, ...]:
    """The keys in the order given, each once; the usual ones where none is named."""
    named = dict.fromkeys(unquote(part) for part in text.split(",")[:MOST])
    known = tuple(key for key in named if key in FIXED or named_after(key))
    return known or DEFAULT


def written(keys: Sequence[str]) -> str:
    """For an address; nothing for the usual ones."""
    if tuple(keys) == DEFAULT:
        return ""
    return ",".join(addressed(key) for key in keys)


def addressed(key: str) -> str:
    """Without a comma of its own."""
    return quote(key, safe=": ")


def named_after(key: str) -> str:
    """The attribute's name or the metric's key; empty for another column."""
    for prefix in (ATTRIBUTE, METRIC):
        if key.startswith(prefix):
            return key.removeprefix(prefix)[:200]
    return ""


def columns_of(keys: Iterable[str], metrics: Mapping[str, str]) -> list[ListColumn]:
    """`metrics` are names by key."""
    return [FIXED.get(key) or _other(key, metrics) for key in keys]


def _other(key: str, metrics: Mapping[str, str]) -> ListColumn:
    name = named_after(key)
    if key.startswith(ATTRIBUTE):
        return ListColumn(
            key,
            name,
            lambda row: cells.attribute(row, name),
            {name: lambda row: cells.plain(row.attributes.get(name))},
            "attribute",
        )
    label = metrics.get(name, name)
    return ListColumn(
        key,
        label,
        lambda row: cells.metric(row, name),
        {label: lambda row: cells.whole(row.metrics[name].score) if name in row.metrics else None},
        "metric",
    )


def file_columns(columns: Sequence[ListColumn]) -> dict[str, Callable[[Row], Any]]:
    """By the file's names; two that are called the same are told apart by their keys."""
    found = dict(ALWAYS)
    for column in columns:
        for name, told in column.told.items():
            found[column.key if name in found else name] = told
    return found


def renamed(columns: Sequence[ListColumn], key: str, label: str) -> list[ListColumn]:
    return [replace(column, label=label) if column.key == key else column for column in columns]
