import random
from datetime import date, timedelta
from typing import Any

import pytest

from accounts.models import Account, Workspace
from accounts.tenancy import scope
from scoring.models import Health
from scoring.portfolio.pages import Page, batch, page
from scoring.portfolio.wanted import NOBODY, SORTS, Cursor, Wanted
from tests.factories import make_account, make_member, make_workspace
from tests.scoring.portfolios import PROVISIONAL, TODAY, make_health

pytestmark = pytest.mark.django_db


@pytest.fixture
def workspace() -> Workspace:
    return make_workspace()


def keys(found: Page) -> list[str]:
    return [line.key for line in found.lines]


def found(workspace: Workspace, **wanted: Any) -> list[str]:
    with scope(workspace.pk):
        return keys(page(Wanted(**wanted)))


def fill(workspace: Workspace, number: int = 23) -> None:
    """Ties, missing values and accounts without health in every column."""
    chance = random.Random(7)  # noqa: S311
    owners = [make_member(workspace) for _ in range(3)] + [None]
    for n in range(number):
        account: dict[str, Any] = {
            "key": f"a{n:02}",
            "name": chance.choice(["Alpha", "beta", "Gamma"]),
            "stage": chance.choice(["", "ongoing", "onboarding"]),
            "owner": chance.choice(owners),
            "contract_value_cents": chance.choice([None, 100, 5000]),
            "renewal_on": chance.choice([None, TODAY, TODAY + timedelta(days=9)]),
        }
        if n % 5 == 0:
            make_account(workspace, **account)
        else:
            score, change = chance.choice([None, 40, 60.5, 90]), chance.choice([None, -9, 0, 4])
            make_health(workspace, score=score, change=change, **account)


@pytest.mark.parametrize("sort", [f"{sign}{name}" for name in SORTS for sign in ("", "-")])
def test_page_walks_through_everything_once_and_back_again(workspace: Workspace, sort: str) -> None:
    fill(workspace)
    wanted = Wanted(sort=sort)
    with scope(workspace.pk):
        whole = keys(page(wanted, size=100))
        assert sorted(whole) == [f"a{n:02}" for n in range(23)]
        pages = [page(wanted, size=5)]
        while pages[-1].following:
            pages.append(page(wanted, after=pages[-1].following, size=5))
        assert [key for one in pages for key in keys(one)] == whole
        assert [len(one.lines) for one in pages] == [5, 5, 5, 5, 3]
        last = pages.pop()
        while last.previous:
            last = page(wanted, before=last.previous, size=5)
            assert keys(last) == keys(pages.pop())
        assert pages == []


@pytest.mark.parametrize("sort", ["score", "-score"])
def test_page_puts_accounts_without_a_score_last(workspace: Workspace, sort: str) -> None:
    make_account(workspace, "never")
    make_health(workspace, "unknown", score=None)
    make_health(workspace, "low", score=20)
    make_health(workspace, "high", score=80)
    order = ["low", "high"] if sort == "score" else ["high", "low"]
    last = ["never", "unknown"] if sort == "score" else ["unknown", "never"]
    assert found(workspace, sort=sort) == order + last


def test_page_sorts_names_without_regard_to_case(workspace: Workspace) -> None:
    for name in ("beta", "Gamma", "Alpha"):
        make_account(workspace, name, name=name)
    assert found(workspace, sort="name") == ["Alpha", "beta", "Gamma"]


def test_page_sorts_by_the_names_of_owners(workspace: Workspace) -> None:
    zoe, adam = make_member(workspace, email="a@example.com"), make_member(workspace)
    zoe.name, adam.name = "Zoe", "adam"
    zoe.save()
    adam.save()
    make_account(workspace, "nobody")
    make_account(workspace, "of-zoe", owner=zoe)
    make_account(workspace, "of-adam", owner=adam)
    assert found(workspace, sort="owner") == ["of-adam", "of-zoe", "nobody"]
    assert found(workspace, sort="-owner") == ["of-zoe", "of-adam", "nobody"]


def test_page_is_stable_while_rows_change_before_the_place(workspace: Workspace) -> None:
    for n in range(6):
        make_health(workspace, f"a{n}", score=10 * n)
    with scope(workspace.pk):
        first = page(Wanted(), size=3)
        Health.objects.filter(account_id=first.lines[0].id).update(score=990_000)
        Account.objects.filter(key="a1").delete()
        second = page(Wanted(), after=first.following, size=3)
    assert (keys(first), keys(second)) == (["a0", "a1", "a2"], ["a3", "a4", "a5"])


def test_filters_leave_what_they_say(workspace: Workspace) -> None:
    me = make_member(workspace)
    soon, past = TODAY + timedelta(days=20), TODAY - timedelta(days=1)
    make_health(workspace, "red", score=20, change=-4.5, stage="ongoing", owner=me)
    make_health(workspace, "yellow", score=60, change=-4.4, renewal_on=soon, flags=PROVISIONAL)
    make_health(workspace, "green", score=90, change=5, stage="onboarding", renewal_on=past)
    make_account(workspace, "never", stage="ongoing")
    assert found(workspace, bands=("red",)) == ["red"]
    assert found(workspace, bands=("green", "red")) == ["red", "green"]
    assert found(workspace, bands=("unknown",)) == ["never"]
    assert found(workspace, bands=("unknown", "red"), sort="name") == ["never", "red"]
    assert found(workspace, stages=("ongoing",)) == ["red", "never"]
    assert found(workspace, owner=me.pk) == ["red"]
    assert found(workspace, owner=NOBODY) == ["yellow", "green", "never"]
    assert found(workspace, renewal_from=TODAY, renewal_to=soon) == ["yellow"]
    assert found(workspace, renewal_to=past) == ["green"]
    assert found(workspace, moved="down") == ["red"]
    assert found(workspace, moved="up") == ["green"]
    assert found(workspace, low_coverage=True) == ["yellow"]
    assert found(workspace, low_coverage=True, bands=("red",)) == []


def test_search_wants_every_word_somewhere_in_name_or_key(workspace: Workspace) -> None:
    make_health(workspace, "k-1", name="Contoso Logistics")
    make_account(workspace, "k-2", name="Contoso 100% Air_")
    assert found(workspace, text="CONTOSO") == ["k-1", "k-2"]
    assert found(workspace, text="logi k-1") == ["k-1"]
    assert found(workspace, text="0% r_") == ["k-2"]
    assert found(workspace, text="_%") == []
    assert found(workspace, text="k-2", sort="owner") == ["k-2"]


@pytest.mark.parametrize("sort", [sign + name for name in SORTS for sign in ("", "-")])
def test_search_of_what_many_have_finds_the_same(
    sort: str, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(workspace)
    asked: list[dict[str, Any]] = [{"text": "a"}, {"text": "a", "bands": ("red",)}]
    asked.append({"text": "A a", "stages": ("ongoing",)})
    few = [found(workspace, sort=sort, **one) for one in asked]
    assert len(few[0]) == 23
    monkeypatch.setattr("scoring.portfolio.statement.FEW", 3)
    monkeypatch.setattr("scoring.portfolio.statement.FEW_NAMED", 3)
    assert [found(workspace, sort=sort, **one) for one in asked] == few


def test_page_of_another_workspace_is_empty(workspace: Workspace) -> None:
    make_health(workspace, "mine")
    assert found(make_workspace()) == []


def test_batch_reads_on_after_a_place(workspace: Workspace) -> None:
    for n in range(3):
        make_health(workspace, f"a{n}", score=n)
    with scope(workspace.pk):
        first = batch(Wanted(), size=2)
        rest = batch(Wanted(), after=first[-1].cursor, size=2)
    assert [line.key for line in first + rest] == ["a0", "a1", "a2"]


@pytest.mark.parametrize(
    "cursor",
    [
        Cursor("score", 401228, 7),
        Cursor("score", None, 7),
        Cursor("-name", "ähm 100%", 7),
        Cursor("renewal", date(2026, 3, 10), 7),
    ],
)
def test_cursor_is_read_as_it_was_written(cursor: Cursor) -> None:
    assert Cursor.read(str(cursor), cursor.sort) == cursor


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "%%%",
        str(Cursor("-score", 1, 7)),
        str(Cursor("score", "1", 7)),
        str(Cursor("score", 2**63, 7)),
        str(Cursor("score", 1, 2**63)),
        "WyJzY29yZSIsIHRydWUsIDdd",
        "é",
    ],
)
def test_cursor_that_fits_nothing_is_none(text: str) -> None:
    assert Cursor.read(text, "score") is None


def test_cursor_without_value_is_none_where_every_row_has_one() -> None:
    assert Cursor.read(str(Cursor("name", None, 7)), "name") is None
