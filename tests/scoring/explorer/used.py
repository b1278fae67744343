"""Accounts with usage for the tests of the pages on it: what each did is easily told."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from accounts.models import Account, Workspace
from accounts.tenancy import scope
from tests.factories import make_account
from tests.scoring.portfolios import make_health
from usage.services.ingest import ingest_events

TODAY = date(2026, 3, 10)
NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)


def event(number: str, account: str, user: str, ago: int, feature: str = "") -> dict[str, Any]:
    """A log-in of ten minutes, or a use of the feature."""
    return {
        "event_id": f"{account}-{number}",
        "account": account,
        "user": user,
        "type": "feature" if feature else "login",
        "feature": feature or None,
        "occurred_at": f"{TODAY - timedelta(days=ago)}T10:00:00Z",
        "duration_seconds": None if feature else 600,
    }


def happen(workspace: Workspace, events: list[dict[str, Any]]) -> None:
    with scope(workspace.pk):
        ingest_events(workspace=workspace, events=events, moment=NOON)


def make_used(
    workspace: Workspace, key: str, *, users: int, ago: int = 1, **fields: Any
) -> Account:
    """Its users each logged in once and used reports once, so many days ago."""
    made = make_account(workspace, key, **fields)
    use(workspace, key, users=users, ago=ago)
    return made


def make_peer(workspace: Workspace, key: str, *, users: int, ago: int = 1) -> Account:
    """One that the scorecard of portfolios measures, besides."""
    made = make_health(workspace, key)
    use(workspace, key, users=users, ago=ago)
    return made


def use(workspace: Workspace, key: str, *, users: int, ago: int) -> None:
    names = [f"user-{n:03}" for n in range(users)]
    happen(workspace, [event(f"in-{ago}-{name}", key, name, ago) for name in names])
    happen(workspace, [event(f"use-{ago}-{name}", key, name, ago, "reports") for name in names])
