"""What waits in the quarantine, as its page and the API ask for it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db.models import Count, Q, QuerySet

from usage.models import RejectedEvent

MICROSECOND = timedelta(microseconds=1)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
LARGEST = 10**17
PERIODS = {"day": timedelta(days=1), "week": timedelta(days=7)}


@dataclass(frozen=True, slots=True)
class Wanted:
    """A filter; what is empty does not narrow."""

    reason: str = ""
    source: str = ""
    key: int | None = None
    since: datetime | None = None

    @classmethod
    def of(cls, query: Mapping[str, str], moment: datetime) -> "Wanted":
        key, period = query.get("key", ""), PERIODS.get(query.get("period", ""))
        return cls(
            reason=query.get("reason", "").replace("\0", ""),
            source=query.get("source", "").replace("\0", ""),
            key=int(key) if key.isascii() and key.isdecimal() and len(key) < 19 else None,
            since=moment - period if period else None,
        )

    def rows(self) -> QuerySet[RejectedEvent]:
        found: QuerySet[RejectedEvent] = RejectedEvent.objects.waiting()
        if self.reason:
            found = found.filter(message=self.reason)
        if self.source:
            found = found.filter(source=self.source)
        if self.key is not None:
            found = found.filter(api_key_id=self.key)
        if self.since is not None:
            found = found.filter(last_received_at__gte=self.since)
        return found


@dataclass(frozen=True, slots=True)
class Place:
    """Behind which event a page begins."""

    at: datetime
    pk: int

    def __str__(self) -> str:
        return f"{(self.at - EPOCH) // MICROSECOND}-{self.pk}"

    @classmethod
    def read(cls, text: str) -> "Place | None":
        at, _dash, pk = text.partition("-")
        if not all(part.isascii() and part.isdecimal() for part in (at, pk)):
            return None
        if int(at) > LARGEST or int(pk) >= 2**63:
            return None
        return cls(EPOCH + int(at) * MICROSECOND, int(pk))


def page_of(
    wanted: Wanted, place: Place | None, size: int
) -> tuple[list[RejectedEvent], Place | None]:
    """The latest first, and where the next page begins, if there is one."""
    rows = wanted.rows().select_related("api_key").order_by("-last_received_at", "-pk")
    if place is not None:
        rows = rows.filter(
            Q(last_received_at__lt=place.at) | Q(last_received_at=place.at, pk__lt=place.pk)
        )
    found = list(rows[: size + 1])
    shown = found[:size]
    last = Place(shown[-1].last_received_at, shown[-1].pk) if len(found) > size else None
    return shown, last


def options() -> dict[str, list[tuple[str, int]]]:
    """The reasons and sources that there are, each with its number of events."""
    waiting = RejectedEvent.objects.waiting()
    return {
        name: list(
            waiting.values_list(name).annotate(events=Count("pk")).order_by("-events", name)[:20]
        )
        for name in ("message", "source")
    }
