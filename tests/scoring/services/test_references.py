"""What documents name of the workspace must be there, and must not go round in circles."""

from typing import Any

import pytest

from accounts.errors import InvalidInput
from accounts.tenancy import scope
from scoring.models import Scorecard
from scoring.services.configuration import publish_scorecard, sound, switch_scorecard
from scoring.services.drafts import change_draft, create_scorecard, problems_of
from tests.factories import make_workspace
from tests.scoring.scored import document, metric
from tests.scoring.services.test_others import CARDS, NOW, card, other

pytestmark = pytest.mark.django_db
PATH = "groups[0].metrics[0].source.scorecard"


def publish(given: Any, beside: list[Any] | None = None) -> None:
    publish_scorecard(document=given, by=None, moment=NOW, beside=sound(beside or []))


def refused(given: Any, beside: list[Any] | None = None) -> list[tuple[str, str]]:
    with pytest.raises(InvalidInput) as caught:
        publish(given, beside)
    return [(problem.path, problem.message) for problem in caught.value.problems]


@pytest.fixture
def _scope(db: None) -> Any:
    with scope(make_workspace().pk):
        yield


@pytest.mark.usefixtures("_scope")
def test_unknown_scorecard_is_refused() -> None:
    of_gone = card("health", other("gone"))
    assert refused(of_gone) == [(PATH, "there is no scorecard “gone”")]
    create_scorecard(key="gone", name="Gone", document=document(metric("a", 1)))
    assert refused(of_gone) == [(PATH, "the scorecard “gone” is not published yet")]
    publish(card("gone", metric("a", 1)))
    publish(of_gone)


@pytest.mark.usefixtures("_scope")
def test_scorecard_of_another_workspace_is_unknown() -> None:
    with scope(make_workspace().pk):
        publish(CARDS["care"])
    assert refused(card("health", other("care"))) == [(PATH, "there is no scorecard “care”")]


@pytest.mark.usefixtures("_scope")
def test_circle_is_refused_with_its_path() -> None:
    itself = [(PATH, "a scorecard cannot be a metric of itself")]
    assert refused(card("health", other("health"))) == itself
    for key in ("care", "adoption", "health"):
        publish(CARDS[key])
    assert refused(card("care", other("health"))) == [
        (PATH, "goes round in a circle: care → health → adoption → care")
    ]
    assert [problem.path for problem in problems_of(card("care", other("health")))] == [PATH]


@pytest.mark.usefixtures("_scope")
def test_draft_keeps_a_reference_that_is_not_sound_yet() -> None:
    publish(CARDS["care"])
    care = Scorecard.objects.get()
    circular = card("care", other("care"))
    saved = change_draft(scorecard=care, change=lambda _before: circular)
    assert saved.draft == circular
    assert [problem.path for problem in problems_of(saved.draft)] == [PATH]


@pytest.mark.usefixtures("_scope")
def test_scorecards_that_are_published_together_may_come_in_any_order() -> None:
    together = list(CARDS.values())
    for given in together:
        publish(given, together)
    assert Scorecard.objects.active().count() == 3
    swapped = [card("health", metric("a", 1)), card("care", other("health"))]
    for given in reversed(swapped):
        publish(given, swapped)


@pytest.mark.usefixtures("_scope")
def test_circle_among_scorecards_that_are_published_together_is_refused() -> None:
    together = [card("a", other("b")), card("b", other("a")), {"key": "c"}, 5]
    message = "goes round in a circle: a → b → a"
    assert refused(together[0], together) == [(PATH, message)]


@pytest.mark.usefixtures("_scope")
def test_scorecard_that_others_need_stays_on() -> None:
    for key in ("care", "adoption", "health"):
        publish(CARDS[key])
    cards = {found.key: found for found in Scorecard.objects.all()}
    with pytest.raises(InvalidInput) as caught:
        switch_scorecard(scorecard=cards["care"], active=False)
    assert [problem.message for problem in caught.value.problems] == [
        "It is a metric of other scorecards: Adoption, Health. Take it out there first."
    ]
    for key in ("health", "adoption", "care"):
        switch_scorecard(scorecard=cards[key], active=False)
    assert refused(card("new", other("care"))) == [(PATH, "the scorecard “care” is switched off")]
    assert refused(card("new", other("care")), [CARDS["care"]]) == [
        (PATH, "the scorecard “care” is switched off")
    ]
    with pytest.raises(InvalidInput, match="“care” is switched off"):
        switch_scorecard(scorecard=cards["adoption"], active=True)
    for key in ("care", "adoption", "health"):
        switch_scorecard(scorecard=cards[key], active=True)
