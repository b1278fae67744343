"""The days that a page on usage shows: a number of them up to today, or those of one's own."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.http import QueryDict

from scoring.addresses import Address
from scoring.sentences import days_text

LONGEST = 400
EARLIEST = date(1990, 1, 1)


@dataclass(frozen=True)
class Dated(Address):
    """`first` … `last` are the days that are shown, `lengths` those that are offered."""

    today: date
    first: date
    last: date
    lengths: Sequence[int]

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    @property
    def before(self) -> date:
        """The last day of the period before, of equal length."""
        return self.first - timedelta(days=1)

    @property
    def period(self) -> int | None:
        """None where the days are one's own."""
        own = self.last != self.today or self.days not in self.lengths
        return None if own else self.days

    @property
    def periods(self) -> list[dict[str, Any]]:
        return [
            {
                "label": days_text(days),
                "url": self.url(**{"days": days, "from": [], "to": []}),
                "current": self.period == days,
            }
            for days in self.lengths
        ]

    @property
    def dated_with(self) -> list[tuple[str, str]]:
        """What the form that asks for days keeps."""
        return self.fields("from", "to", "days")


def read_days(query: QueryDict, *, today: date, usual: int) -> tuple[date, date]:
    """A number of days that ends today or on a day of one's own, or both ends."""
    last = _day(query.get("to", ""), today) or today
    first = _day(query.get("from", ""), today)
    if first is None:
        length = number_of(query.get("days", ""), LONGEST) or usual
        return last - timedelta(days=length - 1), last
    first, last = min(first, last), max(first, last)
    return max(first, last - timedelta(days=LONGEST - 1)), last


def _day(text: str, today: date) -> date | None:
    try:
        return max(EARLIEST, min(date.fromisoformat(text), today))
    except ValueError:
        return None


def number_of(text: str, most: int) -> int | None:
    number = int(text) if text.isascii() and text.isdecimal() and len(text) < 12 else 0
    return number if 0 < number <= most else None
