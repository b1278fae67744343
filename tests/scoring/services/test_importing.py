"""Documents that come in together: in any order, all of them or none."""

from itertools import permutations
from typing import Any

import pytest

from accounts.models import Workspace
from accounts.tenancy import scope
from scoring.exports import published_scorecards, rule_documents, scorecard_documents
from scoring.models import Rule, Run, Scheme, Scorecard, ScorecardVersion
from scoring.services.arrangement import archive
from scoring.services.drafts import change_draft, document_of
from scoring.services.importing import How, Refused, import_documents, preview_import
from tests.factories import make_account, make_workspace
from tests.scoring.documents import DROP, health
from tests.scoring.services.test_arrangement import NOW, TODAY, card, uses

pytestmark = pytest.mark.django_db
BANDS = [{"key": "low", "label": "Low", "min": 0}, {"key": "high", "label": "High", "min": 70}]
SCHEME = {"kind": "scheme", "key": "ours", "name": "Ours", "bands": BANDS}
SEGMENT = {
    "kind": "segment",
    "key": "large",
    "name": "Large",
    "conditions": [{"attribute": "plan", "op": "eq", "value": "Enterprise"}],
}
HEALTH = {**health(), "scheme": "ours", "applies_to": {"segment": ["large"]}}
WHOLE = uses("whole", "health")
EVERY: list[Any] = [DROP, WHOLE, HEALTH, SCHEME, SEGMENT]
PUBLISHED = How(publish=True, by=None, today=TODAY, moment=NOW, note="From a file")
DRAFTED = How(publish=False, by=None, today=TODAY, moment=NOW)


@pytest.fixture
def workspace() -> Workspace:
    return make_workspace("acme")


def stored() -> tuple[int, ...]:
    models = (Scheme, Scorecard, ScorecardVersion, Rule, Run)
    return tuple(model.objects.count() for model in models)


@pytest.mark.parametrize("documents", list(permutations(EVERY))[::17])
def test_documents_come_in_in_any_order(workspace: Workspace, documents: list[Any]) -> None:
    with scope(workspace.pk):
        make_account(workspace)
        done = import_documents(documents=documents, how=PUBLISHED)
        assert [(one.key, one.action) for one in done] == [
            (document["key"], "created") for document in documents
        ]
        assert stored() == (1, 2, 2, 1, 1), "one run for all"
        again = import_documents(documents=documents, how=PUBLISHED)
        assert {one.action for one in again} == {"unchanged"}
        assert stored() == (1, 2, 2, 1, 1)


def test_export_comes_in_elsewhere_as_it_went_out(workspace: Workspace) -> None:
    with scope(workspace.pk):
        import_documents(documents=EVERY, how=PUBLISHED)
        out = [*scorecard_documents(published_scorecards()), *rule_documents()]
    assert [document["key"] for document in out] == ["ours", "large", "health", "whole", "drop"]
    with scope(make_workspace("twin").pk):
        import_documents(documents=out, how=PUBLISHED)
        assert [*scorecard_documents(published_scorecards()), *rule_documents()] == out


def test_one_bad_document_keeps_all_of_them_out(workspace: Workspace) -> None:
    bad = {**health(), "key": "bad", "rank": "first", "scheme": "nothing"}
    with scope(workspace.pk):
        with pytest.raises(Refused) as refused:
            import_documents(documents=[SCHEME, bad, DROP], how=PUBLISHED)
        assert stored() == (0, 0, 0, 0, 0)
    found = {place: [p.path for p in problems] for place, problems in refused.value.found.items()}
    assert found == {1: ["rank"], 2: ["scorecard"]}


@pytest.mark.parametrize(
    "document",
    [None, "text", 5, [], {}, {"key": 5}, {"kind": "scheme"}, {"kind": "segment", "key": ["a"]}, {"kind": "other", "key": "a"}, {"when": {}}, {"kind": "rule"}],
)  # fmt: skip
def test_what_is_no_configuration_is_refused(workspace: Workspace, document: Any) -> None:
    with scope(workspace.pk), pytest.raises(Refused):
        import_documents(documents=[document], how=PUBLISHED)


def test_two_documents_of_one_key_are_refused(workspace: Workspace) -> None:
    with scope(workspace.pk), pytest.raises(Refused) as refused:
        import_documents(documents=[health(), health()], how=PUBLISHED)
    ((place, (problem,)),) = refused.value.found.items()
    assert (place, problem.path) == (1, "key")


def test_preview_tells_what_an_import_does_and_does_nothing(workspace: Workspace) -> None:
    with scope(workspace.pk):
        import_documents(documents=[SCHEME, SEGMENT, HEALTH], how=PUBLISHED)
        before = stored()
        changed = {**HEALTH, "name": "Other"}
        told = preview_import(documents=[SCHEME, changed, WHOLE], how=PUBLISHED)
        assert [one.action for one in told] == ["unchanged", "changed", "created"]
        assert stored() == before
        assert card("health").name == "Customer health"


def test_new_bands_of_a_scheme_are_a_change_of_what_uses_it(workspace: Workspace) -> None:
    with scope(workspace.pk):
        import_documents(documents=[SCHEME, SEGMENT, HEALTH], how=PUBLISHED)
        wider = {**SCHEME, "bands": [BANDS[0], {**BANDS[1], "min": 50}]}
        done = import_documents(documents=[HEALTH, wider], how=PUBLISHED)
        assert [one.action for one in done] == ["changed", "changed"]
        assert card("health").current_version.bands[1]["min"] == 50


def test_drafts_do_not_count(workspace: Workspace) -> None:
    with scope(workspace.pk):
        import_documents(documents=[SCHEME, SEGMENT, WHOLE, HEALTH], how=DRAFTED)
        assert stored() == (1, 2, 0, 0, 0)
        assert document_of(card("whole")) == WHOLE
        import_documents(documents=[HEALTH], how=PUBLISHED)
        assert card("health").draft is None, "what is published is no draft"
        changed = {**HEALTH, "name": "Other"}
        (one,) = import_documents(documents=[changed], how=DRAFTED)
        assert (one.action, card("health").name) == ("changed", "Customer health")
        assert document_of(card("health"))["name"] == "Other"


def test_draft_of_a_person_outlives_an_import(workspace: Workspace) -> None:
    with scope(workspace.pk):
        import_documents(documents=[health()], how=PUBLISHED)
        change_draft(scorecard=card("health"), change=lambda before: {**before, "name": "Mine"})
        import_documents(documents=[{**health(), "confirm": 2}], how=PUBLISHED)
        assert document_of(card("health"))["name"] == "Mine"


def test_archived_scorecard_that_is_applied_is_back(workspace: Workspace) -> None:
    with scope(workspace.pk):
        import_documents(documents=[health()], how=PUBLISHED)
        archive(scorecard=card("health"), today=TODAY, moment=NOW)
        (one,) = import_documents(documents=[health()], how=PUBLISHED)
        assert one.action == "unchanged"
        assert [scorecard.key for scorecard in Scorecard.objects.active()] == ["health"]
