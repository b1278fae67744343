"""Days of a workspace's time zone, as moments and as months."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

DAY = timedelta(days=1)


def start_of(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time.min, zone).astimezone(UTC)


def month_of(day: date) -> date:
    return day.replace(day=1)


def next_month(month: date) -> date:
    return month_of(month + timedelta(days=31))


def months_between(first: date, last: date) -> Iterator[date]:
    """The first days of the months from that of `first` to that of `last`."""
    month = month_of(first)
    while month <= last:
        yield month
        month = next_month(month)


def first_whole_month(moment: datetime, zone: ZoneInfo) -> date:
    """The first month that has nothing before the moment."""
    month = month_of(moment.astimezone(zone).date())
    return month if start_of(month, zone) >= moment else next_month(month)
