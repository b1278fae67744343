"""The usage measures of the scoring contract, for many accounts and days at once."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from usage import windows
from usage.activity import Activity
from usage.models import Feature
from usage.windows import Bools, Ints

PERCENT = 100


@dataclass(frozen=True)
class Measure:
    """`features` narrows feature_uses and features_adopted; none named = all."""

    measure: str
    window_days: int
    features: tuple[str, ...] = ()
    min_uses: int = 1


Values = tuple[Ints, Bools]
Calculation = Callable[[Activity, Measure], Values]


def summed(activity: Activity, column: str, span: int) -> Ints:
    return windows.window_sums(activity.sums[column], activity.points, activity.days, span)


def feature_sums(activity: Activity, key: str, span: int) -> Ints:
    before = activity.feature_sums[key]
    return windows.window_sums(before, activity.points, activity.days, span)


def counted(column: str) -> Calculation:
    def calculate(activity: Activity, request: Measure) -> Values:
        return windows.fixed(summed(activity, column, request.window_days)), activity.known

    return calculate


def active_users(activity: Activity, request: Measure) -> Values:
    return windows.fixed(activity.distinct("active", request.window_days)), activity.known


def unique_logins(activity: Activity, request: Measure) -> Values:
    return windows.fixed(activity.distinct("login", request.window_days)), activity.known


def session_minutes(activity: Activity, request: Measure) -> Values:
    seconds = summed(activity, "session_seconds", request.window_days)
    sessions = summed(activity, "sessions", request.window_days)
    return windows.ratio(seconds, sessions * 60)


def minutes_per_active_user(activity: Activity, request: Measure) -> Values:
    seconds = summed(activity, "session_seconds", request.window_days)
    return windows.ratio(seconds, activity.distinct("active", request.window_days) * 60)


def stickiness(activity: Activity, request: Measure) -> Values:
    span = request.window_days
    daily = windows.window_sums(activity.user_day_sums, activity.points, activity.days, span)
    return windows.ratio(daily, activity.distinct("active", span) * span, PERCENT)


def feature_uses(activity: Activity, request: Measure) -> Values:
    if not request.features:
        return counted("feature_uses")(activity, request)
    uses = [
        feature_sums(activity, key, request.window_days) for key in dict.fromkeys(request.features)
    ]
    return windows.fixed(np.sum(uses, axis=0)), activity.known


def features_adopted(activity: Activity, request: Measure) -> Values:
    tracked = dict.fromkeys(request.features or activity.tracked)
    adopted = np.zeros(activity.known.shape, np.int64)
    for key in tracked:
        adopted += feature_sums(activity, key, request.window_days) >= request.min_uses
    share, some = windows.ratio(adopted, np.full(adopted.shape, len(tracked)), PERCENT)
    return share, some & activity.known


def license_utilization(activity: Activity, request: Measure) -> Values:
    users = activity.distinct("active", request.window_days)
    share, licensed = windows.ratio(users, activity.seats, PERCENT)
    return share, licensed & activity.known


def days_since_last_login(activity: Activity, request: Measure) -> Values:
    """0 on a day with a log-in; the window does not matter."""
    known = activity.last_login > windows.NEVER
    since = activity.days[:, None] - activity.last_login
    return windows.fixed(np.where(known, since, 0)), known


MEASURES: dict[str, Calculation] = {
    "logins": counted("logins"),
    "active_users": active_users,
    "unique_logins": unique_logins,
    "active_days": counted("active_days"),
    "stickiness": stickiness,
    "session_minutes": session_minutes,
    "minutes_per_active_user": minutes_per_active_user,
    "feature_uses": feature_uses,
    "features_adopted": features_adopted,
    "license_utilization": license_utilization,
    "days_since_last_login": days_since_last_login,
}

COLUMNS = {
    "logins": ["logins"],
    "active_days": [],
    "session_minutes": ["session_seconds", "sessions"],
    "minutes_per_active_user": ["session_seconds"],
    "feature_uses": ["feature_uses"],
    "days_since_last_login": ["logins"],
}
"""Of AccountDay, that a measure sums."""


def measured(
    *, account_ids: Sequence[int], days: Sequence[date], requests: Sequence[Measure]
) -> list[Values]:
    """For each request the values [d, n] in ten-thousandths and whether they are known.

    The days are consecutive. Before an account's first event nothing is known; after it a count
    without events is 0. A window of N days ends with the day itself. The number of queries depends
    only on the kinds of measures.
    """
    ordinals = np.asarray([day.toordinal() for day in days], np.int64)
    if not len(ordinals) or not account_ids:
        empty = np.zeros((len(ordinals), len(account_ids)), np.int64)
        return [(empty, empty > 0) for _ in requests]
    activity = Activity(
        account_ids,
        ordinals,
        spans={request.window_days for request in requests},
        features={key for request in requests for key in request.features},
        tracked=tracked(requests),
        columns=summed_columns(requests),
    )
    return [blanked(MEASURES[request.measure](activity, request)) for request in requests]


def summed_columns(requests: Sequence[Measure]) -> set[str] | None:
    """None where no sums are read at all."""
    asked = [r for r in requests if r.measure in COLUMNS]
    asked = [r for r in asked if not (r.measure == "feature_uses" and r.features)]
    return {name for r in asked for name in COLUMNS[r.measure]} if asked else None


def tracked(requests: Sequence[Measure]) -> list[str]:
    """The keys of the workspace's features, where a request stands for all of them."""
    if any(r.measure == "features_adopted" and not r.features for r in requests):
        return list(Feature.objects.order_by("key").values_list("key", flat=True))
    return []


def blanked(values: Values) -> Values:
    """What is not known is 0."""
    numbers, known = values
    return np.where(known, numbers, 0), known


def decimals(values: Values) -> list[str | None]:
    """The values of a single account as the API writes them; None where not known."""
    numbers, known = values
    return [
        f"{number // windows.SCALE}.{number % windows.SCALE:04d}" if is_known else None
        for number, is_known in zip(numbers[:, 0].tolist(), known[:, 0].tolist(), strict=True)
    ]


def weekly(
    *, account_id: int, request: Measure, as_of: date, weeks: int
) -> list[tuple[date, int | None]]:
    """The measure at the end of each of the last weeks, the oldest first; the last ends `as_of`."""
    days = [as_of - timedelta(days=number) for number in range(7 * (weeks - 1), -1, -1)]
    ((numbers, known),) = measured(account_ids=[account_id], days=days, requests=[request])
    return [
        (days[place], int(numbers[place, 0]) if known[place, 0] else None)
        for place in range(0, len(days), 7)
    ]
