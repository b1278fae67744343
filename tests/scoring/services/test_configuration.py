"""Documents become immutable versions; schemes and rules are kept by their keys."""

from concurrent.futures import ThreadPoolExecutor
from copy import deepcopy
from datetime import UTC, datetime
from threading import Barrier
from typing import Any

import pytest
from django.db import connection
from django.db.utils import ProgrammingError

from accounts.errors import InvalidInput
from accounts.models import Workspace
from accounts.tenancy import scope
from scoring.models import Rule, Scheme, Scorecard, ScorecardVersion
from scoring.services.configuration import publish_scorecard, save_rule, save_scheme
from tests.factories import make_member, make_workspace
from tests.scoring.documents import DROP, health
from tests.scoring.scored import metric
from tests.scoring.services.test_others import card, other

NOW = datetime(2026, 6, 10, 12, tzinfo=UTC)
BANDS = [{"key": "low", "label": "Low", "min": 0}, {"key": "high", "label": "High", "min": 70}]


def publish(document: Any, **options: Any) -> ScorecardVersion:
    return publish_scorecard(document=document, moment=NOW, **{"by": None, **options})


@pytest.mark.django_db
def test_publish_numbers_its_versions_and_leaves_out_what_says_nothing_new() -> None:
    workspace = make_workspace()
    by = make_member(workspace)
    with scope(workspace.pk):
        first = publish(health(), by=by, note="The beginning")
        assert publish(health()) == first
        second = publish({**health(), "name": "Health", "rank": 3})
        assert (first.number, second.number) == (1, 2)
        assert (first.published_by, first.note, first.published_at) == (by, "The beginning", NOW)
        card = Scorecard.objects.get()
        assert (card.name, card.rank, card.current_version_id) == ("Health", 3, second.pk)


@pytest.mark.django_db
def test_published_version_can_not_be_changed() -> None:
    workspace = make_workspace()
    with scope(workspace.pk):
        publish(health())
    with pytest.raises(ProgrammingError, match="permission denied"), scope(workspace.pk):
        ScorecardVersion.objects.update(note="changed")


@pytest.mark.django_db
def test_changed_scheme_changes_no_published_version() -> None:
    workspace = make_workspace()
    with scope(workspace.pk):
        save_scheme(key="ours", name="Ours", bands=BANDS)
        first = publish({**health(), "scheme": "ours"})
        save_scheme(key="ours", name="Ours", bands=[BANDS[0], {**BANDS[1], "min": 80}])
        assert [band["min"] for band in ScorecardVersion.objects.get().bands] == [0, 70]
        # Published again, the same document means other bands.
        assert publish({**health(), "scheme": "ours"}).number == first.number + 1
        assert Scheme.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    "bands", [[], BANDS[:1], [BANDS[0], BANDS[0]], [{"key": "low", "label": "Low", "min": 5}]]
)
def test_scheme_that_leaves_gaps_is_refused(bands: list[dict[str, Any]]) -> None:
    with scope(make_workspace().pk), pytest.raises(InvalidInput):
        save_scheme(key="ours", name="Ours", bands=bands)


@pytest.mark.django_db
def test_document_without_a_metric_is_not_published() -> None:
    document = deepcopy(health())
    document["groups"] = []
    document["exceptions"] = []
    with scope(make_workspace().pk), pytest.raises(InvalidInput) as caught:
        publish(document)
    assert [problem.path for problem in caught.value.problems] == ["groups"]


@pytest.mark.django_db
def test_schemes_and_rules_of_another_workspace_are_unknown() -> None:
    ours, theirs = make_workspace(), make_workspace()
    with scope(theirs.pk):
        save_scheme(key="ours", name="Ours", bands=BANDS)
        publish(health())
    with scope(ours.pk):
        with pytest.raises(InvalidInput):
            publish({**health(), "scheme": "ours"})
        with pytest.raises(InvalidInput):
            save_rule(document=DROP)
        assert Rule.objects.count() == 0


@pytest.mark.usefixtures("committed")
def test_publications_at_once_are_numbered_one_after_the_other() -> None:
    workspace: Workspace = make_workspace()
    barrier = Barrier(4)

    def one(n: int) -> None:
        barrier.wait()
        try:
            with scope(workspace.pk):
                publish({**health(), "name": f"Health {n}"})
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(one, range(4)))
    with scope(workspace.pk):
        numbers = ScorecardVersion.objects.order_by("number").values_list("number", flat=True)
        assert list(numbers) == [1, 2, 3, 4]
        assert Scorecard.objects.get().current_version.number == 4


@pytest.mark.usefixtures("committed")
def test_of_two_publications_that_make_a_circle_one_is_refused() -> None:
    workspace = make_workspace()
    with scope(workspace.pk):
        for key in ("a", "b"):
            publish(card(key, metric("m", 1)))
    barrier = Barrier(2)

    def one(keys: str) -> bool:
        barrier.wait()
        try:
            with scope(workspace.pk):
                publish(card(keys[0], other(keys[1])))
        except InvalidInput:
            return False
        else:
            return True
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(one, ["ab", "ba"])) == [False, True]
