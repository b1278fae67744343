"""Events in: each is stored and counted once or not at all, however often it is sent."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from django.utils.translation import gettext as _

from accounts.models import Workspace
from accounts.services.stale import nudge
from usage.events import API, Event, Given, Rejected, Source, read_events
from usage.services.quarantine import quarantine
from usage.services.retention import taken_from
from usage.services.store import store_events


@dataclass(frozen=True)
class Ingested:
    """`touched` are the accounts with the earliest day on which events were accepted."""

    accepted: int
    duplicates: int
    rejected: list[Rejected]
    touched: dict[int, date] = field(default_factory=dict)


def ingest_events(
    *,
    workspace: Workspace,
    events: Sequence[Given],
    moment: datetime,
    source: Source = API,
    mark: bool = True,
    keep: bool = True,
) -> Ingested:
    """Store what is good, quarantine what is not, inside the open scope's transaction.

    `mark=False` leaves it to the caller to mark the touched accounts for evaluation, `keep=False`
    to keep what is rejected.
    """
    read = read_events(events, moment=moment, kept_from=taken_from(workspace, moment))
    good = [event for _index, event in read.good]
    stored = store_events(
        workspace=workspace,
        events=good,
        rejected=len(read.rejected) if keep else 0,
        source=source,
        moment=moment,
        mark=mark,
    )
    unknown = without_account(read.good, stored.unknown) if stored.unknown else []
    rejected = sorted([*read.rejected, *unknown], key=lambda bad: bad.index)
    if keep:
        quarantine(events=events, rejected=rejected, moment=moment, source=source)
    if mark and stored.touched:
        nudge()
    duplicates = len(good) - len(unknown) - stored.accepted
    return Ingested(stored.accepted, duplicates, rejected, stored.touched)


def without_account(events: list[tuple[int, Event]], unknown: frozenset[str]) -> list[Rejected]:
    message = _("account: there is no account with this key")
    return [
        Rejected(index, event.event_id, message)
        for index, event in events
        if event.account in unknown
    ]
