"""Accounts with their current primary health, a keyset page at a time: stable while rows change."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from typing import Any, cast

from django.db import connection

from scoring.models import Evaluation
from scoring.portfolio.statement import COLUMNS, Statement, among, matching, statement
from scoring.portfolio.wanted import Cursor, Wanted
from scoring.recent import weekly
from scoring.standings.order import MetricOrder
from scoring.standings.walk import Place, walk
from usage.packed import columns

VALUES = COLUMNS.count(",") + 2
PAGE = 50
BATCH = 2000


@dataclass(frozen=True, slots=True)
class Line:
    """An account with its health; without an evaluation what stands after `created_on` is None.

    `attributes`, `detail` (the packed explanation) and `tags` are there as far as they were asked for.
    """

    id: int
    key: str
    name: str
    stage: str
    status: str
    owner_id: int | None
    owner: str | None
    contract_value_cents: int | None
    currency: str
    renewal_on: date | None
    created_on: date | None
    day: date | None
    version_id: int | None
    score: int | None
    band: int | None
    coverage: int | None
    flags: int | None
    change: int | None
    reasons: list[dict[str, Any]]
    trend: list[int | None]
    cursor: Cursor
    attributes: dict[str, Any]
    detail: bytes | None
    tags: list[str]

    @property
    def provisional(self) -> bool:
        return bool((self.flags or 0) & Evaluation.PROVISIONAL)

    @property
    def held(self) -> bool:
        return bool((self.flags or 0) & Evaluation.HELD)

    @property
    def overridden(self) -> bool:
        return bool((self.flags or 0) & Evaluation.OVERRIDDEN)


@dataclass(frozen=True)
class Page:
    lines: list[Line]
    previous: Cursor | None
    following: Cursor | None


def page(
    wanted: Wanted,
    *,
    after: Cursor | None = None,
    before: Cursor | None = None,
    size: int = PAGE,
) -> Page:
    """The page that follows or precedes a place; the first where too few precede it."""
    if before is not None:
        found = _fetch(wanted, before, size + 1, backward=True)
        if len(found) >= size:
            lines = found[:size][::-1]
            return Page(lines, lines[0].cursor if len(found) > size else None, lines[-1].cursor)
        after = None
    found = _fetch(wanted, after, size + 1)
    lines = found[:size]
    return Page(
        lines,
        lines[0].cursor if after and lines else None,
        lines[-1].cursor if len(found) > size else None,
    )


def batch(wanted: Wanted, *, after: Cursor | None = None, size: int = BATCH) -> list[Line]:
    """As many of the lines that follow a place as an export reads at once."""
    return _fetch(wanted, after, size)


def these(wanted: Wanted, account_ids: Sequence[int]) -> list[Line]:
    """Those of the accounts that are wanted, in the order given."""
    found = {line.id: line for line in _lines(wanted, among(wanted, list(account_ids)))}
    return [found[pk] for pk in account_ids if pk in found]


def _fetch(
    wanted: Wanted, cursor: Cursor | None, limit: int, *, backward: bool = False
) -> list[Line]:
    if wanted.order is not None:
        return _fetch_by_metric(wanted, wanted.order, cursor, limit, backward)
    return _lines(wanted, statement(wanted, cursor, limit, backward=backward))


def _lines(wanted: Wanted, asked: Statement) -> list[Line]:
    with connection.cursor() as db:
        db.execute(*asked)
        return [line_of(wanted.sort, row) for row in db.fetchall()]


def _fetch_by_metric(
    wanted: Wanted, order: MetricOrder, cursor: Cursor | None, limit: int, backward: bool
) -> list[Line]:
    found = walk(
        order,
        None if cursor is None else Place(cast(int | None, cursor.value), cursor.last),
        limit,
        fetch=lambda ids: {line.id: line for line in _lines(wanted, among(wanted, ids))},
        matching=cache(lambda: columns(*matching(wanted), "id")[0]),
        descending=wanted.descending,
        backward=backward,
    )
    return [
        replace(line, cursor=Cursor(wanted.sort, place.score, line.id)) for place, line in found
    ]


def line_of(sort: str, row: tuple[Any, ...]) -> Line:
    """A row of COLUMNS and the value that the list is sorted by, and what was asked for besides."""
    *plain, reasons, recent, value = row[:VALUES]
    attributes, detail, tags = row[VALUES:] or (None, None, None)
    told = (json.loads(reasons or "[]"), weekly(recent), Cursor(sort, value, row[0]))
    besides = (json.loads(attributes or "{}"), detail and bytes(detail), tags or [])
    return Line(*(*plain, *told, *besides))
