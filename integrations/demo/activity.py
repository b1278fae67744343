"""The demo's usage: each person's days in the product, week by week, by the account's character."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt

from integrations.demo.portfolio import (
    DECLINING,
    GROWING,
    LOST_DATA,
    NEW,
    SEASONAL,
    SPONSOR_LOST,
    DemoAccount,
)

FEATURES = ("dashboards", "reports", "exports", "automation", "api")
WEEKEND = 0.12
HOUR, DAY = 3600, 86_400


def intensity(account: DemoAccount, day: date, today: date) -> float:
    """The chance that a person is active on a working day."""
    ago = (today - day).days
    if day < account.created_on or (account.character == LOST_DATA and ago < 45):
        return 0.0
    factor = 1.0
    if account.character == GROWING:
        factor = 1.25 - 0.75 * min(ago, 180) / 180
    elif account.character == DECLINING:
        factor = 0.22 + 1.1 * min(ago, 120) / 120
    elif account.character == SPONSOR_LOST:
        factor = 0.55 if ago < 25 else 1.1
    elif account.character == SEASONAL:
        factor = 1 + 0.65 * float(np.sin(2 * np.pi * day.timetuple().tm_yday / 91))
    elif account.character == NEW:
        factor = min(1.0, (day - account.created_on).days / 30)
    weekday = WEEKEND if day.weekday() >= 5 else 1.0
    return min(0.95, account.activity * factor * weekday)


def demo_events(
    account: DemoAccount, *, first: date, today: date, until: datetime, seed: int
) -> Iterator[dict[str, Any]]:
    """Events as the API takes them, in order of days, none after `until`."""
    rng = np.random.default_rng([seed, *account.key.encode()])
    days = [first + timedelta(days=n) for n in range((today - first).days + 1)]
    chances = np.array([intensity(account, day, today) for day in days])
    visits = _visits(account, chances, rng)
    midnight = datetime.combine(first, datetime.min.time(), UTC)
    for number, (start, seconds, user, used_at, feature, count) in enumerate(visits):
        happened = midnight + timedelta(seconds=start)
        if happened > until:
            break
        who = {"account": account.key, "user": f"user-{user + 1:04d}"}
        yield {
            "event_id": f"demo-{account.key}-{number}",
            **who,
            "type": "login",
            "occurred_at": happened.isoformat(),
            "duration_seconds": seconds,
        }
        used = midnight + timedelta(seconds=used_at)
        if feature >= 0 and used <= until:
            yield {
                "event_id": f"demo-{account.key}-{number}-used",
                **who,
                "type": "feature",
                "feature": FEATURES[feature],
                "occurred_at": used.isoformat(),
                "count": count,
            }


def _visits(
    account: DemoAccount, chances: npt.NDArray[np.float64], rng: np.random.Generator
) -> Iterator[tuple[int, ...]]:
    """Start and seconds of each, by whom, and when which feature (-1: none) was used how often."""
    at, users = np.nonzero(rng.random((len(chances), account.users)) < chances[:, None])
    n = len(at)
    start = at * DAY + 7 * HOUR + rng.integers(0, 11 * HOUR, n)
    order = np.argsort(start, kind="stable")
    seconds = (60 * np.maximum(1.0, rng.normal(6 + 26 * account.quality, 6, n))).astype(int)
    known = 1 + int(account.quality * (len(FEATURES) - 1) + 0.5)
    features = np.where(rng.random(n) < 0.6, rng.integers(0, known, n), -1)
    used_at = start + (seconds * rng.random(n)).astype(int)
    columns = (start, seconds, users, used_at, features, rng.integers(1, 5, n))
    return zip(*(column[order].tolist() for column in columns), strict=True)
