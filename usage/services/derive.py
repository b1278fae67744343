"""Daily activity, derived from the events that were accepted now."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeVar

from usage.events import FEATURE, LOGIN, Event
from usage.services import store

Key = TypeVar("Key", bound=tuple[object, ...])


@dataclass(slots=True)
class Happened:
    """An accepted event with its places: day of the workspace's time zone, ids of its names."""

    event: Event
    at: datetime
    day: date
    seconds: int | None
    account_id: int = 0
    user_id: int = 0
    feature_id: int | None = None


ACCOUNT_DAY = "account_id day events logins sessions session_seconds feature_uses"
FEATURE_DAY = "account_id feature_id day uses"
USER_MONTH = (
    "account_id end_user_id month active_days login_days logins feature_uses session_seconds"
)
ADD_ACCOUNT_DAYS = store.adding("usage_accountday", ACCOUNT_DAY, keys=2)
ADD_FEATURE_DAYS = store.adding("usage_featureday", FEATURE_DAY, keys=3)
ADD_USER_MONTHS = store.adding(
    "usage_usermonth", USER_MONTH, keys=3, masks={"active_days", "login_days"}
)


def deriving(events: Sequence[Happened]) -> list[tuple[str, store.Parameters]]:
    """The statements that add the events; their keys make each count once, so adding is exact."""
    days: dict[tuple[int, date], list[int]] = {}
    features: dict[tuple[int, int, date], list[int]] = {}
    months: dict[tuple[int, int, date], list[int]] = {}
    places = {day: (day.replace(day=1), 1 << (day.day - 1)) for day in {h.day for h in events}}
    for happened in events:
        event, day, account_id = happened.event, happened.day, happened.account_id
        if (of_day := days.get((account_id, day))) is None:
            of_day = days[account_id, day] = [0, 0, 0, 0, 0]
        month, bit = places[day]
        user_month = (account_id, happened.user_id, month)
        if (of_month := months.get(user_month)) is None:
            of_month = months[user_month] = [0, 0, 0, 0, 0]
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
            features.setdefault((account_id, happened.feature_id, day), [0])[0] += event.count
    return [
        adding(ADD_ACCOUNT_DAYS, ACCOUNT_DAY, days),
        *([adding(ADD_FEATURE_DAYS, FEATURE_DAY, features)] if features else []),
        adding(ADD_USER_MONTHS, USER_MONTH, months),
    ]


def adding(
    statement: str, names: str, sums: Mapping[Key, list[int]]
) -> tuple[str, store.Parameters]:
    columns = zip(*((*key, *values) for key, values in sums.items()), strict=True)
    return statement, dict(zip(names.split(), map(store.plain, columns), strict=True))
