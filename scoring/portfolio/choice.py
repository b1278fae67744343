"""What the address of the portfolio asks for, and the addresses of its other views."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, Literal, cast

from django.http import QueryDict

from accounts.models import Segment, Workspace
from scoring.addresses import Address, cleaned
from scoring.portfolio.columns import TAGS, named_after, read_columns, written
from scoring.portfolio.wanted import (
    ATTRIBUTE,
    DEFAULT_SORT,
    METRIC,
    NOBODY,
    Holding,
    Wanted,
    column_of,
)

LEAST, MOST, UNSET = "min:", "max:", "without"
MINE, TEAM, NONE, OVERDUE = "me", "team", "none", "overdue"
FILTERS = (
    "q", "band", "stage", "owner", "segment", "tag", "renewal", "change", "coverage", "data", UNSET,
)  # fmt: skip
OF_ATTRIBUTE = (ATTRIBUTE, LEAST, MOST)
"""What the names of an attribute's filters begin with: its values, and the bounds of a number."""
VIEW = "view"
WHOLE = f"{VIEW}=all"
"""The whole list, where an empty address would open with a person's own view."""
ENDS = ("renewal_from", "renewal_to")
LONGEST = 3660
LONGEST_NAME, MOST_ATTRIBUTES, MOST_VALUES = 200, 10, 50
LARGEST_ID = 2**63 - 1


@dataclass(frozen=True)
class Choice(Address):
    wanted: Wanted
    columns: tuple[str, ...]

    def url(self, **changes: Any) -> str:
        address = super().url(**{VIEW: [], **changes})
        return address if address != "?" else f"?{WHOLE}"

    @property
    def kept(self) -> list[tuple[str, str]]:
        """What the form of the search keeps, as hidden fields."""
        return self.fields("q")

    @property
    def filters(self) -> list[str]:
        """The names of those that are set."""
        return [name for name in self.query if name in FILTERS or name.startswith(OF_ATTRIBUTE)]

    @property
    def filtered(self) -> bool:
        return bool(self.filters)


def read_choice(query: QueryDict, *, workspace: Workspace, user_id: int, today: date) -> Choice:
    given = _tidied(cleaned(query))
    sort = given.get("sort", DEFAULT_SORT)
    moved = given.get("change", "")
    first, last = _renewal(given.get("renewal", ""), today)
    columns = read_columns(given.get("columns", ""))
    wanted = Wanted(
        text=given.get("q", "")[:200],
        bands=tuple(given.getlist("band")),
        stages=tuple(given.getlist("stage")),
        owner=owner_of(given.get("owner", ""), user_id),
        team=given.get("owner") == TEAM,
        tags=tuple(given.getlist("tag")[:MOST_VALUES]),
        stale=given.get("data") == "stale",
        holding=tuple(_holding(given)),
        renewal_from=first,
        renewal_to=last,
        moved=cast(Literal["", "down", "up"], moved if moved in ("down", "up") else ""),
        low_coverage=given.get("coverage") == "low",
        segment=segment_id(given.get("segment", "")),
        sort=sort if column_of(sort) else DEFAULT_SORT,
        attributes=tuple(named_after(key) for key in columns if key.startswith(ATTRIBUTE)),
        details=any(key.startswith(METRIC) for key in columns),
        with_tags=TAGS in columns,
    )
    return Choice(given, wanted, columns)


def _tidied(given: QueryDict) -> QueryDict:
    """As the links have it, where a form sent each column and each end of the window by itself."""
    if keys := given.getlist("columns"):
        named = written(read_columns(",".join(keys)))
        given["columns"] = named
        if not named:
            del given["columns"]
    ends = [given.get(name, "") for name in ENDS]
    if any(ends):
        given["renewal"] = f"{ends[0] or 0}-{ends[1] or LONGEST}"
    if (window := read_window(given.get("renewal", ""))) is not None:
        first, last = window
        given["renewal"] = f"{first}-{last}" if first else str(last)
    for name in ENDS:
        given.pop(name, None)
    return given


def segment_id(key: str) -> int | None:
    """None where there is no such segment."""
    if not key:
        return None
    found: int | None = Segment.objects.filter(key=key).values_list("pk", flat=True).first()
    return found


def owner_of(text: str, user_id: int) -> int | None:
    """A person's id, NOBODY, or None where nobody is named; a team is that of the person who asks."""
    if text in (MINE, TEAM):
        return user_id
    if text == NONE:
        return NOBODY
    owner = int(text) if text.isascii() and text.isdecimal() and len(text) < 20 else 0
    return owner if 0 < owner <= LARGEST_ID else None


def _renewal(text: str, today: date) -> tuple[date | None, date | None]:
    """Overdue, or within a window of days from today on."""
    if text == OVERDUE:
        return None, today - timedelta(days=1)
    window = read_window(text)
    if window is None:
        return None, None
    return tuple(today + timedelta(days=days) for days in window)  # type: ignore[return-value]


def read_window(text: str) -> tuple[int, int] | None:
    """ "90" are the days from 0 to 90, "30-90" those from 30 on."""
    parts = text.split("-")
    if len(parts) > 2 or not all(p.isascii() and p.isdecimal() and len(p) < 6 for p in parts):
        return None
    first, last = sorted(int(part) for part in (["0", *parts])[-2:])
    return (first, last) if last <= LONGEST else None


def _holding(given: QueryDict) -> Iterator[Holding]:
    names = dict.fromkeys(
        name.removeprefix(prefix)[:LONGEST_NAME]
        for name in given
        for prefix in OF_ATTRIBUTE
        if name.startswith(prefix) and name != prefix
    )
    for name in list(names)[:MOST_ATTRIBUTES]:
        yield Holding(
            name,
            values=tuple(given.getlist(ATTRIBUTE + name)[:MOST_VALUES]),
            least=_number(given.get(LEAST + name, "")),
            most=_number(given.get(MOST + name, "")),
        )
    for name in given.getlist(UNSET)[:MOST_ATTRIBUTES]:
        yield Holding(name[:LONGEST_NAME], unset=True)


def _number(text: str) -> Decimal | None:
    try:
        found = Decimal(text) if len(text) < 30 else Decimal("NaN")
    except InvalidOperation:
        return None
    return found if found.is_finite() and abs(found) < LARGEST_ID else None
