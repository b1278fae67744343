"""Events that could not be stored are kept as they were sent, with the reason."""

import hashlib
import json
from collections.abc import Sequence
from datetime import datetime

import msgspec

from accounts.tenancy import tenant_rows
from usage.events import API, Given, Rejected, Source, body_text, printable
from usage.services import store

BODY_LENGTH = 10_000

KEEP = """
INSERT INTO usage_rejectedevent (workspace_id, digest, event_id, body, message, received_at,
    source, api_key_id)
SELECT %(workspace)s, digest, event_id, body, message, %(moment)s, %(source)s, %(api_key)s
FROM unnest(%(digests)s::text[], %(ids)s::text[], %(bodies)s::jsonb[], %(messages)s::text[])
AS sent(digest, event_id, body, message)
ORDER BY digest COLLATE "C"
ON CONFLICT DO NOTHING
"""


def quarantine(
    *, events: Sequence[Given], rejected: Sequence[Rejected], moment: datetime, source: Source = API
) -> None:
    if not rejected:
        return
    texts = [body_text(events[bad.index]) for bad in rejected]
    tenant_rows(
        KEEP,
        moment=moment,
        digests=store.texts(hashlib.sha256(text.encode()).hexdigest() for text in texts),
        ids=store.texts(bad.event_id or "" for bad in rejected),
        bodies=store.texts(map(storable, texts)),
        messages=store.texts(bad.message for bad in rejected),
        source=source.name,
        api_key=source.api_key_id,
    )


def storable(text: str) -> str:
    """The body as JSON that a column can hold: itself, or else its beginning as a text."""
    if len(text) <= BODY_LENGTH and "\\u0000" not in text and "\\ud" not in text.lower():
        try:
            return msgspec.json.encode(msgspec.json.decode(text)).decode()
        except (msgspec.DecodeError, ValueError, RecursionError):
            pass
    return json.dumps(printable(text[:BODY_LENGTH]))
