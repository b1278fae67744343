"""Who belongs to a segment is kept as rows, so that a list of any size is filtered by an index."""

from collections.abc import Collection, Sequence

from accounts.models import Segment
from accounts.tenancy import tenant_rows
from scoring.segments import matching

# Until the accounts' transaction ends, nobody changes the conditions that they were judged by.
SEGMENTS = "SELECT id FROM accounts_segment WHERE workspace_id = %(workspace)s FOR SHARE"
LEAVE = """
DELETE FROM scoring_segmentmember m WHERE m.workspace_id = %(workspace)s
AND (%(all)s OR m.account_id = ANY(%(among)s::bigint[]))
AND m.segment_id = ANY(%(of)s::bigint[])
AND NOT EXISTS (
    SELECT FROM unnest(%(segments)s::bigint[], %(accounts)s::bigint[]) AS now(segment, account)
    WHERE now.segment = m.segment_id AND now.account = m.account_id)
"""
JOIN = """
INSERT INTO scoring_segmentmember (workspace_id, segment_id, account_id)
SELECT %(workspace)s, segment, account
FROM unnest(%(segments)s::bigint[], %(accounts)s::bigint[]) AS now(segment, account)
ORDER BY segment, account
ON CONFLICT DO NOTHING
"""


def recount_members(segment: Segment) -> None:
    """After its conditions changed."""
    _keep([segment], None)


def renew_members(account_ids: Collection[int]) -> None:
    """After the accounts changed."""
    if tenant_rows(SEGMENTS):
        _keep(list(Segment.objects.all()), account_ids)


def _keep(segments: Sequence[Segment], account_ids: Collection[int] | None) -> None:
    pairs = [
        (segment.pk, account_id)
        for segment, found in zip(segments, matching(segments, account_ids), strict=True)
        for account_id in found
    ]
    now = {"segments": [pair[0] for pair in pairs], "accounts": [pair[1] for pair in pairs]}
    of = [segment.pk for segment in segments]
    tenant_rows(LEAVE, all=account_ids is None, among=list(account_ids or ()), of=of, **now)
    tenant_rows(JOIN, **now)
