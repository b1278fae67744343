"""The accounts of a segment as they are now, and what uses it."""

from collections.abc import Collection, Iterator, Sequence
from functools import partial
from typing import Any

from accounts.models import Account, Segment
from scoring.drafts import Document
from scoring.engine.attributes import all_hold
from scoring.engine.card import AttributeCondition
from scoring.inputs.segments import document_of
from scoring.inputs.states import CURRENT, value_of
from scoring.models import Scorecard

BATCH = 5_000


def matching(
    segments: Sequence[Segment], account_ids: Collection[int] | None = None
) -> list[list[int]]:
    """The ids of each segment's accounts, all found in one reading of the workspace's accounts,
    or of those that are asked for."""
    conditions = [document_of(segment).conditions for segment in segments]
    found: list[list[int]] = [[] for _ in segments]
    for row in _rows(account_ids) if segments else ():
        for ids, of in zip(found, conditions, strict=True):
            if all_hold(of, partial(value_of, row)):
                ids.append(row["pk"])
    return found


def count(conditions: Sequence[AttributeCondition]) -> int:
    return sum(all_hold(conditions, partial(value_of, row)) for row in _rows())


def _rows(account_ids: Collection[int] | None = None) -> Iterator[dict[str, Any]]:
    accounts = Account.objects.all()
    if account_ids is not None:
        accounts = accounts.filter(pk__in=account_ids)
    yield from accounts.values("pk", *CURRENT).iterator(BATCH)


def users_of(segment: Segment) -> list[str]:
    """The names of the scorecards that it limits, published or in a draft."""
    return [
        scorecard.name
        for scorecard in Scorecard.objects.arranged()
        if any(segment.key in segments_of(document) for document in _documents(scorecard))
    ]


def _documents(scorecard: Scorecard) -> Iterator[Document]:
    if scorecard.current_version is not None:
        yield scorecard.current_version.document
    if scorecard.draft is not None:
        yield scorecard.draft


def segments_of(document: Document) -> Sequence[str]:
    """The keys that a scorecard's document names."""
    limits: Sequence[str] = (document.get("applies_to") or {}).get("segment") or ()
    return limits
