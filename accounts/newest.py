"""Rows by their ids, the newest first, a keyset page at a time: new rows move nothing on it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from django.db.models import Model, QuerySet

Row = TypeVar("Row", bound=Model)


@dataclass(frozen=True, slots=True)
class Newest(Generic[Row]):
    """The addresses are empty where nothing precedes or follows."""

    rows: list[Row]
    previous_url: str
    next_url: str


def newest(wanted: QuerySet[Row], query: Mapping[str, str], size: int) -> Newest[Row]:
    """The page that `?after=` or `?before=` an id asks for; the first where too few precede it."""
    before, after = _id(query.get("before", "")), _id(query.get("after", ""))
    if before is not None:
        found = list(wanted.filter(pk__gt=before).order_by("pk")[: size + 1])
        if len(found) >= size:
            rows = found[:size][::-1]
            return _page(rows, earlier=True, later=len(found) > size)
    elif after is not None:
        wanted = wanted.filter(pk__lt=after)
    found = list(wanted.order_by("-pk")[: size + 1])
    return _page(
        found[:size], earlier=len(found) > size, later=before is None and after is not None
    )


def _page(rows: list[Row], *, earlier: bool, later: bool) -> Newest[Row]:
    return Newest(
        rows,
        f"?before={rows[0].pk}" if later and rows else "",
        f"?after={rows[-1].pk}" if earlier and rows else "",
    )


def _id(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else None
