"""GET /api/v1/quarantine/ and POST /api/v1/quarantine/replay/."""

from typing import Any

import pytest
from django.test import Client

from accounts.models import Workspace
from accounts.tenancy import scope
from tests.factories import bearer, make_account, make_key, make_workspace
from tests.integrations.test_quarantine import UNKNOWN, event, reject, waiting
from usage.models import AccountDay

pytestmark = pytest.mark.django_db

URL = "/api/v1/quarantine/"


@pytest.fixture
def strict() -> Workspace:
    return make_workspace("strict", unknown_accounts="reject")


def replay(client: Client, secret: str, **body: Any) -> Any:
    return client.post(f"{URL}replay/", body, "application/json", **bearer(secret))


def test_list_pages_through_what_waits(client: Client, strict: Workspace) -> None:
    reject(strict, event("1"), event("2"), event("3", type=""))
    admin = bearer(make_key(strict, ["admin"]))
    first = client.get(URL, {"limit": 2}, **admin).json()
    second = client.get(URL, {"limit": 2, "cursor": first["next"]}, **admin).json()
    assert second["next"] is None
    found = sorted([*first["results"], *second["results"]], key=lambda row: row["event_id"])
    assert [(row["event_id"], row["reason"]) for row in found] == [
        ("1", UNKNOWN),
        ("2", UNKNOWN),
        ("3", "type: must not be empty"),
    ]
    assert found[0]["body"] == event("1")
    narrowed = client.get(URL, {"reason": UNKNOWN, "source": "api"}, **admin).json()["results"]
    assert {row["event_id"] for row in narrowed} == {"1", "2"}
    assert client.get(URL, {"cursor": "x"}, **admin).status_code == 400


def test_replay_stores_what_is_good_by_now(client: Client, strict: Workspace) -> None:
    reject(strict, event("1"), event("2", type=""), event("3"))
    secret = make_key(strict, ["admin"])
    make_account(strict, "acme")
    assert replay(client, secret, reason="no such reason").json() == {"stored": 0, "rejected": 0}
    assert replay(client, secret, reason=UNKNOWN).json() == {"stored": 2, "rejected": 0}
    assert replay(client, secret).json() == {"stored": 0, "rejected": 1}
    assert waiting(strict) == [("2", "type: must not be empty")]
    with scope(strict.pk):
        assert AccountDay.objects.get().logins == 2


def test_only_admin_keys_of_the_workspace(client: Client, strict: Workspace) -> None:
    (pk,) = reject(strict, event("1"))
    make_account(strict, "acme")
    other = make_workspace()
    assert replay(client, make_key(other), ids=[pk]).json() == {"stored": 0, "rejected": 0}
    assert client.get(URL, **bearer(make_key(other))).json()["results"] == []
    reader = make_key(strict, ["read", "write", "ingest"])
    assert client.get(URL, **bearer(reader)).status_code == 403
    assert replay(client, reader, ids=[pk]).status_code == 403
    assert replay(client, make_key(strict), ids=[pk]).json() == {"stored": 1, "rejected": 0}
