"""What the address of a page on usage asks for: whose usage, of which days, and which measure."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from django.http import QueryDict

from scoring.addresses import cleaned
from scoring.engine.measures import TAKE_FEATURES, TAKE_FREQUENCY, TAKE_MIN_USES
from scoring.explorer.period import LONGEST, Dated, number_of, read_days
from scoring.explorer.texts import ADDED_UP
from usage.measures import MEASURES, Measure

DEFAULT_MEASURE, DEFAULT_WINDOW = "active_users", 30
WINDOWS = (1, 7, 30, 90, 365)
PERIODS = (30, 90, 180, 400)
DEFAULT_PERIOD = 90
MOST_USES = 10**9
Level = Literal["daily", "frequent", "occasional"]
LEVELS: tuple[Level, ...] = ("daily", "frequent", "occasional")
PEERS, EVERYBODY, NOBODY = "peers", "all", "none"
AGAINST = (PEERS, EVERYBODY, NOBODY)
SORTS = ("-value", "value", "-change", "change")


@dataclass(frozen=True)
class Choice(Dated):
    """`account` and `segment` are keys, both empty for all accounts."""

    account: str
    segment: str
    measure: Measure
    against: str
    total: bool
    sort: str

    @property
    def searched_with(self) -> list[tuple[str, str]]:
        """What the form that finds an account keeps."""
        return self.fields("q", "account", "segment", "against", "total")


def read_choice(query: QueryDict, *, today: date) -> Choice:
    given = cleaned(query)
    first, last = read_days(given, today=today, usual=DEFAULT_PERIOD)
    account = given.get("account", "")[:200]
    sort, against = given.get("sort", ""), given.get("against", "")
    measure = _measure(given)
    return Choice(
        query=given,
        today=today,
        account=account,
        segment="" if account else given.get("segment", ""),
        first=first,
        last=last,
        lengths=PERIODS,
        measure=measure,
        against=against if against in AGAINST else PEERS,
        total=given.get("total") == "1" and not account and measure.measure in ADDED_UP,
        sort=sort if sort in SORTS else SORTS[0],
    )


def _measure(query: QueryDict) -> Measure:
    name = query.get("measure", "")
    name = name if name in MEASURES else DEFAULT_MEASURE
    least = number_of(query.get("min_uses", ""), MOST_USES) if name in TAKE_MIN_USES else None
    return Measure(
        measure=name,
        window_days=number_of(query.get("window", ""), LONGEST) or DEFAULT_WINDOW,
        features=tuple(query.getlist("feature")) if name in TAKE_FEATURES else (),
        min_uses=least or 1,
        frequency=_level(query.get("frequency", "")) if name in TAKE_FREQUENCY else None,
    )


def _level(text: str) -> Level:
    return next((level for level in LEVELS if level == text), LEVELS[1])
