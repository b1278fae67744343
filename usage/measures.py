"""The usage measures of the scoring contract, for many accounts and days at once."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

import numpy as np

from accounts.models import Workspace
from accounts.tenancy import current_workspace_id
from usage import windows
from usage.account_days import AccountDays
from usage.asked import Asked
from usage.models import Feature
from usage.people import Part, People
from usage.windows import Bools, Ints

PERCENT = 100
LONGEST_WINDOW = 400
KNOWN_DAYS = 365
"""A user who was not seen for longer is no longer known."""

Frequency = Literal["daily", "frequent", "occasional"]


@dataclass(frozen=True)
class Measure:
    """`features` narrows feature_uses, feature_users and features_adopted; none named = all.

    `frequency` is what users must be at least, for the measure of this name.
    """

    measure: str
    window_days: int
    features: tuple[str, ...] = ()
    min_uses: int = 1
    frequency: Frequency | None = None


@dataclass(frozen=True)
class Activity:
    """What the requests need of some accounts over some days; `limits` are days by frequency."""

    asked: Asked
    days: AccountDays
    people: People
    tracked: Sequence[str]
    limits: Mapping[str, int]

    @property
    def known(self) -> Bools:
        return self.days.known


Values = tuple[Ints, Bools]
Calculation = Callable[[Activity, Measure], Values]


def counted(column: str) -> Calculation:
    def calculate(activity: Activity, request: Measure) -> Values:
        return windows.fixed(activity.days.summed(column, request.window_days)), activity.known

    return calculate


def active_users(activity: Activity, request: Measure) -> Values:
    users = activity.people.distinct("active", request.window_days)
    return windows.fixed(users), activity.known


def unique_logins(activity: Activity, request: Measure) -> Values:
    users = activity.people.distinct("login", request.window_days)
    return windows.fixed(users), activity.known


def session_minutes(activity: Activity, request: Measure) -> Values:
    seconds = activity.days.summed("session_seconds", request.window_days)
    sessions = activity.days.summed("sessions", request.window_days)
    return windows.ratio(seconds, sessions * 60)


def minutes_per_active_user(activity: Activity, request: Measure) -> Values:
    seconds = activity.days.summed("session_seconds", request.window_days)
    users = activity.people.distinct("active", request.window_days)
    return windows.ratio(seconds, users * 60)


def stickiness(activity: Activity, request: Measure) -> Values:
    span = request.window_days
    users = activity.people.distinct("active", span)
    return windows.ratio(activity.people.daily(span), users * span, PERCENT)


def feature_uses(activity: Activity, request: Measure) -> Values:
    if not request.features:
        return counted("feature_uses")(activity, request)
    keys = dict.fromkeys(request.features)
    uses = [activity.days.uses(key, request.window_days) for key in keys]
    return windows.fixed(np.sum(uses, axis=0)), activity.known


def feature_users(activity: Activity, request: Measure) -> Values:
    users = activity.people.users_of(request.features, request.window_days)
    return windows.fixed(users), activity.known


def features_adopted(activity: Activity, request: Measure) -> Values:
    tracked = dict.fromkeys(request.features or activity.tracked)
    adopted = np.zeros(activity.known.shape, np.int64)
    for key in tracked:
        adopted += activity.days.uses(key, request.window_days) >= request.min_uses
    share, some = windows.ratio(adopted, np.full(adopted.shape, len(tracked)), PERCENT)
    return share, some & activity.known


def license_utilization(activity: Activity, request: Measure) -> Values:
    users = activity.people.distinct("active", request.window_days)
    share, licensed = windows.ratio(users, activity.days.seats, PERCENT)
    return share, licensed & activity.known


def frequency(activity: Activity, request: Measure) -> Values:
    """The limits count days of the window as they are, however long it is."""
    least = activity.limits[request.frequency or "occasional"]
    users = activity.people.frequent(least, request.window_days, KNOWN_DAYS)
    return windows.ratio(users, activity.people.distinct("active", KNOWN_DAYS), PERCENT)


def days_since_last_login(activity: Activity, request: Measure) -> Values:
    """0 on a day with a log-in; the window does not matter."""
    last = activity.days.last_login
    known = last > windows.NEVER
    since = activity.asked.days[:, None] - last
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
    "feature_users": feature_users,
    "features_adopted": features_adopted,
    "license_utilization": license_utilization,
    "frequency": frequency,
    "days_since_last_login": days_since_last_login,
}

COLUMNS = {
    "logins": ["logins"],
    "active_days": [],
    "session_minutes": ["session_seconds", "sessions"],
    "minutes_per_active_user": ["session_seconds"],
    "feature_uses": ["feature_uses"],
}
"""Of AccountDay, that a measure sums."""

PARTS: dict[str, tuple[Part, ...]] = {
    "active_users": ("active",),
    "unique_logins": ("login",),
    "stickiness": ("active", "days"),
    "minutes_per_active_user": ("active",),
    "license_utilization": ("active",),
    "frequency": ("days",),
    "feature_users": ("features",),
}
"""What a measure needs of people."""


def measured(
    *, account_ids: Sequence[int], days: Sequence[date], requests: Sequence[Measure]
) -> list[Values]:
    """For each request the values [d, n] in ten-thousandths and whether they are known.

    The days ascend. Before an account's first event nothing is known; after it a count without
    events is 0. A window of N days ends with the day itself. The number of queries depends only on
    the kinds of measures.
    """
    ordinals = np.asarray([day.toordinal() for day in days], np.int64)
    if not len(ordinals) or not account_ids:
        empty = np.zeros((len(ordinals), len(account_ids)), np.int64)
        return [(empty, empty > 0) for _ in requests]
    activity = activity_of(Asked(account_ids, ordinals), requests)
    return [blanked(MEASURES[request.measure](activity, request)) for request in requests]


def activity_of(asked: Asked, requests: Sequence[Measure]) -> Activity:
    tracked = tracked_features(requests)
    summed = [r for r in requests if r.measure in COLUMNS and not named(r)]
    by_feature = [r for r in requests if named(r)]
    users = [r for r in requests if r.measure == "feature_users"]
    return Activity(
        asked,
        AccountDays(
            asked,
            columns={name for r in summed for name in COLUMNS[r.measure]},
            spans={r.window_days for r in summed},
            features={key for r in by_feature for key in r.features or tracked},
            feature_spans={r.window_days for r in by_feature},
        ),
        People(
            asked,
            spans=spans_of(requests),
            features={r.features for r in users},
        ),
        tracked,
        limits_of(requests),
    )


def named(request: Measure) -> bool:
    """Whether it counts the uses of single features."""
    uses = request.measure == "feature_uses" and bool(request.features)
    return uses or request.measure == "features_adopted"


def spans_of(requests: Sequence[Measure]) -> Mapping[Part, set[int]]:
    spans: dict[Part, set[int]] = defaultdict(set)
    for request in requests:
        for part in PARTS.get(request.measure, ()):
            spans[part].add(request.window_days)
        if request.measure == "frequency":
            spans["active"].add(KNOWN_DAYS)
    return spans


def limits_of(requests: Sequence[Measure]) -> Mapping[str, int]:
    if all(request.measure != "frequency" for request in requests):
        return {}
    return Workspace.objects.get(pk=current_workspace_id()).frequency_limits


def tracked_features(requests: Sequence[Measure]) -> list[str]:
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
    days = week_ends(as_of, weeks)
    ((numbers, known),) = measured(account_ids=[account_id], days=days, requests=[request])
    values = [int(n) if k else None for n, k in zip(numbers[:, 0], known[:, 0], strict=True)]
    return list(zip(days, values, strict=True))


def week_ends(as_of: date, weeks: int) -> list[date]:
    return [as_of - timedelta(weeks=number) for number in range(weeks - 1, -1, -1)]
