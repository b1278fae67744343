"""Configuration as it goes out: documents that an empty workspace can take, in one order."""

from collections.abc import Iterable
from typing import Any, Literal

import msgspec

from accounts.models import Segment
from scoring.engine.dependencies import needed
from scoring.engine.rules import export_rule, parse_rule
from scoring.engine.schemes import Band
from scoring.engine.segments import export_segment
from scoring.engine.structure import plain
from scoring.inputs.segments import document_of as segment_of
from scoring.models import Rule, Scheme, Scorecard
from scoring.segments import segments_of
from scoring.versions import compiled, published_document

Document = dict[str, Any]


class SchemeDocument(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A scheme of the workspace's own; `kind` tells it from a scorecard."""

    kind: Literal["scheme"]
    key: str
    name: str
    bands: tuple[Band, ...]


def scheme_document(scheme: Scheme) -> Document:
    bands = msgspec.convert(scheme.bands, tuple[Band, ...])
    found = SchemeDocument(kind="scheme", key=scheme.key, name=scheme.name, bands=bands)
    out: Document = plain(found)
    return out


def segment_document(segment: Segment) -> Document:
    return {"kind": "segment", **export_segment(segment_of(segment))}


def rule_document(rule: Rule) -> Document:
    """In its canonical order, which the database does not keep."""
    return export_rule(parse_rule(rule.document))


def published_scorecards() -> list[Scorecard]:
    """Those that are not archived, in their order."""
    return list(Scorecard.objects.arranged().filter(current_version__isnull=False))


def scorecard_documents(scorecards: Iterable[Scorecard]) -> list[Document]:
    """The published documents, after whatever they name: schemes, segments, other scorecards."""
    every = {card.key: card for card in Scorecard.objects.filter(current_version__isnull=False)}
    wanted: dict[str, Scorecard] = {}
    for scorecard in scorecards:
        _with_needed(scorecard, every, wanted)
    documents = [published_document(card) for card in wanted.values()]
    schemes = {document.get("scheme") for document in documents}
    own = Scheme.objects.filter(key__in=[key for key in schemes if key]).order_by("key")
    limits = {key for document in documents for key in segments_of(document)}
    segments = Segment.objects.filter(key__in=limits).order_by("key")
    return [
        *(scheme_document(scheme) for scheme in own),
        *(segment_document(segment) for segment in segments),
        *documents,
    ]


def _with_needed(
    scorecard: Scorecard, every: dict[str, Scorecard], wanted: dict[str, Scorecard]
) -> None:
    """Circles were refused when they were published."""
    if scorecard.key in wanted:
        return
    for key in needed(compiled(scorecard.current_version).card):
        if key in every:
            _with_needed(every[key], every, wanted)
    wanted[scorecard.key] = scorecard


def rule_documents() -> list[Document]:
    return [rule_document(rule) for rule in Rule.objects.order_by("key")]
