"""The filters of the list, the chips that take them back, and whose accounts the pages are about."""

import csv
import io
from typing import Any

import pytest
import time_machine
from django.test import Client

from accounts.models import Account, AccountTag, Tag, TeamMember, User, Workspace
from accounts.tenancy import scope
from scoring.models import Health
from tests.factories import make_member, make_workspace
from tests.scoring.portfolios import LOGINS, NOON, TODAY, make_health

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_noon")]


@pytest.fixture
def at_noon() -> Any:
    with time_machine.travel(NOON, tick=False):
        yield


@pytest.fixture
def workspace() -> Workspace:
    return make_workspace("northwind")


@pytest.fixture
def me(workspace: Workspace, client: Client) -> User:
    user = make_member(workspace)
    client.force_login(user)
    return user


def get(client: Client, query: str = "", page: str = "accounts/", **headers: Any) -> Any:
    return client.get(f"/w/northwind/{page}{query}", **headers)


def names(client: Client, query: str) -> list[str]:
    return [row.name for row in get(client, query).context["table"].rows]


def chips(client: Client, query: str) -> list[tuple[str, str, str]]:
    found = get(client, query).context["chips"]
    return [(chip.label, chip.text, chip.url) for chip in found]


def test_attributes_are_filters(client: Client, workspace: Workspace, me: User) -> None:
    make_health(workspace, "a", score=1, attributes={"region": "eu", "seats": 5, "vip": True})
    make_health(workspace, "b", score=2, attributes={"region": "us", "seats": 50})
    make_health(workspace, "c", score=3, attributes={"seats": "many", "products": ["crm", "eu"]})
    make_health(workspace, "d", score=4, attributes={"region": None, "seats": 7.5})
    found = {
        query: names(client, query)
        for query in (
            "?attr:region=eu",
            "?attr:region=eu&attr:region=us",
            "?attr:products=crm",
            "?attr:vip=true",
            "?attr:seats=50",
            "?min:seats=6",
            "?min:seats=6&max:seats=7.5",
            "?max:seats=10&attr:region=eu",
            "?without=region",
            "?min:seats=nonsense",
            "?attr:=x",
        )
    }
    assert list(found.values()) == [
        ["a"],
        ["a", "b"],
        ["c"],
        ["a"],
        ["b"],
        ["b", "d"],
        ["d"],
        ["a"],
        ["c", "d"],
        ["a", "b", "c", "d"],
        ["a", "b", "c", "d"],
    ]


def test_renewal_within_days_of_ones_own(client: Client, workspace: Workspace, me: User) -> None:
    for days in (-1, 0, 20, 45, 90):
        renewal = TODAY + (NOON - NOON.replace(day=9)) * days
        make_health(workspace, f"in {days}", score=50 + days / 10, renewal_on=renewal)
    assert names(client, "?renewal=45") == ["in 0", "in 20", "in 45"]
    assert names(client, "?renewal=20-45") == ["in 20", "in 45"]
    assert names(client, "?renewal_from=21&renewal_to=90") == ["in 45", "in 90"]
    assert names(client, "?renewal_from=&renewal_to=20") == ["in 0", "in 20"]
    assert chips(client, "?renewal_from=21&renewal_to=90&stage=") == [
        ("Renewal", "In 21 to 90 days", "?view=all")
    ]


def test_tags_and_stale_metrics_are_filters(client: Client, workspace: Workspace, me: User) -> None:
    first = make_health(workspace, "first", flags=Health.STALE)
    make_health(workspace, "second")
    with scope(workspace.pk):
        tag = Tag.objects.create(name="At risk")
        AccountTag.objects.create(account_id=first.pk, tag_id=tag.pk, added_at=NOON)
    assert names(client, "?tag=at+risk") == ["first"]
    assert names(client, "?tag=gone") == []
    assert names(client, "?data=stale") == ["first"]
    page = get(client)
    assert {menu["label"] for menu in page.context["menus"]} >= {"Tag", "Data"}


def test_every_filter_has_a_chip_that_takes_it_back(
    client: Client, workspace: Workspace, me: User
) -> None:
    other = make_member(workspace)
    make_health(workspace, "a", stage="live", owner=other)
    query = (
        f"?q=con&band=red&band=green&stage=live&owner={other.pk}&renewal=overdue&change=down"
        "&coverage=low&data=stale&attr:region=eu&min:seats=5&without=plan&sort=name"
    )
    told = chips(client, query)
    assert [(label, text) for label, text, _url in told] == [
        ("Search", "“con”"),
        ("Health", "Poor"),
        ("Health", "Good"),
        ("Stage", "live"),
        ("Owner", other.name or other.email),
        ("Renewal", "Overdue"),
        ("Change", "Down 5 points or more"),
        ("Data", "Provisional: too little data"),
        ("Data", "Stale: a metric expired or lost its data"),
        ("region", "eu"),
        ("seats", "at least 5"),
        ("plan", "not set"),
    ]
    for number, (_label, _text, url) in enumerate(told):
        left = chips(client, url)
        assert [each[:2] for each in left] == [
            each[:2] for place, each in enumerate(told) if place != number
        ]
    assert get(client, query).context["clear_all_url"] == "?sort=name"


PAGES = ("accounts/", "matrix/", "movers/", "distribution/")


@pytest.mark.parametrize("page", PAGES)
def test_mine_my_teams_and_everyones(
    client: Client, workspace: Workspace, me: User, page: str
) -> None:
    make_health(workspace, "a")
    whose = get(client, "?owner=team", page).context["whose"]
    assert [(each["label"], each["current"]) for each in whose] == [
        ("Mine", False),
        ("My team’s", True),
        ("Everyone’s", False),
    ]


def test_my_teams_are_those_that_i_own_or_work_for(
    client: Client, workspace: Workspace, me: User
) -> None:
    make_health(workspace, "mine", score=1, owner=me)
    helped: Account = make_health(workspace, "helped", score=2, owner=make_member(workspace))
    make_health(workspace, "strange", score=3)
    with scope(workspace.pk):
        TeamMember.objects.create(account=helped, user=me, role="AE")
    assert names(client, "?owner=me") == ["mine"]
    assert names(client, "?owner=team") == ["mine", "helped"]
    response = get(client, "?owner=team&sort=-score")
    assert (response.context["summary"].all.count, response.context["chips"]) == (2, [])


def test_columns_are_chosen_and_moved(client: Client, workspace: Workspace, me: User) -> None:
    make_health(workspace, "a", attributes={"region": "eu", "one, two": 3})
    page = get(client, "?columns=stage&columns=attr:one%252C two&columns=nonsense")
    columns = page.context["choice"].columns
    assert columns == ("stage", "attr:one, two")
    assert page.context["table"].rows[0].cells == {
        "stage": "",
        "attr:one, two": '<span class="num">3</span>',
    }
    again = get(client, page.context["choice"].url())
    assert again.context["choice"].columns == columns
    chooser = get(client, "?columns=stage,key&move=up:key&stage=live", "list/columns/")
    assert [column.key for column in chooser.context["chosen"]] == ["key", "stage"]
    assert [column.key for column in chooser.context["attributes"]] == [
        "attr:one, two",
        "attr:region",
    ]
    assert [str(column.label) for column in chooser.context["metrics"]] == ["Sponsor"]
    assert chooser.context["kept"] == [("stage", "live")]


def test_attribute_menu_leads_to_values_and_keeps_the_rest(
    client: Client, workspace: Workspace, me: User
) -> None:
    for n in range(3):
        make_health(workspace, f"a{n}", attributes={"region": "eu" if n else "us", "seats": n})
    menu = get(client, "?stage=live", "list/attribute/")
    assert menu.context["names"] == [
        ("region", "?stage=live&attribute=region"),
        ("seats", "?stage=live&attribute=seats"),
    ]
    values = get(client, "?stage=live&attr:region=asia&attribute=region", "list/attribute/")
    assert values.context["values"].counted == [("eu", 2), ("us", 1)]
    assert (values.context["others"], values.context["kept"]) == (["asia"], [("stage", "live")])
    assert get(client, "?attribute=seats", "list/attribute/").context["values"].numeric
    headers = {"HTTP_HX_REQUEST": "true", "HTTP_HX_TARGET": "attribute"}
    fragment = get(client, "?attribute=region", "list/attribute/", **headers).content.decode()
    assert ("<html" in fragment, 'id="attribute"' in fragment) == (False, True)


COLUMNS = "weeks,reason,coverage,status,key,created,tags,attr:seats,metric:sponsor"


@pytest.mark.parametrize("column", COLUMNS.split(","))
def test_every_column_sorts_both_ways_and_page_by_page(
    client: Client, workspace: Workspace, me: User, column: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for n, seats in enumerate([7, "a", None, 30, 7.5]):
        attributes = {} if seats is None else {"seats": seats}
        account = make_health(workspace, f"a{n}", coverage=9000 - n, attributes=attributes)
        make_health(workspace, f"b{n}", reasons=[LOGINS | {"points": -n}], created_on=TODAY)
        with scope(workspace.pk):
            tag, _new = Tag.objects.get_or_create(name=f"tag {n % 2}")
            AccountTag.objects.create(account_id=account.pk, tag_id=tag.pk, added_at=NOON)
    whole = names(client, f"?columns={COLUMNS}&sort={column}")
    assert sorted(whole) == [f"{kind}{n}" for kind in "ab" for n in range(5)]
    assert sorted(names(client, f"?sort=-{column}")) == sorted(whole)
    monkeypatch.setattr("scoring.portfolio.pages.page.__kwdefaults__", {
        "after": None, "before": None, "size": 3,
    })  # fmt: skip
    for sort in (column, f"-{column}"):
        pages, url = [], f"?sort={sort}"
        while url:
            response = get(client, url)
            pages += [row.name for row in response.context["table"].rows]
            url = response.context["next_url"]
        assert (sorted(pages), sort == column and pages != whole) == (sorted(whole), False)
    lines = b"".join(get(client, f"?columns={COLUMNS}&sort={column}&format=csv")).decode()
    told = list(csv.reader(io.StringIO(lines)))
    assert told[0][:2] == ["account", "name"]
    assert [row[1] for row in told[1:]] == whole


def test_attributes_sort_numbers_by_their_size_then_texts(
    client: Client, workspace: Workspace, me: User
) -> None:
    for n, seats in enumerate([100, "Zoo", 20, "ape", -3.5]):
        make_health(workspace, f"a{n}", attributes={"seats": seats})
    make_health(workspace, "none")
    assert names(client, "?sort=attr:seats") == ["a4", "a2", "a0", "a3", "a1", "none"]
    assert names(client, "?sort=-attr:seats") == ["a1", "a3", "a0", "a2", "a4", "none"]
    assert names(client, "?sort=attr:seats&attr:seats=20&attr:seats=ape") == ["a2", "a3"]
