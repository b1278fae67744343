"""An event that comes alone: one statement, which is one transaction, instead of a batch of one."""

from datetime import UTC, date, datetime
from typing import Any

from django.conf import settings

from accounts.services.keys import USED_EVERY, KnownKey
from accounts.services.stale import nudge
from accounts.tenancy import tenant_rows
from usage.days import month_of
from usage.events import FEATURE, LOGIN, Event, Source
from usage.services.batch import whole_seconds
from usage.services.store import has_partition, properties

# Sent as one text they are one transaction; the time is that of the second.
STORE = """
SET LOCAL statement_timeout = %(timeout)s;
SELECT usage_store_one(%(hash)s, %(version)s, %(moment)s, %(noted_before)s,
    %(workspace)s, %(sender)s, %(origin)s,
    %(id)s, %(at)s, %(type)s, %(feature)s, %(account)s, %(user)s, %(seconds)s, %(count)s, %(note)s,
    %(day)s, %(month)s, %(day_bit)s, %(login_bit)s, %(logins)s, %(sessions)s, %(session_seconds)s,
    %(uses)s, %(counts)s, %(masks)s)
"""


def store_alone(*, known: KnownKey, event: Event, source: Source, moment: datetime) -> bool:
    """False where nothing was stored: the key is another by now, the event is known already or
    names what is not."""
    at = event.occurred_at.astimezone(UTC)
    if not has_partition(month_of(at.date()), moment):
        return False
    ((stored,),) = tenant_rows(
        STORE,
        timeout=f"{settings.INGEST_TIMEOUT:g}s",
        hash=known.hash,
        version=known.version,
        moment=moment,
        noted_before=moment - USED_EVERY,
        sender=source.api_key_id,
        origin=source.name,
        id=event.event_id,
        at=at,
        type=event.type,
        feature=event.feature,
        account=event.account,
        user=event.user,
        note=properties(event),
        **sums(event, at.astimezone(known.key.workspace.zone).date()),
    )
    if stored:
        nudge()
    return bool(stored)


def sums(event: Event, day: date) -> dict[str, Any]:
    """As `Batch` has them, of one event."""
    seconds, count, bit = whole_seconds(event), event.count, 1 << (day.day - 1)
    login, used = event.type == LOGIN, event.type == FEATURE
    return {
        "seconds": seconds,
        "count": count,
        "day": day,
        "month": month_of(day),
        "day_bit": bit,
        "login_bit": bit if login else 0,
        "logins": count if login else 0,
        "sessions": count if login and seconds is not None else 0,
        "session_seconds": seconds or 0 if login else 0,
        "uses": count if used else 0,
        "counts": f"{{{count}}}" if used else "{}",
        "masks": f"{{{bit}}}" if used else "{}",
    }
