import re
from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from django.test import Client

from accounts.models import ApiKey, Role, Workspace
from accounts.tenancy import scope
from tests.factories import bearer, make_key, make_member, make_workspace

pytestmark = pytest.mark.django_db

URL = "/w/acme/settings/keys/"
NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)


@pytest.fixture
def acme() -> Workspace:
    return make_workspace("acme", time_zone="Asia/Tokyo")


@pytest.fixture
def admin(client: Client, acme: Workspace) -> Client:
    client.force_login(make_member(acme, Role.ADMIN))
    return client


def keys(workspace: Workspace) -> list[ApiKey]:
    with scope(workspace.pk):
        return list(ApiKey.objects.order_by("pk"))


def secrets_in(response: Any) -> set[str]:
    return set(re.findall(r"sk_[\w-]{43}", response.content.decode()))


def works(secret: str) -> bool:
    response = Client().get("/api/v1/accounts/", **bearer(secret))
    return response.status_code != 401


def test_created_key_is_shown_once_and_works(admin: Client, acme: Workspace) -> None:
    given = {"name": "Warehouse", "scopes": ["read", "ingest"], "expires_on": ""}
    response = admin.post(f"{URL}create/", given)
    (secret,) = secrets_in(response)
    assert (response.status_code, response["Cache-Control"]) == (
        200,
        "max-age=0, no-cache, no-store, must-revalidate, private",
    )
    (key,) = keys(acme)
    assert (key.name, key.scopes, key.prefix) == ("Warehouse", "ingest read", secret[:9])
    assert works(secret)
    assert secrets_in(admin.get(URL)) == set()


def test_example_call_fits_the_scope(admin: Client) -> None:
    for scope_name, end in (
        ("ingest", "http://testserver/api/v1/events/"),
        ("read", "http://testserver/api/v1/accounts/"),
        ("write", "http://testserver/api/v1/accounts/"),
        ("admin", "http://testserver/api/v1/scorecards/"),
    ):
        response = admin.post(f"{URL}create/", {"name": "a", "scopes": [scope_name]})
        assert response.context["curl"].endswith(end)


@time_machine.travel(NOW, tick=False)
def test_last_day_ends_at_midnight_of_the_workspace(admin: Client, acme: Workspace) -> None:
    admin.post(f"{URL}create/", {"name": "a", "scopes": ["read"], "expires_on": "2026-03-31"})
    assert keys(acme)[0].expires_at == datetime(2026, 3, 31, 15, tzinfo=UTC)
    assert str(admin.get(URL).context["rows"][0]["last_day"]) == "2026-03-31"


@time_machine.travel(NOW, tick=False)
@pytest.mark.parametrize(
    ("given", "errors"),
    [
        ({"name": "", "scopes": ["read"]}, {"name": ["This field is required."]}),
        ({"name": "a"}, {"scopes": ["Choose at least one."]}),
        (
            {"name": "a", "scopes": ["root"]},
            {"scopes": ["Select a valid choice. root is not one of the available choices."]},
        ),
        (
            {"name": "a", "scopes": ["read"], "expires_on": "2026-03-09"},
            {"expires_on": ["This day is over."]},
        ),
    ],
)
def test_key_that_can_not_be_made_is_told_beside_the_field(
    admin: Client, acme: Workspace, given: dict[str, Any], errors: dict[str, list[str]]
) -> None:
    response = admin.post(f"{URL}create/", given)
    assert (response.status_code, response.context["form"].errors) == (422, errors)
    assert keys(acme) == []


def test_revoked_key_stops_at_once(admin: Client, acme: Workspace) -> None:
    secret = make_key(acme)
    assert works(secret)
    response = admin.post(f"{URL}{keys(acme)[0].pk}/revoke/")
    assert (response.status_code, works(secret)) == (302, False)
    assert [row["state"] for row in admin.get(URL).context["rows"]] == ["revoked"]


def test_rotated_key_has_a_twin_that_works_beside_it(admin: Client, acme: Workspace) -> None:
    secret = make_key(acme, ["read", "write"])
    response = admin.post(f"{URL}{keys(acme)[0].pk}/rotate/")
    (fresh,) = secrets_in(response)
    assert (works(secret), works(fresh)) == (True, True)
    assert [(key.name, key.scopes) for key in keys(acme)] == [("test", "read write")] * 2


@time_machine.travel(NOW, tick=False)
def test_rotated_key_lives_as_long_as_the_old_one(admin: Client, acme: Workspace) -> None:
    make_key(acme, expires_at=datetime(2026, 3, 20, 12, tzinfo=UTC))
    with time_machine.travel(datetime(2026, 3, 15, 12, tzinfo=UTC), tick=False):
        admin.post(f"{URL}{keys(acme)[0].pk}/rotate/")
    assert keys(acme)[1].expires_at == datetime(2026, 3, 25, 12, tzinfo=UTC)


def test_keys_are_listed_with_their_state(admin: Client, acme: Workspace) -> None:
    make_key(acme, expires_at=datetime(2020, 1, 1, tzinfo=UTC))
    make_key(acme)
    make_key(make_workspace("other"))
    assert [row["state"] for row in admin.get(URL).context["rows"]] == ["active", "expired"]


@pytest.mark.parametrize("action", ["revoke", "rotate"])
def test_keys_belong_to_admins_of_their_workspace(action: str, acme: Workspace) -> None:
    secret = make_key(acme)
    address = f"{URL}{keys(acme)[0].pk}/{action}/"
    codes = []
    for person in (
        make_member(acme, Role.CSM),
        make_member(make_workspace("other"), Role.ADMIN),
    ):
        client = Client()
        client.force_login(person)
        codes.append(client.post(address).status_code)
    assert codes == [403, 404]
    assert (works(secret), len(keys(acme))) == (True, 1)


def test_key_of_another_workspace_is_unknown(admin: Client) -> None:
    other = make_workspace("other")
    make_key(other)
    assert admin.post(f"{URL}{keys(other)[0].pk}/revoke/").status_code == 404
