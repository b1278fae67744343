"""What a draft would do, beside what it does once it is published."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from accounts.errors import InvalidInput
from accounts.models import Account, Workspace
from accounts.tenancy import scope
from scoring.models import Health, Scorecard, ScorecardVersion
from scoring.services.drafts import create_scorecard
from scoring.services.preview import chosen, distribution, judged, sides, standing
from tests.factories import make_account, make_workspace
from tests.scoring.scored import document, measure, metric, publish, score

DAY = date(2026, 3, 10)
NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
YESTERDAY = DAY - timedelta(days=1)
SCORES = {"high": (90, 80), "middle": (90, 40), "low": (20, 30)}


def two(first: int = 1, second: int = 1, **fields: Any) -> dict[str, Any]:
    return document(metric("usage", first), metric("support", second), **fields)


@pytest.fixture
def acme(db: None) -> Workspace:
    """Three accounts with two numbers each, and one that is in another stage."""
    workspace = make_workspace("acme")
    publish(workspace, YESTERDAY, two(applies_to={"stage": ["live"]}))
    for key, (usage, support) in SCORES.items():
        account = make_account(workspace, key, stage="live")
        measure(workspace, account, YESTERDAY, usage=usage, support=support)
        score(workspace, account, DAY)
    make_account(workspace, "trial", stage="trial")
    return workspace


def accounts() -> list[Account]:
    return list(Account.objects.order_by("name"))


def told(seen: Any) -> Any:
    return seen and (seen.score, seen.band.key, seen.coverage)


def test_chosen_accounts_are_judged_by_both_configurations(acme: Workspace) -> None:
    draft = two(second=3, applies_to={"stage": ["live"]})
    with scope(acme.pk):
        found = chosen(workspace=acme, document=draft, accounts=accounts(), moment=NOON)
        assert [(c.account.key, told(c.before), told(c.after), c.change) for c in found] == [
            ("high", (850000, "green", 10000), (825000, "green", 10000), -25000),
            ("low", (250000, "red", 10000), (275000, "red", 10000), 25000),
            ("middle", (650000, "yellow", 10000), (525000, "yellow", 10000), -125000),
            ("trial", None, None, None),
        ]
        assert not ScorecardVersion.objects.filter(number=2).exists()


def test_chosen_account_tells_its_metrics_where_they_are_asked_for(acme: Workspace) -> None:
    with scope(acme.pk):
        account = Account.objects.get(key="low")
        draft = document(metric("usage", 1), metric("nps", 1))
        asked: dict[str, Any] = {
            "workspace": acme,
            "document": draft,
            "accounts": [account],
            "moment": NOON,
        }
        (found,) = chosen(**asked, metrics=True)
    assert found.before is not None
    assert found.after is not None
    sides = [
        [(m.key, m.name, m.score, m.status, m.value) for m in side.metrics]
        for side in (found.before, found.after)
    ]
    assert sides == [
        [("usage", "Usage", 200000, "ok", "20"), ("support", "Support", 300000, "ok", "30")],
        [("usage", "Usage", 200000, "ok", "20"), ("nps", "Nps", None, "missing", "")],
    ]


def spread(side: Any) -> Any:
    return side and ({row["band"].key: row["count"] for row in side.rows}, side.outside)


def test_distribution_counts_accounts_by_band(acme: Workspace) -> None:
    with scope(acme.pk):
        found = distribution(workspace=acme, document=two(first=0, second=1), moment=NOON)
    assert spread(found.published) == ({"green": 1, "yellow": 1, "red": 1, "unknown": 0}, 1)
    assert spread(found.draft) == ({"green": 1, "yellow": 0, "red": 2, "unknown": 1}, 0)
    assert [row["band"].key for row in found.draft.rows] == ["green", "yellow", "red", "unknown"]
    assert (found.accounts, found.total, found.sampled) == (4, 4, False)


def test_distribution_of_many_is_of_the_same_sample_each_time(acme: Workspace) -> None:
    with scope(acme.pk):
        asked: dict[str, Any] = {"workspace": acme, "document": two(), "moment": NOON, "sample": 2}
        found = [distribution(**asked) for _ in range(2)]
    assert (found[0].accounts, found[0].total, found[0].sampled) == (2, 4, True)
    assert found[0] == found[1]


def test_scorecard_that_was_never_published_has_no_other_side(acme: Workspace) -> None:
    draft = {**two(), "key": "other"}
    with scope(acme.pk):
        create_scorecard(key="other", name="Other", document=draft)
        assert Scorecard.objects.count() == 2
        found = distribution(workspace=acme, document=draft, moment=NOON)
        assert found.published is None
        assert spread(found.draft) == ({"green": 1, "yellow": 1, "red": 1, "unknown": 1}, 0)
        asked: dict[str, Any] = {"workspace": acme, "document": draft, "moment": NOON}
        assert [c.before for c in chosen(**asked, accounts=accounts())] == [None] * 4


@pytest.mark.parametrize(
    ("wrong", "where"),
    [({"groups": []}, "groups"), ({"scheme": "none"}, "scheme"), ({"rank": "x"}, "rank")],
)
def test_incomplete_draft_tells_its_problems(
    acme: Workspace, wrong: dict[str, Any], where: str
) -> None:
    asked: dict[str, Any] = {"workspace": acme, "document": two() | wrong, "moment": NOON}
    with scope(acme.pk):
        for preview in (distribution, lambda **given: chosen(**given, accounts=[])):
            with pytest.raises(InvalidInput) as refused:
                preview(**asked)
            assert [problem.path for problem in refused.value.problems] == [where]


def test_published_side_is_read_where_it_is_up_to_date(acme: Workspace) -> None:
    """Equal to what evaluating says, also for an account whose data is newer than its evaluation."""
    with scope(acme.pk):
        low = Account.objects.get(key="low")
    measure(acme, low, DAY, usage=100, support=100)
    with scope(acme.pk):
        given = sides(workspace=acme, document=two(), moment=NOON)
        ids = [account.pk for account in accounts()]
        read, evaluated = standing(given, ids), judged(given, given.published, ids)
        assert read.band.tolist() == evaluated.band.tolist() == [2, 2, 1, -2]
        assert read.score.tolist() == evaluated.score.tolist() == [850000, 1000000, 650000, -1]
        assert read.coverage.tolist() == evaluated.coverage.tolist()


def test_preview_equals_what_publishing_brings(acme: Workspace) -> None:
    draft = two(
        second=4,
        scheme="letter",
        exceptions=[
            {"name": "Low", "when": [{"metric": "support", "op": "lt", "value": 35}],
             "effect": "shift", "bands": -1},
        ],
    )  # fmt: skip
    with scope(acme.pk):
        found = chosen(workspace=acme, document=draft, accounts=accounts(), moment=NOON)
        expected = {c.account.pk: told(c.after) for c in found}
    publish(acme, DAY, draft)
    with scope(acme.pk):
        for account in accounts():
            score(acme, account, DAY)
        stored = {
            health.account_id: (health.score, health.band_key, health.coverage)
            for health in Health.objects.all()
        }
    assert stored == expected
