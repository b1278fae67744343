"""Compiled versions: a version never changes, so it is compiled once a process."""

from collections import OrderedDict
from collections.abc import Iterable
from typing import Any

import msgspec

from scoring.engine.compiled import Compiled, compile_card
from scoring.engine.document import export, parse
from scoring.engine.schemes import Band
from scoring.models import Scorecard, ScorecardVersion

KEEP = 512
_compiled: OrderedDict[int, Compiled] = OrderedDict()


def compiled(version: ScorecardVersion) -> Compiled:
    found = _compiled.get(version.pk)
    if found is None:
        bands = msgspec.convert(version.bands, tuple[Band, ...])
        card = parse(version.document, schemes=[version.document.get("scheme", "")])
        found = _compiled[version.pk] = compile_card(card, bands)
        if len(_compiled) > KEEP:
            _compiled.popitem(last=False)
    return found


def document_of(version: ScorecardVersion) -> dict[str, Any]:
    """The document in its canonical order, which the database does not keep."""
    return export(compiled(version).card)


def published_document(scorecard: Scorecard) -> dict[str, Any]:
    """What is published, with the rank of now: scorecards are arranged without a new version."""
    card = compiled(scorecard.current_version).card
    return export(msgspec.structs.replace(card, rank=scorecard.rank))


def compiled_versions(ids: Iterable[int]) -> dict[int, Compiled]:
    """By id, in at most one query."""
    wanted = set(ids)
    missing = wanted - _compiled.keys()
    if missing:
        for version in ScorecardVersion.objects.filter(pk__in=missing):
            compiled(version)
    return {pk: _compiled[pk] for pk in wanted}
