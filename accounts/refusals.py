"""Requests with a known key that were refused whole, counted by day in the shared cache.

Nothing is stored of such a request, so no row can tell of it. Where the cache does not answer, nobody
counts.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from accounts.counters import tallies, tally

KEPT_SECONDS = 31 * 24 * 3600


@dataclass(frozen=True, slots=True)
class Owner:
    workspace_id: int
    api_key_id: int


@dataclass(frozen=True, slots=True)
class Refused:
    """How often a key's requests were answered with a status, and when the last was."""

    api_key_id: int
    status: int
    number: int
    last_at: datetime


def note_refused(owner: Owner, *, status: int, moment: datetime) -> None:
    tally(
        _name(owner.workspace_id, moment.astimezone(UTC).date()),
        f"{owner.api_key_id}-{status}",
        moment=int(moment.timestamp()),
        seconds=KEPT_SECONDS,
    )


def refused(workspace_id: int, days: Sequence[date]) -> list[Refused]:
    """On these days of UTC, the latest first."""
    found: dict[tuple[int, int], Refused] = {}
    for fields in tallies([_name(workspace_id, day) for day in days]):
        for field, (number, moment) in fields.items():
            key, _dash, status = field.partition("-")
            before = found.get((int(key), int(status)))
            last_at = datetime.fromtimestamp(moment, UTC)
            found[int(key), int(status)] = Refused(
                int(key),
                int(status),
                number + (before.number if before else 0),
                max(last_at, before.last_at) if before else last_at,
            )
    return sorted(found.values(), key=lambda row: row.last_at, reverse=True)


def _name(workspace_id: int, day: date) -> str:
    return f"refused:{workspace_id}:{day.isoformat()}"
