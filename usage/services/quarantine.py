"""Events that could not be stored are kept as they were sent, with the reason, for a while."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

import msgspec
from django.conf import settings

from accounts.tenancy import tenant_rows
from usage.events import API, Given, Rejected, Source, body_text, printable
from usage.models import RejectedEvent
from usage.services import store

BODY_LENGTH = 32_768
DISCARDED = timedelta(days=1)
"""Until then what was discarded can be taken back."""

# What comes again is counted, and seen again where it was discarded.
KEEP = """
INSERT INTO usage_rejectedevent AS kept (workspace_id, digest, event_id, body, message,
    received_at, last_received_at, occurrences, source, api_key_id)
SELECT %(workspace)s, digest, min(event_id), (array_agg(body))[1], min(message),
    %(moment)s, %(moment)s, count(*), %(source)s, %(api_key)s
FROM unnest(%(digests)s::text[], %(ids)s::text[], %(bodies)s::jsonb[], %(messages)s::text[])
AS sent(digest, event_id, body, message)
GROUP BY digest
ORDER BY digest COLLATE "C"
ON CONFLICT (workspace_id, digest) DO UPDATE SET message = excluded.message,
    last_received_at = excluded.last_received_at, discarded_at = NULL,
    occurrences = kept.occurrences + excluded.occurrences
"""

# The latest stay.
TRIM = """
DELETE FROM usage_rejectedevent WHERE workspace_id = %(workspace)s
AND (last_received_at, id) <= (
    SELECT last_received_at, id FROM usage_rejectedevent WHERE workspace_id = %(workspace)s
    ORDER BY last_received_at DESC, id DESC OFFSET %(most)s LIMIT 1
)
"""
TRIM_EVERY = 500
"""Rejected events, in the mean: looking for those that are too many costs more than keeping one."""


def quarantine(
    *, events: Sequence[Given], rejected: Sequence[Rejected], moment: datetime, source: Source = API
) -> None:
    if not rejected:
        return
    texts = [body_text(events[bad.index]) for bad in rejected]
    digests = [digest_of(text, source.name) for text in texts]
    tenant_rows(
        KEEP,
        moment=moment,
        digests=store.texts(digests),
        ids=store.texts(bad.event_id or "" for bad in rejected),
        bodies=store.texts(map(storable, texts)),
        messages=store.texts(bad.message for bad in rejected),
        source=source.name,
        api_key=source.api_key_id,
    )
    if int(digests[0][:8], 16) % TRIM_EVERY < len(digests):
        trim()


def digest_of(text: str, source: str) -> str:
    """The same text from two sources can be two things."""
    return hashlib.sha256(f"{source}\n{text}".encode()).hexdigest()


def storable(text: str) -> str:
    """The body as JSON that a column can hold: itself, or else its beginning as a text."""
    if len(text) <= BODY_LENGTH and "\\u0000" not in text and "\\ud" not in text.lower():
        try:
            return msgspec.json.encode(msgspec.json.decode(text)).decode()
        except (msgspec.DecodeError, ValueError, RecursionError):
            pass
    return json.dumps(printable(text[:BODY_LENGTH]))


def trim() -> None:
    tenant_rows(TRIM, most=settings.QUARANTINE_MOST)


def discard(*, ids: Iterable[int], moment: datetime) -> int:
    number: int = (
        RejectedEvent.objects.waiting().filter(pk__in=list(ids)).update(discarded_at=moment)
    )
    return number


def bring_back(*, discarded_at: datetime) -> int:
    """What was discarded at once, back at once."""
    found = RejectedEvent.objects.filter(discarded_at=discarded_at)
    number: int = found.update(discarded_at=None)
    return number


def forget_rejected(*, moment: datetime) -> None:
    """What has been in the quarantine for too long, and what was discarded a day ago."""
    oldest = moment - timedelta(days=settings.QUARANTINE_DAYS)
    RejectedEvent.objects.filter(last_received_at__lt=oldest).delete()
    RejectedEvent.objects.filter(discarded_at__lt=moment - DISCARDED).delete()
    trim()
