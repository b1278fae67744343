"""What PostgreSQL is told of some events: every name once, of each event only numbers, and the sums that
follow from them. Days are counted from 1970-01-01, places in lists of names from 1."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import TypeVar
from zoneinfo import ZoneInfo

from usage.events import FEATURE, LOGIN, Event

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
FIRST_DAY = EPOCH.toordinal()
MICROSECOND = timedelta(microseconds=1)
QUARTER = timedelta(minutes=15)
"""Since 2000 the days of every zone begin at a whole quarter of an hour of UTC."""
QUARTER_MICROSECONDS = QUARTER // MICROSECOND

Name = TypeVar("Name")


class Places(dict[Name, int]):
    """The place of each name in the order in which they were met."""

    def __missing__(self, name: Name) -> int:
        self[name] = place = len(self) + 1
        return place


class Days(dict[int, int]):
    """The zone's day at each quarter of an hour; `months` are those of UTC that were met."""

    def __init__(self, zone: ZoneInfo) -> None:
        super().__init__()
        self.zone = zone
        self.months: set[date] = set()

    def __missing__(self, quarter: int) -> int:
        at = EPOCH + quarter * QUARTER
        self.months.add(date(at.year, at.month, 1))
        self[quarter] = day = at.astimezone(self.zone).toordinal() - FIRST_DAY
        return day


@cache
def month_of(day: int) -> tuple[int, int]:
    """The first day of the day's month, and the day's bit in the masks of the month."""
    before = date.fromordinal(day + FIRST_DAY).day - 1
    return day - before, 1 << before


def whole_seconds(event: Event) -> int | None:
    """Half up."""
    return None if event.duration_seconds is None else int(event.duration_seconds + 0.5)


@dataclass(slots=True)
class Sums:
    """What one or several people did in a time; of each feature's place the uses, or the days as bits."""

    events: int = 0
    logins: int = 0
    sessions: int = 0
    seconds: int = 0
    uses: int = 0
    features: dict[int, int] = field(default_factory=dict)
    active_days: int = 0
    login_days: int = 0

    def add(self, other: "Sums") -> None:
        self.events += other.events
        self.logins += other.logins
        self.sessions += other.sessions
        self.seconds += other.seconds
        self.uses += other.uses

    def add_day(self, visit: "Sums") -> None:
        self.add(visit)
        for feature, uses in visit.features.items():
            self.features[feature] = self.features.get(feature, 0) + uses

    def add_month(self, visit: "Sums", bit: int) -> None:
        self.add(visit)
        self.active_days |= bit
        if visit.logins:
            self.login_days |= bit
        for feature in visit.features:
            self.features[feature] = self.features.get(feature, 0) | bit


class Summed(dict[tuple[int, int], Sums]):
    def __missing__(self, key: tuple[int, int]) -> Sums:
        self[key] = sums = Sums()
        return sums


@dataclass(slots=True)
class Seen:
    first: int
    last: int
    login: int | None


class Batch:
    """`users` are (the account's place, key); sums by (user, day), (account, day), (user, month)."""

    def __init__(self, events: Sequence[Event], zone: ZoneInfo) -> None:
        self.days = Days(zone)
        self.types: Places[str] = Places()
        self.features: Places[str] = Places()
        self.accounts: Places[str] = Places()
        self.users: Places[tuple[int, str]] = Places()
        self.visits, self.account_days, self.user_months = Summed(), Summed(), Summed()
        self.began: dict[int, int] = {}
        self.seen: dict[int, Seen] = {}
        self.ids = [event.event_id for event in events]
        self.ats: list[int] = []
        self.rows = [self.row(event) for event in events]
        self.sum_up()

    def row(self, event: Event) -> tuple[int | None, ...]:
        """User, day, type, feature, seconds, count."""
        at = (event.occurred_at - EPOCH) // MICROSECOND
        self.ats.append(at)
        day = self.days[at // QUARTER_MICROSECONDS]
        user = self.users[self.accounts[event.account], event.user]
        feature = None if event.feature is None else self.features[event.feature]
        seconds, count = whole_seconds(event), event.count
        visit = self.visits[user, day]
        visit.events += 1
        if event.type == LOGIN:
            visit.logins += count
            if seconds is not None:
                visit.sessions += count
                visit.seconds += seconds
        elif event.type == FEATURE and feature is not None:
            visit.uses += count
            visit.features[feature] = visit.features.get(feature, 0) + count
        return user, day, self.types[event.type], feature, seconds, count

    def sum_up(self) -> None:
        owners = [account for account, _key in self.users]
        for (user, day), visit in self.visits.items():
            account = owners[user - 1]
            self.began[account] = min(day, self.began.get(account, day))
            self.see(user, day, day if visit.logins else None)
            self.account_days[account, day].add_day(visit)
            month, bit = month_of(day)
            self.user_months[user, month].add_month(visit, bit)

    def see(self, user: int, day: int, login: int | None) -> None:
        seen = self.seen.get(user)
        if seen is None:
            self.seen[user] = Seen(day, day, login)
            return
        seen.first, seen.last = min(day, seen.first), max(day, seen.last)
        if login is not None and (seen.login is None or login > seen.login):
            seen.login = login
