"""Which accounts are asked for, in which order, and a place in that order."""

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Literal, NamedTuple, Self

from scoring.engine.fixed import SCALE
from scoring.engine.structure import UNSTORABLE
from scoring.standings.order import MetricOrder

FALL = 5 * SCALE - SCALE // 2
"""A change of the score is a move from five points on, as they are shown."""
NOBODY = 0
UNKNOWN = "unknown"
LARGEST = 2**63


class Column(NamedTuple):
    """A list is sorted by `value` and then `key`; the rows that are `absent` stand last."""

    value: str
    kind: type = int
    key: str = "a.id"
    present: str = ""
    absent: str = ""


def _nullable(value: str, kind: type = int, key: str = "a.id") -> Column:
    return Column(value, kind, key, f"{value} IS NOT NULL", f"{value} IS NULL")


SORTS: Mapping[str, Column] = {
    "name": Column("a.search", str),
    "score": _nullable("h.score", key="h.account_id"),
    "change": _nullable("h.change", key="h.account_id"),
    "stage": Column("a.stage", str, present="a.stage > ''", absent="a.stage = ''"),
    "owner": Column("u.label", str, present="u.id IS NOT NULL", absent="u.id IS NULL"),
    "value": _nullable("a.contract_value_cents"),
    "renewal": _nullable("a.renewal_on", date),
    "key": Column("a.key", str),
}
DEFAULT_SORT = "score"
ATTRIBUTE, METRIC = "attr:", "metric:"
"""What the names of orders and columns of attributes and of scores in metrics begin with."""
RANKED = ("weeks", "reason", "coverage", "status", "created", "tags")
"""Orders that are made when they are asked for, as those by a metric and by an attribute are."""


def column_of(sort: str) -> Column | None:
    """None of an order that there is not. No column holds what `Wanted.order` does."""
    name = sort.removeprefix("-")
    ranked = name in RANKED or name.startswith((METRIC, ATTRIBUTE))
    return _nullable("NULL::int") if ranked else SORTS.get(name)


class Holding(NamedTuple):
    """An attribute that is one of the values, a number within bounds, or not there at all."""

    name: str
    values: tuple[str, ...] = ()
    least: Decimal | None = None
    most: Decimal | None = None
    unset: bool = False


@dataclass(frozen=True)
class Wanted:
    """`owner` is a person's id or NOBODY; with `team` also the accounts whose team the person is in.
    `segment` is a segment's id; `tags` are names, any of which is enough.

    Of each account the `attributes` of these names are read, the scores of its metrics (`details`)
    and its tags (`with_tags`).
    `order` goes with a sort that no column has (`scoring.portfolio.orders`).
    """

    text: str = ""
    bands: tuple[str, ...] = ()
    stages: tuple[str, ...] = ()
    owner: int | None = None
    renewal_from: date | None = None
    renewal_to: date | None = None
    moved: Literal["", "down", "up"] = ""
    low_coverage: bool = False
    segment: int | None = None
    team: bool = False
    tags: tuple[str, ...] = ()
    stale: bool = False
    holding: tuple[Holding, ...] = ()
    sort: str = DEFAULT_SORT
    attributes: tuple[str, ...] = ()
    details: bool = False
    with_tags: bool = False
    order: MetricOrder | None = field(default=None, compare=False)

    @property
    def words(self) -> list[str]:
        return self.text.split()

    @property
    def column(self) -> Column:
        return column_of(self.sort) or SORTS[DEFAULT_SORT]

    @property
    def descending(self) -> bool:
        return self.sort.startswith("-")


@dataclass(frozen=True, slots=True)
class Cursor:
    """A place in a sorted list; the value is None among the rows that stand last."""

    sort: str
    value: int | str | date | None
    last: int

    def __str__(self) -> str:
        value = self.value.isoformat() if isinstance(self.value, date) else self.value
        packed = json.dumps([self.sort, value, self.last]).encode()
        return base64.urlsafe_b64encode(packed).rstrip(b"=").decode()

    @classmethod
    def read(cls, text: str, sort: str) -> Self | None:
        """None for what is no place in a list that is sorted so."""
        try:
            packed = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
            of, value, last = json.loads(packed)
            column = column_of(sort)
            if column is None:
                return None
            if column.kind is date and value is not None:
                value = date.fromisoformat(value)
        except (binascii.Error, ValueError, TypeError, RecursionError):
            return None
        if isinstance(value, str) and UNSTORABLE.search(value):
            return None
        known = bool(column.absent) if value is None else type(value) is column.kind
        numbers = [n for n in (value, last) if isinstance(n, int)]
        fits = type(last) is int and all(abs(n) < LARGEST for n in numbers)
        return cls(sort, value, last) if of == sort and known and fits else None
