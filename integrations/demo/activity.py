"""The demo's usage: each person's days in the product, week by week, by the account's character."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np

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
    number = 0
    for offset in range((today - first).days + 1):
        day = first + timedelta(days=offset)
        for user in np.flatnonzero(rng.random(account.users) < intensity(account, day, today)):
            for event in _visit(account, int(user), day, rng):
                number += 1
                if datetime.fromisoformat(event["occurred_at"]) <= until:
                    yield {"event_id": f"demo-{account.key}-{number}", **event}


def _visit(
    account: DemoAccount, user: int, day: date, rng: np.random.Generator
) -> Iterator[dict[str, Any]]:
    start = datetime.combine(day, datetime.min.time(), UTC) + timedelta(
        hours=7, seconds=int(rng.integers(0, 11 * 3600))
    )
    who = {"account": account.key, "user": f"user-{user + 1:04d}"}
    minutes = max(1.0, float(rng.normal(6 + 26 * account.quality, 6)))
    yield {
        **who,
        "type": "login",
        "occurred_at": start.isoformat(),
        "duration_seconds": int(minutes * 60),
    }
    known = 1 + int(account.quality * (len(FEATURES) - 1) + 0.5)
    if rng.random() < 0.6:
        moment = start + timedelta(minutes=minutes * float(rng.random()))
        yield {
            **who,
            "type": "feature",
            "feature": FEATURES[int(rng.integers(0, known))],
            "occurred_at": moment.isoformat(),
            "count": int(rng.integers(1, 5)),
        }
