from typing import Any

import pytest
from django.test import Client

from accounts.models import Role, User, Workspace
from accounts.tenancy import scope
from scoring.models import DefaultView, View
from tests.factories import make_member, make_workspace
from tests.scoring.portfolios import make_health

pytestmark = pytest.mark.django_db
LIST = "/w/northwind/accounts/"


@pytest.fixture
def workspace() -> Workspace:
    found = make_workspace("northwind")
    make_health(found, "low", score=20)
    make_health(found, "good", score=90)
    return found


@pytest.fixture
def me(workspace: Workspace, client: Client) -> User:
    user = make_member(workspace, Role.CSM)
    client.force_login(user)
    return user


def save(client: Client, name: str = "Mine", query: str = "sort=name&band=red", **more: Any) -> Any:
    return client.post("/w/northwind/new-view/", {"name": name, "query": query, **more})


def offered(client: Client, query: str = "?view=all") -> list[tuple[str, bool]]:
    views = client.get(LIST + query).context["views"]
    return [(row.view.name, row.current) for row in views.rows]


def test_view_is_an_address_of_its_own(client: Client, me: User) -> None:
    assert save(client)["Location"] == f"{LIST}?band=red&sort=name"
    assert client.get("/w/northwind/views/mine/")["Location"] == f"{LIST}?band=red&sort=name"
    assert offered(client) == [("Mine", False)]
    assert offered(client, "?sort=name&band=red&after=x&format=") == [("Mine", True)]


def test_private_view_is_its_owners_and_a_shared_one_everybodys(
    client: Client, workspace: Workspace, me: User
) -> None:
    save(client)
    save(client, "Ours", "band=green", shared="1")
    other, stranger = Client(), Client()
    other.force_login(make_member(workspace, Role.VIEWER))
    stranger.force_login(make_member(make_workspace("globex")))
    assert offered(other) == [("Ours", False)]
    assert other.get("/w/northwind/views/mine/").status_code == 404
    assert other.get("/w/northwind/views/ours/").status_code == 302
    assert stranger.get("/w/northwind/views/ours/").status_code == 404
    assert stranger.get("/w/globex/views/ours/").status_code == 404
    assert save(other).status_code == 403


def test_same_name_replaces_ones_own_and_never_anothers(
    client: Client, workspace: Workspace, me: User
) -> None:
    save(client)
    save(client, query="band=green")
    other = Client()
    other.force_login(make_member(workspace, Role.CSM))
    save(other, query="q=x")
    with scope(workspace.pk):
        found = list(View.objects.order_by("pk").values_list("key", "query"))
    assert found == [("mine", "band=green"), ("mine-2", "q=x")]


def test_list_opens_with_the_view_that_was_chosen(
    client: Client, workspace: Workspace, me: User
) -> None:
    save(client)
    client.post("/w/northwind/views/mine/open-with/")
    assert client.get(LIST)["Location"] == "/w/northwind/views/mine/"
    page = client.get(f"{LIST}?band=red&sort=name")
    assert page.context["clear_all_url"] == "?sort=name"
    assert page.context["choice"].without("band", "sort") == "?view=all"
    assert len(client.get(f"{LIST}?view=all").context["table"].rows) == 2
    client.post("/w/northwind/views/mine/open-with/")
    assert client.get(LIST).status_code == 200


def test_who_removes_a_view(client: Client, workspace: Workspace, me: User) -> None:
    save(client, shared="1")
    client.post("/w/northwind/views/mine/open-with/")
    csm, manager = Client(), Client()
    csm.force_login(make_member(workspace, Role.CSM))
    manager.force_login(make_member(workspace, Role.MANAGER))
    assert csm.post("/w/northwind/views/mine/remove/").status_code == 403
    answer = manager.post("/w/northwind/views/mine/remove/")
    assert answer["Location"] == f"{LIST}?band=red&sort=name"
    with scope(workspace.pk):
        assert (View.objects.count(), DefaultView.objects.count()) == (0, 0)
    assert client.get(LIST).status_code == 200


@pytest.mark.parametrize(
    ("name", "query"), [("", "q=x"), ("n" * 81, "q=x"), ("n", "q=" + "x" * 4000)]
)
def test_what_can_not_be_kept_is_said(
    client: Client, workspace: Workspace, me: User, name: str, query: str
) -> None:
    assert save(client, name, query).status_code == 302
    with scope(workspace.pk):
        assert View.objects.count() == 0
