"""How events reach PostgreSQL: one array literal for each column, in one call of a function.

COPY into a protected table is refused; arrays are a third less work than json_to_recordset, and an
array literal a quarter of what ARRAY[…] costs.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import msgspec
from django.db import connection, transaction

from accounts.models import Workspace
from accounts.models.workspace import UnknownAccounts
from accounts.tenancy import tenant_rows
from usage.events import Event
from usage.packed import literal

CONTROL = re.compile(r"[\x00-\x1f]")

_partitions: set[date] = set()
"""The months that are known to have a partition."""

# Shared with other batches; who counts days anew from the raw events takes it alone, so that no
# event is between the two. Before every other lock of the batch.
STORE = """
SELECT pg_advisory_xact_lock_shared(720453, hashint8(%(workspace)s));
SELECT accepted, unknown, touched, touched_days FROM usage_store_events(
    %(workspace)s, %(moment)s, %(currency)s, %(create)s, %(mark)s,
    %(ids)s, %(accounts)s, %(users)s, %(types)s, %(features)s, %(ats)s, %(days)s, %(seconds)s,
    %(counts)s, %(properties)s)
"""


@dataclass(frozen=True)
class Happened:
    """A well-formed event with its moment in UTC and its day in the workspace's time zone."""

    event: Event
    at: datetime
    day: date


@dataclass(frozen=True)
class Stored:
    """`unknown` are the accounts that the workspace wants rejected, `touched` days by account."""

    accepted: int
    unknown: frozenset[str]
    touched: dict[int, date]


def texts(values: Iterable[str | None]) -> str:
    """Texts as an array's text: inside quotes its escapes are those of JSON, but for controls."""
    listed = list(values)
    if CONTROL.search("".join(filter(None, listed))):
        return "{" + ",".join(map(quoted, listed)) + "}"
    return "{" + msgspec.json.encode(listed).decode()[1:-1] + "}"


def quoted(text: str | None) -> str:
    if text is None:
        return "NULL"
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def store_events(
    workspace: Workspace, events: Sequence[Happened], *, moment: datetime, mark: bool
) -> Stored:
    """Each event that was never seen before is stored and counted, in the open scope."""
    ensure_partitions({date(h.at.year, h.at.month, 1) for h in events})
    sent = [h.event for h in events]
    ((accepted, unknown, touched, days),) = tenant_rows(
        STORE,
        moment=moment,
        currency=workspace.currency,
        create=workspace.unknown_accounts == UnknownAccounts.CREATE,
        mark=mark,
        ids=texts([e.event_id for e in sent]),
        accounts=texts([e.account for e in sent]),
        users=texts([e.user for e in sent]),
        types=texts([e.type for e in sent]),
        features=texts([e.feature for e in sent]),
        ats=literal([h.at for h in events]),
        days=literal([h.day for h in events]),
        seconds=literal([seconds(e) for e in sent]),
        counts=literal([e.count for e in sent]),
        properties=texts([properties(e) for e in sent]),
    )
    return Stored(
        accepted, frozenset(unknown or ()), dict(zip(touched or (), days or (), strict=True))
    )


def seconds(event: Event) -> int | None:
    """Whole seconds, half up."""
    return None if event.duration_seconds is None else int(event.duration_seconds + 0.5)


def properties(event: Event) -> str | None:
    return msgspec.json.encode(event.properties).decode() if event.properties else None


def ensure_partitions(months: set[date]) -> None:
    """Before any other lock is taken: whoever creates a month makes others wait for it."""
    missing = sorted(months - _partitions)
    if not missing:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT usage_ensure_partition(month::timestamp AT TIME ZONE 'UTC')"
            " FROM unnest(%s::date[]) AS month",
            [literal(missing)],
        )
    transaction.on_commit(lambda: _partitions.update(missing))
