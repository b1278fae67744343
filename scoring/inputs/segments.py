"""Segments as they are kept, into what the engine compares."""

from collections.abc import Collection

from accounts.models import Segment
from scoring.engine.segments import Segment as SegmentDocument
from scoring.engine.segments import parse_segment


def document_of(segment: Segment) -> SegmentDocument:
    return parse_segment(
        {"key": segment.key, "name": segment.name, "conditions": segment.conditions}
    )


def load_segments(keys: Collection[str]) -> list[SegmentDocument]:
    """Those that there are, in one query; in none where there are no keys."""
    return [document_of(s) for s in Segment.objects.filter(key__in=keys)] if keys else []
