"""Scorecards in an order, archived and brought back."""

from datetime import UTC, date, datetime

import pytest

from accounts.errors import InvalidInput
from accounts.models import Role, Workspace
from accounts.tenancy import scope
from scoring.models import Run, Scorecard, ScorecardVersion
from scoring.services.arrangement import archive, bring_back, move_scorecard
from scoring.services.configuration import publish_scorecard
from scoring.services.drafts import (
    change_draft,
    create_scorecard,
    document_of,
    publish_draft,
    restore_version,
)
from scoring.starters import starter
from scoring.versions import published_document
from tests.factories import make_account, make_member, make_workspace
from tests.scoring.documents import health

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 6, 10, 12, tzinfo=UTC)
TODAY = date(2026, 6, 10)


@pytest.fixture
def workspace() -> Workspace:
    workspace = make_workspace("acme")
    with scope(workspace.pk):
        for rank, key in enumerate(("first", "second", "third"), 1):
            document = {**health(), "key": key, "name": key.title(), "rank": rank}
            publish_scorecard(document=document, by=None, moment=NOW)
    return workspace


def card(key: str) -> Scorecard:
    found: Scorecard = Scorecard.objects.select_related("current_version").get(key=key)
    return found


def order() -> list[tuple[str, int]]:
    return [(scorecard.key, scorecard.rank) for scorecard in Scorecard.objects.arranged()]


def uses(key: str, other: str) -> dict[str, object]:
    """A scorecard of one metric: the score of another."""
    metric = {
        "key": "m",
        "name": "M",
        "weight": 1,
        "source": {"type": "scorecard", "scorecard": other},
    }
    return {
        "key": key,
        "name": key.title(),
        "groups": [{"key": "g", "name": "G", "weight": 1, "metrics": [metric]}],
    }


def test_moving_changes_the_order_and_makes_no_version(workspace: Workspace) -> None:
    with scope(workspace.pk):
        make_account(workspace)
        move_scorecard(scorecard=card("third"), by=-1, today=TODAY)
        assert order() == [("first", 1), ("third", 2), ("second", 3)]
        move_scorecard(scorecard=card("first"), by=-1, today=TODAY)
        assert order() == [("first", 1), ("third", 2), ("second", 3)]
        assert ScorecardVersion.objects.count() == 3
        assert published_document(card("second"))["rank"] == 3
        assert Run.objects.count() == 1, "one that waits is enough"


def test_equal_ranks_become_an_order(workspace: Workspace) -> None:
    with scope(workspace.pk):
        Scorecard.objects.update(rank=5)
        move_scorecard(scorecard=card("first"), by=1, today=TODAY)
        assert order() == [("second", 1), ("first", 2), ("third", 3)]


def test_draft_follows_its_place(workspace: Workspace) -> None:
    by = make_member(workspace, Role.ADMIN)
    with scope(workspace.pk):
        change_draft(scorecard=card("third"), change=lambda before: {**before, "name": "New"})
        move_scorecard(scorecard=card("third"), by=-1, today=TODAY)
        move_scorecard(scorecard=card("third"), by=-1, today=TODAY)
        assert "rank" not in document_of(card("third"))
        publish_draft(scorecard=card("third"), note="", by=by, today=TODAY, moment=NOW)
        assert order() == [("third", 1), ("first", 2), ("second", 3)]
        assert card("third").draft is None


def test_change_that_is_taken_back_leaves_no_draft_after_moving(workspace: Workspace) -> None:
    with scope(workspace.pk):
        move_scorecard(scorecard=card("third"), by=-1, today=TODAY)
        change_draft(scorecard=card("third"), change=lambda before: {**before, "name": "New"})
        change_draft(scorecard=card("third"), change=lambda before: {**before, "name": "Third"})
        assert card("third").draft is None


def test_restored_version_keeps_the_place_of_now(workspace: Workspace) -> None:
    with scope(workspace.pk):
        move_scorecard(scorecard=card("third"), by=-1, today=TODAY)
        first = card("third").current_version
        document = {**published_document(card("third")), "name": "New"}
        publish_scorecard(document=document, by=None, moment=NOW)
        restore_version(scorecard=card("third"), version=first)
        found = document_of(card("third"))
        assert (found["name"], found["rank"]) == ("Third", 2)


def test_new_scorecard_comes_last(workspace: Workspace) -> None:
    with scope(workspace.pk):
        created = create_scorecard(key="new", name="New", document=starter("onboarding").document())
        assert (created.rank, order()[-1]) == (4, ("new", 4))
        assert document_of(created)["rank"] == 4


def test_archived_scorecard_keeps_its_versions_and_comes_back(workspace: Workspace) -> None:
    with scope(workspace.pk):
        archive(scorecard=card("second"), today=TODAY, moment=NOW)
        assert order() == [("first", 1), ("third", 3)]
        assert [c.key for c in Scorecard.objects.active()] == ["first", "third"]
        assert [c.key for c in Scorecard.objects.archived()] == ["second"]
        assert ScorecardVersion.objects.filter(scorecard__key="second").count() == 1
        bring_back(scorecard=card("second"), active=False, today=TODAY)
        assert [c.key for c in Scorecard.objects.active()] == ["first", "third"]
        with pytest.raises(InvalidInput):
            bring_back(scorecard=card("second"), active=True, today=TODAY)
        archive(scorecard=card("second"), today=TODAY, moment=NOW)
        bring_back(scorecard=card("second"), active=True, today=TODAY)
        assert order() == [("first", 1), ("second", 2), ("third", 3)]
        assert [c.key for c in Scorecard.objects.active()] == ["first", "second", "third"]


def test_scorecard_that_another_one_needs_is_not_archived(workspace: Workspace) -> None:
    with scope(workspace.pk):
        publish_scorecard(document=uses("whole", "second"), by=None, moment=NOW)
        with pytest.raises(InvalidInput, match="Whole"):
            archive(scorecard=card("second"), today=TODAY, moment=NOW)
        assert card("second").archived_at is None
        archive(scorecard=card("whole"), today=TODAY, moment=NOW)
        archive(scorecard=card("second"), today=TODAY, moment=NOW)
        with pytest.raises(InvalidInput, match="switched off"):
            bring_back(scorecard=card("whole"), active=True, today=TODAY)
