from typing import Any

import pytest
from django.test import Client

from accounts.models import Role, Workspace
from tests.accounts.conftest import Send
from tests.factories import bearer, make_account, make_key, make_member, make_workspace

pytestmark = pytest.mark.django_db

LEE = {"email": "lee@contoso.example", "name": "Lee", "influence": "champion", "is_key": True}


def get(client: Client, secret: str, key: str = "contoso") -> Any:
    return client.get(f"/api/v1/accounts/{key}/people/", **bearer(secret))


def test_people_are_told_and_read(
    client: Client, workspace: Workspace, secret: str, send: Send
) -> None:
    csm = make_member(workspace, Role.CSM, "csm@acme.example")
    row = {"key": "contoso", "name": "Contoso", "owner": csm.email}
    team = [{"user": csm.email, "role": "Onboarding"}]
    told = {"accounts": [{**row, "contacts": [LEE], "team": team}]}
    assert send("accounts/", told).json() == {"created": 1, "updated": 0, "unchanged": 0}
    assert get(client, secret).json() == {
        "account": "contoso",
        "owner": csm.email,
        "team": [{"user": csm.email, "name": csm.name, "role": "Onboarding"}],
        "contacts": [{**LEE, "title": "", "phone": "", "role": "", "status": "active"}],
    }
    told["accounts"][0]["contacts"] = [{**LEE, "status": "departed"}]
    assert send("accounts/", told).json() == {"created": 0, "updated": 1, "unchanged": 0}
    assert get(client, secret).json()["contacts"][0]["status"] == "departed"


@pytest.mark.parametrize(
    ("field", "value", "path"),
    [
        ("contacts", [{**LEE, "influence": "boss"}], "accounts[0].contacts[0].influence"),
        ("contacts", [{**LEE, "status": "gone"}], "accounts[0].contacts[0].status"),
        ("team", [{"user": "who@acme.example", "role": "AE"}], "accounts[0].team[0].user"),
    ],
)
def test_what_is_no_influence_status_or_member_is_refused(
    send: Send, field: str, value: Any, path: str
) -> None:
    response = send("accounts/", {"accounts": [{"key": "a", "name": "A", field: value}]})
    assert response.status_code == 400
    assert [problem["path"] for problem in response.json()["errors"]] == [path]


def test_people_are_read_by_those_who_may(client: Client, workspace: Workspace) -> None:
    make_account(workspace, "contoso")
    stranger = make_key(make_workspace(), ["read"])
    assert get(client, make_key(workspace, ["read"])).status_code == 200
    assert get(client, make_key(workspace, ["ingest"])).status_code == 403
    assert get(client, stranger).status_code == 404
