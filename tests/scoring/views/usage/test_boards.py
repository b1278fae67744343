import csv
import io
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User, Workspace
from tests.factories import bearer, make_key, make_member, make_workspace
from tests.scoring.explorer.used import event, happen, make_peer, make_used, use

pytestmark = pytest.mark.django_db


def users(client: Client, query: str = "", key: str = "contoso") -> Any:
    return client.get(f"/w/northwind/accounts/{key}/users/{query}")


def features(client: Client, query: str = "") -> Any:
    return client.get(f"/w/northwind/usage/features/{query}")


def keys(response: Any) -> list[str]:
    return [row.key for row in response.context["page"].rows]


def test_users_are_top_new_or_lost(client: Client, workspace: Workspace, admin: User) -> None:
    make_used(workspace, "contoso", users=1, ago=40)
    happen(
        workspace,
        [
            event("1", "contoso", "old", 40),
            event("2", "contoso", "old", 3),
            event("3", "contoso", "old", 2),
            event("4", "contoso", "new", 2),
        ],
    )
    assert keys(users(client)) == ["old", "new"]
    assert keys(users(client, "?kind=new")) == ["new"]
    assert keys(users(client, "?kind=lost")) == ["user-000"]
    assert keys(users(client, "?days=7&kind=lost")) == []
    assert b"Nobody was lost" in users(client, "?days=7&kind=lost").content


def test_users_come_in_pages_and_as_a_file(
    client: Client, workspace: Workspace, admin: User
) -> None:
    make_used(workspace, "con/toso", users=120)
    seen: list[str] = []
    query = "?sort=logins"
    while query:
        page = users(client, query, "con/toso").context["page"]
        seen += [row.key for row in page.rows]
        query = page.next_url
    assert seen == [f"user-{n:03}" for n in range(120)]
    response = users(client, "?format=csv", "con/toso")
    text = b"".join(response.streaming_content).decode()
    assert [row["user"] for row in csv.DictReader(io.StringIO(text))] == seen


def test_users_of_another_workspace_are_not_found(client: Client, workspace: Workspace) -> None:
    make_used(workspace, "contoso", users=1)
    assert users(client)["Location"].startswith("/login/")
    client.force_login(make_member(make_workspace()))
    assert users(client).status_code == 404
    client.force_login(make_member(workspace))
    assert users(client, key="nobody").status_code == 404


def test_features_stand_against_the_mean_of_the_peers(
    client: Client, workspace: Workspace, admin: User
) -> None:
    make_peer(workspace, "contoso", users=6)
    make_peer(workspace, "peer", users=2)
    make_used(workspace, "outside", users=50)
    use(workspace, "contoso", users=3, ago=40)
    (row,) = features(client, "?account=contoso&days=30").context["features"].rows
    assert (row.uses, row.users, row.use.uses_before, row.share) == ("6", "6", 3, 1_000_000)
    assert (row.usual.mean, row.usual.share) == (40_000, 1_000_000)
    assert (row.against.text, row.change.text) == ("+2.0", "+100 %")


def test_features_of_all_count_their_accounts(
    client: Client, workspace: Workspace, admin: User
) -> None:
    make_used(workspace, "contoso", users=6)
    make_used(workspace, "globex", users=2)
    happen(workspace, [event("x", "globex", "ann", 1, "exports")])
    rows = features(client).context["features"].rows
    assert [(row.use.key, row.uses, row.accounts, row.share) for row in rows] == [
        ("reports", "8", "2", 1_000_000),
        ("exports", "1", "1", 500_000),
    ]


def test_features_as_a_file(client: Client, workspace: Workspace, admin: User) -> None:
    make_used(workspace, "contoso", users=2)
    text = b"".join(features(client, "?format=csv").streaming_content).decode()
    (row,) = csv.DictReader(io.StringIO(text))
    assert (row["feature"], row["uses"], row["share_percent"]) == ("reports", "2", "100.0000")


def test_address_below_the_account_leads_to_its_features(
    client: Client, workspace: Workspace, admin: User
) -> None:
    make_used(workspace, "con/toso", users=1)
    response = client.get("/w/northwind/accounts/con/toso/features/?days=30")
    assert response["Location"] == "/w/northwind/usage/features/?account=con%2Ftoso&days=30"


@pytest.mark.parametrize("name", ["users", "features"])
def test_account_that_is_called_like_a_page_has_its_own(
    client: Client, workspace: Workspace, admin: User, name: str
) -> None:
    make_used(workspace, f"team/{name}", users=1)
    response = client.get(f"/w/northwind/accounts/team/{name}/")
    assert (response.status_code, response.context["page"].account.key) == (200, f"team/{name}")


def test_call_tells_features_with_the_mean_of_the_peers(workspace: Workspace) -> None:
    make_peer(workspace, "contoso", users=6)
    make_peer(workspace, "peer", users=2)
    secret = make_key(workspace, ["read"])
    answer = Client().get("/api/v1/accounts/contoso/features/?days=30", **bearer(secret)).json()
    (row,) = answer["results"]
    assert (row["uses"], row["users"], row["peers_mean"], row["peers_share"]) == (
        6,
        6,
        "4.0000",
        "100.0000",
    )


def test_queries_do_not_grow_with_the_users(
    client: Client, workspace: Workspace, admin: User
) -> None:
    make_used(workspace, "contoso", users=1)
    users(client)
    counts = []
    for number in (1, 40):
        make_used(workspace, f"account-{number}", users=number)
        with CaptureQueriesContext(connection) as queries:
            assert len(keys(users(client, key=f"account-{number}"))) == number
        counts.append(len(queries))
    assert counts[0] == counts[1]
