"""Events sent through the front door, and what hypothesis makes of them."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import count
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from accounts.models import Account, SeatChange, Workspace
from accounts.tenancy import scope
from tests.usage.naive import LIMITS, Happening, Seats
from usage.services.ingest import ingest_events

START = date(2026, 1, 20)
FEATURES = ("reports", "search")
TIMES = time(0, 10), time(12), time(23, 50)
"""By the clock of the workspace: the first and the last are other days in UTC."""
_ids = count()


def record(
    workspace: Workspace, events: Sequence[Happening], seats: Seats | None = None
) -> dict[str, int]:
    """Send the events through the front door; the accounts' ids by key."""
    sent: list[dict[str, Any]] = [
        {
            "event_id": str(next(_ids)),
            "account": e.account,
            "user": e.user,
            "type": e.type,
            "occurred_at": datetime.combine(e.day, TIMES[n % 3], workspace.zone).isoformat(),
            "feature": e.feature,
            "duration_seconds": e.seconds,
            "count": e.count,
        }
        for n, e in enumerate(events)
    ]
    moment = datetime(2027, 12, 1, tzinfo=UTC)
    with scope(workspace.pk):
        # Two batches: what is derived adds up over batches.
        for half in (sent[::2], sent[1::2]):
            done = ingest_events(workspace=workspace, events=half, moment=moment)
            assert done.rejected == []
        ids: dict[str, int] = dict(Account.objects.values_list("key", "id"))
        for key, changes in (seats or {}).items():
            for since, number in changes:
                SeatChange.objects.update_or_create(
                    account_id=ids[key], from_day=since, defaults={"seats": number}
                )
    return ids


# Some days lie close together, so that users come often, and some a year or more apart.
days = (st.integers(0, 12) | st.integers(0, 75) | st.integers(0, 420)).map(
    lambda number: START + timedelta(days=number)
)
happenings = st.builds(
    Happening,
    account=st.sampled_from(["a", "b"]),
    user=st.sampled_from(["ann", "bob", "eve"]),
    day=days,
    type=st.sampled_from(["login", "exported"]),
    seconds=st.none() | st.integers(0, 5000),
    count=st.integers(1, 3),
) | st.builds(
    Happening,
    account=st.sampled_from(["a", "b"]),
    user=st.sampled_from(["ann", "bob"]),
    day=days,
    type=st.just("feature"),
    feature=st.sampled_from([*FEATURES, "other"]),
    count=st.integers(1, 3),
)


def limited(workspace: Workspace) -> Workspace:
    for name, least in LIMITS.items():
        setattr(workspace, f"frequency_{name}", least)
    workspace.save()
    return workspace


patient = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
