"""What the address of the portfolio asks for, and the addresses of its other views."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Literal, cast

from django.http import QueryDict

from accounts.models import Segment, Workspace
from scoring.addresses import Address, cleaned
from scoring.portfolio.columns import ATTRIBUTE, METRIC, named_after, read_columns
from scoring.portfolio.wanted import DEFAULT_SORT, NOBODY, SORTS, Wanted

MINE, NONE, OVERDUE = "me", "none", "overdue"
FILTERS = ("q", "band", "stage", "owner", "renewal", "change", "coverage", "segment")
VIEW = "view"
WHOLE = f"{VIEW}=all"
"""The whole list, where an empty address would open with a person's own view."""
LONGEST = 3660
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
    def filtered(self) -> bool:
        return any(self.query.get(name) for name in FILTERS)


def read_choice(query: QueryDict, *, workspace: Workspace, user_id: int, today: date) -> Choice:
    given = cleaned(query)
    sort = given.get("sort", DEFAULT_SORT)
    moved = given.get("change", "")
    first, last = _renewal(given.get("renewal", ""), today)
    columns = read_columns(given.get("columns", ""))
    wanted = Wanted(
        text=given.get("q", "")[:200],
        bands=tuple(given.getlist("band")),
        stages=tuple(given.getlist("stage")),
        owner=owner_of(given.get("owner", ""), user_id),
        renewal_from=first,
        renewal_to=last,
        moved=cast(Literal["", "down", "up"], moved if moved in ("down", "up") else ""),
        low_coverage=given.get("coverage") == "low",
        segment=segment_id(given.get("segment", "")),
        sort=sort if sort.removeprefix("-") in SORTS else DEFAULT_SORT,
        attributes=tuple(named_after(key) for key in columns if key.startswith(ATTRIBUTE)),
        details=any(key.startswith(METRIC) for key in columns),
    )
    return Choice(given, wanted, columns)


def segment_id(key: str) -> int | None:
    """None where there is no such segment."""
    if not key:
        return None
    found: int | None = Segment.objects.filter(key=key).values_list("pk", flat=True).first()
    return found


def owner_of(text: str, user_id: int) -> int | None:
    """A person's id, NOBODY, or None where nobody is named."""
    if text == MINE:
        return user_id
    if text == NONE:
        return NOBODY
    owner = int(text) if text.isascii() and text.isdecimal() and len(text) < 20 else 0
    return owner if 0 < owner <= LARGEST_ID else None


def _renewal(text: str, today: date) -> tuple[date | None, date | None]:
    """Overdue, or within a number of days from today on."""
    if text == OVERDUE:
        return None, today - timedelta(days=1)
    if text.isascii() and text.isdecimal() and len(text) < 6 and int(text) <= LONGEST:
        return today, today + timedelta(days=int(text))
    return None, None
