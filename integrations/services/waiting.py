"""Events whose user's account is not known yet wait in the quarantine until it is.

A client may send a batch of events before, or at the same time as, the one with the `group`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from accounts.tenancy import tenant_rows
from usage.events import Source, Spoiled, body_text
from usage.services.quarantine import digest_of

MOST = 5000
"""Released with one batch; the rest follows with the next."""

# What was discarded, or was too long to be kept whole, stays.
FIND = """
SELECT w.rejected_id, r.body FROM integrations_waitingevent w
JOIN usage_rejectedevent r ON r.workspace_id = w.workspace_id AND r.id = w.rejected_id
WHERE w.workspace_id = %(workspace)s AND w.user_key = ANY(%(keys)s::text[])
AND r.discarded_at IS NULL AND jsonb_typeof(r.body) = 'object'
ORDER BY w.rejected_id LIMIT %(most)s
"""
RELEASE = """
DELETE FROM usage_rejectedevent WHERE workspace_id = %(workspace)s AND id = ANY(%(ids)s::bigint[])
"""
KEEP = """
INSERT INTO integrations_waitingevent (workspace_id, rejected_id, user_key)
SELECT %(workspace)s, r.id, waiting.user_key
FROM unnest(%(digests)s::text[], %(users)s::text[]) AS waiting(digest, user_key)
JOIN usage_rejectedevent r ON r.workspace_id = %(workspace)s AND r.digest = waiting.digest
ORDER BY r.id
ON CONFLICT DO NOTHING
"""


@dataclass(frozen=True)
class Waiting(Spoiled):
    """An event of a user whose account is not known."""

    user: str = ""


@dataclass(frozen=True)
class Found:
    rejected_id: int
    event: Mapping[str, Any]


def find_waiting(keys: Iterable[str]) -> list[Found]:
    asked = sorted(keys)
    if not asked:
        return []
    rows = tenant_rows(FIND, keys=asked, most=MOST)
    return [Found(pk, msgspec.json.decode(body, type=dict[str, Any])) for pk, body in rows]


def release(found: Sequence[Found]) -> None:
    if found:
        tenant_rows(RELEASE, ids=[one.rejected_id for one in found])


def keep_waiting(events: Iterable[Waiting], source: Source) -> None:
    """After they came into the quarantine."""
    digests = {digest_of(body_text(event), source.name): event.user for event in events}
    if digests:
        tenant_rows(KEEP, digests=list(digests), users=list(digests.values()))
