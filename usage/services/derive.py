"""Daily activity, derived from the events that were accepted now."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from usage.events import FEATURE, LOGIN, Event
from usage.services import store

Key = TypeVar("Key", bound=tuple[object, ...])


@dataclass(slots=True)
class Happened:
    """An accepted event with its places: day of the workspace's time zone, ids of its names."""

    event: Event
    day: date
    account_id: int
    user_id: int = 0
    feature_id: int | None = None
    seconds: int | None = None


ADD_ACCOUNT_DAYS = store.adding(
    "usage_accountday",
    "account_id day",
    "events logins sessions session_seconds feature_uses",
)
ADD_FEATURE_DAYS = store.adding("usage_featureday", "account_id feature_id day", "uses")
ADD_USER_MONTHS = store.adding(
    "usage_usermonth",
    "account_id end_user_id month",
    "logins feature_uses session_seconds",
    "active_days login_days",
)


def derive_activity(events: Sequence[Happened]) -> None:
    """The event keys make each event count once, so that adding is exact."""
    days: dict[tuple[int, date], list[int]] = defaultdict(lambda: [0] * 5)
    features: dict[tuple[int, int, date], list[int]] = defaultdict(lambda: [0])
    months: dict[tuple[int, int, date], list[int]] = defaultdict(lambda: [0] * 5)
    for happened in events:
        event, day, account_id = happened.event, happened.day, happened.account_id
        of_day = days[account_id, day]
        of_month = months[account_id, happened.user_id, day.replace(day=1)]
        bit = 1 << (day.day - 1)
        of_day[0] += 1
        of_month[0] |= bit
        if event.type == LOGIN:
            of_day[1] += event.count
            of_month[1] |= bit
            of_month[2] += event.count
            if happened.seconds is not None:
                of_day[2] += event.count
                of_day[3] += happened.seconds
                of_month[4] += happened.seconds
        elif event.type == FEATURE and happened.feature_id is not None:
            of_day[4] += event.count
            of_month[3] += event.count
            features[account_id, happened.feature_id, day][0] += event.count
    add(
        ADD_ACCOUNT_DAYS, "account_id day events logins sessions session_seconds feature_uses", days
    )
    add(ADD_FEATURE_DAYS, "account_id feature_id day uses", features)
    add(
        ADD_USER_MONTHS,
        "account_id end_user_id month active_days login_days logins feature_uses session_seconds",
        months,
    )


def add(statement: str, names: str, sums: Mapping[Key, list[int]]) -> None:
    if sums:
        columns = zip(*((*key, *values) for key, values in sums.items()), strict=True)
        arrays = map(store.array, columns)
        store.run(statement, **dict(zip(names.split(), arrays, strict=True)))
