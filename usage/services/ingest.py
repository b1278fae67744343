"""Events in: each is stored and counted once or not at all, however often it is sent."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import msgspec
from django.utils.translation import gettext as _

from accounts.models import Workspace
from accounts.models.workspace import UnknownAccounts
from accounts.services.ensure import account_ids, ensure_accounts
from accounts.services.stale import mark_stale_from
from usage.events import LOGIN, Event, Given, Rejected, read_events
from usage.services import store
from usage.services.derive import Happened, deriving
from usage.services.quarantine import quarantine


@dataclass(frozen=True)
class Ingested:
    """`touched` are the accounts with the earliest day on which events were accepted."""

    accepted: int
    duplicates: int
    rejected: list[Rejected]
    touched: dict[int, date] = field(default_factory=dict)


def ingest_events(
    *, workspace: Workspace, events: Sequence[Given], moment: datetime, mark: bool = True
) -> Ingested:
    """Store what is good, quarantine what is not, inside the open scope's transaction.

    `mark=False` leaves it to the caller to mark the touched accounts for evaluation.
    """
    read = read_events(events, moment=moment)
    names = list({event.account for _index, event in read.good})
    known = account_ids(workspace=workspace, keys=names) if names else {}
    good, unknown = read.good, list[Rejected]()
    if workspace.unknown_accounts == UnknownAccounts.REJECT and len(known) < len(names):
        good, unknown = with_account(read.good, known)
    rejected = sorted([*read.rejected, *unknown], key=lambda bad: bad.index)
    quarantine(events=events, rejected=rejected, moment=moment)

    fresh = take(good, workspace.zone)
    touched = store_fresh(workspace, fresh, known, moment) if fresh else {}
    if mark:
        mark_stale_from(from_days=touched, moment=moment)
    return Ingested(len(fresh), len(good) - len(fresh), rejected, touched)


def with_account(
    events: list[tuple[int, Event]], known: dict[str, int]
) -> tuple[list[tuple[int, Event]], list[Rejected]]:
    good, rejected = [], []
    for index, event in events:
        if event.account in known:
            good.append((index, event))
        else:
            message = _("account: there is no account with this key")
            rejected.append(Rejected(index, event.event_id, message))
    return good, rejected


def take(events: list[tuple[int, Event]], zone: ZoneInfo) -> list[Happened]:
    """The events that were never seen before, each once."""
    once: dict[str, Happened] = {}
    for _index, event in events:
        if event.event_id not in once:
            # In UTC, because PostgreSQL refuses offsets that RFC 3339 allows.
            at = event.occurred_at.astimezone(UTC)
            day = at.astimezone(zone).date()
            once[event.event_id] = Happened(event, at, day, seconds(event))
    if not once:
        return []
    months = {(happened.at.year, happened.at.month) for happened in once.values()}
    store.ensure_partitions({date(year, month, 1) for year, month in months})
    fresh = store.take_keys({event_id: happened.day for event_id, happened in once.items()})
    return [happened for event_id, happened in once.items() if event_id in fresh]


def store_fresh(
    workspace: Workspace, events: list[Happened], known: dict[str, int], moment: datetime
) -> dict[int, date]:
    """Store accepted events and what derives from them; the earliest day of each account."""
    first: dict[str, date] = {}
    for happened in events:
        key = happened.event.account
        if key not in first or happened.day < first[key]:
            first[key] = happened.day
    if missing := {key: day for key, day in first.items() if key not in known}:
        known |= ensure_accounts(workspace=workspace, created_on=missing, moment=moment)
    for happened in events:
        happened.account_id = known[happened.event.account]
    features = store.ensure_features({h.event.feature for h in events if h.event.feature})
    users = store.ensure_users(seen(events))
    for happened in events:
        happened.user_id = users[happened.account_id, happened.event.user]
        happened.feature_id = features.get(happened.event.feature or "")
    stored = store.storing([row(happened) for happened in events], moment)
    store.run_all([stored, *deriving(events)])
    return {known[key]: day for key, day in first.items()}


def seconds(event: Event) -> int | None:
    """Whole seconds, half up."""
    return None if event.duration_seconds is None else int(event.duration_seconds + 0.5)


def seen(events: list[Happened]) -> dict[store.User, store.Seen]:
    """The first and last day of each user here, and the last one with a log-in."""
    found: dict[store.User, store.Seen] = {}
    for happened in events:
        user, day = (happened.account_id, happened.event.user), happened.day
        first, last, login = found.get(user, (day, day, None))
        if happened.event.type == LOGIN:
            login = day if login is None else max(login, day)
        found[user] = (min(first, day), max(last, day), login)
    return found


def row(happened: Happened) -> tuple[object, ...]:
    event = happened.event
    properties = event.properties and msgspec.json.encode(event.properties).decode()
    return (
        happened.at,
        event.event_id,
        happened.account_id,
        happened.user_id,
        event.type,
        happened.feature_id,
        happened.seconds,
        event.count,
        properties or None,
    )
