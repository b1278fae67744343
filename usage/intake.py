"""What came in: by hours or days, by key and source; what was refused, and why."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from django.db.models import Count, Max, Sum

from accounts.models import ApiKey
from accounts.tenancy import tenant_rows
from usage.days import DAY, start_of
from usage.models import RejectedEvent
from usage.packed import literal

Step = Literal["hour", "day"]
HOURS, DAYS = 48, 30
HOUR = timedelta(hours=1)
REASONS = 12

# An hour of UTC belongs to the day in which it begins.
CAME_IN = """
SELECT width_bucket(hour, %(starts)s::timestamptz[]) - 1 AS number, api_key_id, source,
    sum(accepted)::bigint, sum(duplicates)::bigint, sum(rejected)::bigint, max(last_at)
FROM usage_intakehour
WHERE workspace_id = %(workspace)s AND hour >= %(first)s AND hour < %(until)s
GROUP BY number, api_key_id, source ORDER BY number DESC, source, api_key_id
"""

LAST_EVENT = """
SELECT api_key_id, source, max(last_at) FROM usage_intakehour
WHERE workspace_id = %(workspace)s GROUP BY api_key_id, source
"""


@dataclass(frozen=True, slots=True)
class Counts:
    accepted: int = 0
    duplicates: int = 0
    rejected: int = 0

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(
            self.accepted + other.accepted,
            self.duplicates + other.duplicates,
            self.rejected + other.rejected,
        )

    @property
    def total(self) -> int:
        return self.accepted + self.duplicates + self.rejected


@dataclass(frozen=True, slots=True)
class Sender:
    """A key, or none (files), through one of the doors: api, segment, import …"""

    api_key_id: int | None
    source: str


@dataclass(frozen=True, slots=True)
class CameIn:
    """`number` counts the hours or days of the period from 0."""

    number: int
    sender: Sender
    counts: Counts
    last_at: datetime


@dataclass(frozen=True, slots=True)
class Reason:
    """`events` in the quarantine for one reason, that came `occurrences` times; one is an example."""

    message: str
    events: int
    occurrences: int
    last_at: datetime
    example: RejectedEvent


def starts_of(step: Step, moment: datetime, zone: ZoneInfo) -> list[datetime]:
    """The last hours or days, the current one last."""
    if step == "hour":
        last = moment.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
        return [last - number * HOUR for number in range(HOURS - 1, -1, -1)]
    today = moment.astimezone(zone).date()
    return [start_of(today - number * DAY, zone) for number in range(DAYS - 1, -1, -1)]


def day_starts(first: date, last: date, zone: ZoneInfo) -> list[datetime]:
    return [start_of(first + number * DAY, zone) for number in range((last - first).days + 1)]


def came_in(starts: Sequence[datetime], until: datetime) -> list[CameIn]:
    """The latest first; hours without anything have no row."""
    rows = tenant_rows(CAME_IN, starts=literal(starts), first=starts[0], until=until)
    return [
        CameIn(number, Sender(key_id, source), Counts(*counts), last_at)
        for number, key_id, source, *counts, last_at in rows
    ]


def last_seen() -> dict[Sender, datetime]:
    """When something came from each sender, whenever that was."""
    return {Sender(key_id, source): at for key_id, source, at in tenant_rows(LAST_EVENT)}


def key_names(senders: Sequence[Sender]) -> dict[int, ApiKey]:
    wanted = {sender.api_key_id for sender in senders if sender.api_key_id is not None}
    return {key.pk: key for key in ApiKey.objects.filter(pk__in=wanted)}


def reasons() -> list[Reason]:
    """Of what is in the quarantine, the latest first."""
    found = (
        RejectedEvent.objects.waiting()
        .values("message")
        .annotate(
            events=Count("pk"),
            times=Sum("occurrences"),
            last_at=Max("last_received_at"),
            latest=Max("pk"),
        )
        .order_by("-last_at", "message")[:REASONS]
    )
    rows = list(found)
    examples = RejectedEvent.objects.in_bulk([row["latest"] for row in rows])
    return [
        Reason(row["message"], row["events"], row["times"], row["last_at"], examples[row["latest"]])
        for row in rows
    ]
