"""Segments go from one workspace to another with the scorecards that they limit."""

from typing import Any

import pytest

from accounts.models import Segment
from accounts.tenancy import scope
from scoring.exports import published_scorecards, scorecard_documents
from scoring.models import Scorecard
from scoring.services.importing import How, Refused, import_documents, preview_import
from scoring.services.segments import save_segment
from tests.factories import make_workspace
from tests.scoring.scored import document, metric
from tests.scoring.services.test_others import NOW

pytestmark = pytest.mark.django_db

HOW = How(publish=True, by=None, today=NOW.date(), moment=NOW)
LARGE = {
    "key": "large",
    "name": "Large",
    "conditions": [{"attribute": "contract_value", "op": "gte", "value": 50_000}],
}
LIMITED = {**document(metric("nps", 1)), "applies_to": {"segment": ["large"]}}


def actions(documents: list[Any]) -> list[tuple[str, str]]:
    return [(done.kind, done.action) for done in import_documents(documents=documents, how=HOW)]


def test_export_of_one_workspace_is_the_import_of_another() -> None:
    with scope(make_workspace().pk):
        save_segment(document=LARGE, today=HOW.today)
        import_documents(documents=[LIMITED], how=HOW)
        exported = scorecard_documents(published_scorecards())
    assert exported == [{"kind": "segment", **LARGE}, LIMITED]
    with scope(make_workspace().pk):
        previewed = preview_import(documents=exported[::-1], how=HOW)
        assert [done.action for done in previewed] == ["created", "created"]
        assert Segment.objects.count() == Scorecard.objects.count() == 0
        assert actions(exported[::-1]) == [("scorecard", "created"), ("segment", "created")]
        assert actions(exported) == [("segment", "unchanged"), ("scorecard", "unchanged")]
        renamed = {**exported[0], "name": "Larger"}
        assert actions([renamed]) == [("segment", "changed")]


def test_import_with_a_bad_segment_stores_nothing() -> None:
    with scope(make_workspace().pk):
        with pytest.raises(Refused) as refused:
            import_documents(
                documents=[LIMITED, {"kind": "segment", **LARGE, "conditions": []}], how=HOW
            )
        assert {n: [p.path for p in problems] for n, problems in refused.value.found.items()} == {
            0: ["applies_to.segment[0]"],
            1: ["conditions"],
        }
        assert Segment.objects.count() == Scorecard.objects.count() == 0
