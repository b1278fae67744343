"""What the address of a page on usage asks for: whose usage, of which days, and which measure."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from django.http import QueryDict

from scoring.addresses import Address, cleaned
from scoring.engine.measures import TAKE_FEATURES, TAKE_FREQUENCY, TAKE_MIN_USES
from usage.measures import MEASURES, Measure

DEFAULT_MEASURE, DEFAULT_WINDOW = "active_users", 30
WINDOWS = (1, 7, 30, 90, 365)
PERIODS = (30, 90, 180, 400)
DEFAULT_PERIOD = 90
LONGEST = 400
EARLIEST = date(1990, 1, 1)
MOST_USES = 10**9
Level = Literal["daily", "frequent", "occasional"]
LEVELS: tuple[Level, ...] = ("daily", "frequent", "occasional")
PEERS, EVERYBODY, NOBODY = "peers", "all", "none"
AGAINST = (PEERS, EVERYBODY, NOBODY)
SORTS = ("-value", "value", "-change", "change")


@dataclass(frozen=True)
class Choice(Address):
    """`first` … `last` are the days that are shown; `account` and `segment` are keys, both empty
    for all accounts."""

    today: date
    account: str
    segment: str
    first: date
    last: date
    measure: Measure
    against: str
    total: bool
    sort: str

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
        own = self.last != self.today or self.days not in PERIODS
        return None if own else self.days

    @property
    def searched_with(self) -> list[tuple[str, str]]:
        """What the form that finds an account keeps."""
        return self.fields("q", "account", "segment", "against", "total")

    @property
    def dated_with(self) -> list[tuple[str, str]]:
        return self.fields("from", "to", "days")


def read_choice(query: QueryDict, *, today: date) -> Choice:
    given = cleaned(query)
    first, last = _days(given, today)
    account = given.get("account", "")[:200]
    sort, against = given.get("sort", ""), given.get("against", "")
    return Choice(
        query=given,
        today=today,
        account=account,
        segment="" if account else given.get("segment", ""),
        first=first,
        last=last,
        measure=_measure(given),
        against=against if against in AGAINST else PEERS,
        total=given.get("total") == "1" and not account,
        sort=sort if sort in SORTS else SORTS[0],
    )


def _measure(query: QueryDict) -> Measure:
    name = query.get("measure", "")
    name = name if name in MEASURES else DEFAULT_MEASURE
    least = _number(query.get("min_uses", ""), MOST_USES) if name in TAKE_MIN_USES else None
    return Measure(
        measure=name,
        window_days=_number(query.get("window", ""), LONGEST) or DEFAULT_WINDOW,
        features=tuple(query.getlist("feature")) if name in TAKE_FEATURES else (),
        min_uses=least or 1,
        frequency=_level(query.get("frequency", "")) if name in TAKE_FREQUENCY else None,
    )


def _level(text: str) -> Level:
    return next((level for level in LEVELS if level == text), LEVELS[1])


def _days(query: QueryDict, today: date) -> tuple[date, date]:
    """A number of days that ends today or on a day of one's own, or both ends."""
    last = _day(query.get("to", ""), today) or today
    first = _day(query.get("from", ""), today)
    if first is None:
        length = _number(query.get("days", ""), LONGEST) or DEFAULT_PERIOD
        return last - timedelta(days=length - 1), last
    first, last = min(first, last), max(first, last)
    return max(first, last - timedelta(days=LONGEST - 1)), last


def _day(text: str, today: date) -> date | None:
    try:
        return max(EARLIEST, min(date.fromisoformat(text), today))
    except ValueError:
        return None


def _number(text: str, most: int) -> int | None:
    number = int(text) if text.isascii() and text.isdecimal() and len(text) < 12 else 0
    return number if 0 < number <= most else None
