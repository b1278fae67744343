"""Rejected events sent again: what is good by now leaves the quarantine, the rest has a new reason."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from accounts.models import Workspace
from integrations.clients.events import login_names
from integrations.clients.messages import Clock, Message
from integrations.clients.posthog import read_posthog
from integrations.clients.segment import read_segment
from integrations.services.deliver import deliver
from usage.events import Rejected, Source
from usage.models import RejectedEvent
from usage.services.ingest import ingest_events

MOST = 1000
POSTHOG = "posthog"
CLIENTS = {"segment", "rudderstack", POSTHOG}
Body = dict[str, Any]
Again = Callable[[Source, list[Body]], Sequence[Rejected]]


@dataclass(frozen=True)
class Replayed:
    """`stored` left the quarantine, `rejected` are still in it."""

    stored: int
    rejected: int


def replay(*, workspace: Workspace, ids: Iterable[int], moment: datetime) -> Replayed:
    """Through the service that they came through, in the open scope's transaction."""
    listed = sorted(ids)
    parts = [
        _replay_part(workspace, listed[first : first + MOST], moment)
        for first in range(0, len(listed), MOST)
    ]
    return Replayed(sum(p.stored for p in parts), sum(p.rejected for p in parts))


def replay_edited(
    *, workspace: Workspace, event: RejectedEvent, body: Body, moment: datetime
) -> Replayed:
    RejectedEvent.objects.filter(pk=event.pk).update(body=body)
    return replay(workspace=workspace, ids=[event.pk], moment=moment)


def _replay_part(workspace: Workspace, ids: Sequence[int], moment: datetime) -> Replayed:
    # In the order of their ids, so that two who replay the same wait for each other.
    waiting = RejectedEvent.objects.waiting().filter(pk__in=ids)
    rows = list(waiting.order_by("pk").select_for_update())
    reasons: dict[int, str] = {}
    for (source, heard_at), same in _grouped(rows).items():
        bodies = [row.body for row in same]
        if heard_at is None:
            rejected = _events_again(workspace, source, bodies, moment)
        else:
            rejected = _messages_again(workspace, source, bodies, moment, heard_at)
        reasons |= {same[bad.index].pk: bad.message for bad in rejected}
    kept = [row for row in rows if row.pk in reasons or not isinstance(row.body, dict)]
    for row in kept:
        row.message = reasons.get(row.pk, row.message)
    RejectedEvent.objects.bulk_update(kept, ["message"])
    left = {row.pk for row in rows} - {row.pk for row in kept}
    RejectedEvent.objects.filter(pk__in=left).delete()
    return Replayed(len(left), len(kept))


def _grouped(
    rows: Iterable[RejectedEvent],
) -> dict[tuple[Source, datetime | None], list[RejectedEvent]]:
    """By sender; a client's own messages also by when they came, which their clock is read by."""
    found: dict[tuple[Source, datetime | None], list[RejectedEvent]] = defaultdict(list)
    for row in rows:
        if isinstance(row.body, dict):
            own = row.source in CLIENTS and "occurred_at" not in row.body
            source = Source(row.api_key_id, row.source)
            found[source, row.received_at if own else None].append(row)
    return found


def _events_again(
    workspace: Workspace, source: Source, bodies: list[Body], moment: datetime
) -> Sequence[Rejected]:
    done = ingest_events(
        workspace=workspace, events=bodies, moment=moment, source=source, keep=False
    )
    return done.rejected


def _messages_again(
    workspace: Workspace, source: Source, bodies: list[Body], moment: datetime, heard_at: datetime
) -> Sequence[Rejected]:
    clock, logins = Clock(heard_at), login_names(workspace.login_names)

    def read(message: Mapping[str, Any]) -> Message:
        if source.name == POSTHOG:
            return read_posthog(message, clock, logins)
        return read_segment(message, clock)

    done = deliver(
        workspace=workspace, messages=bodies, read=read, source=source, moment=moment, keep=False
    )
    return done.rejected
