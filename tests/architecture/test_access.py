"""Strangers at every address: new ones are covered as soon as they exist."""

from typing import Any

import pytest
from django.test import Client

from accounts.models import Role, Workspace
from tests.architecture.addresses import SLUG, Address, addresses
from tests.factories import ALL_SCOPES, bearer, make_account, make_key, make_member, make_workspace

pytestmark = pytest.mark.django_db

# What everybody may see; whatever is added here needs a reason.
PUBLIC = {
    "healthz": "for the load balancer",
    "login": "the entrance",
    "logout": "leads to the entrance",
    "password_reset": "for who cannot sign in",
    "password_reset_done": "for who cannot sign in",
    "password_reset_confirm": "guarded by its token",
    "password_reset_complete": "for who cannot sign in",
    "api-schema": "the same for everybody, no data",
    "api-docs": "the same for everybody, no data",
    **dict.fromkeys(
        (
            f"beside-{name}{slash}"
            for name in ("flags", "decide", "definitions", "config", "source")
            for slash in ("", "-slash")
        ),
        "what clients ask beside delivering: the same for everybody, no data",
    ),
}
METHODS = ("get", "head", "post", "put", "patch", "delete", "options")

ALL = addresses()
PAGES = [address for address in ALL if address.path.startswith("/w/")]
KEYED = [a for a in ALL if a.path.startswith("/api/") or a.name.startswith("client-")]
API = [address for address in KEYED if address.name not in PUBLIC]
OTHERS = [a for a in ALL if a not in PAGES and a not in API and a.name not in PUBLIC]


def ask(client: Client, method: str, address: Address, **extra: Any) -> Any:
    if method == "put":
        extra["content_type"] = "application/json"
    return getattr(client, method)(address.path, **extra)


@pytest.fixture
def acme() -> Workspace:
    workspace = make_workspace(SLUG)
    make_account(workspace, "probe")
    return workspace


def test_every_address_has_a_name() -> None:
    assert [address.path for address in ALL if not address.name] == []
    assert set(PUBLIC) <= {address.name for address in ALL}


@pytest.mark.parametrize("address", PAGES, ids=str)
def test_page_sends_who_is_not_signed_in_to_the_entrance(address: Address, acme: Workspace) -> None:
    for method in METHODS:
        response = ask(Client(), method, address)
        assert (response.status_code, response["Location"][:7]) == (302, "/login/")


@pytest.mark.parametrize("address", PAGES, ids=str)
def test_page_is_404_for_a_member_of_another_workspace(address: Address, acme: Workspace) -> None:
    client = Client()
    client.force_login(make_member(make_workspace("globex"), Role.ADMIN))
    for method in METHODS:
        assert ask(client, method, address).status_code == 404


@pytest.mark.parametrize("address", PAGES, ids=str)
def test_viewer_changes_nothing(address: Address, acme: Workspace) -> None:
    client = Client(raise_request_exception=False)
    client.force_login(make_member(acme, Role.VIEWER))
    for method in ("post", "put", "patch", "delete"):
        assert ask(client, method, address).status_code in {403, 404, 405}


@pytest.mark.parametrize("address", PAGES, ids=str)
def test_change_without_a_csrf_token_is_refused(address: Address, acme: Workspace) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(make_member(acme, Role.ADMIN))
    assert ask(client, "post", address).status_code in {403, 404, 405}


@pytest.mark.parametrize("address", API, ids=str)
def test_call_without_a_key_is_401(address: Address, acme: Workspace) -> None:
    for method in METHODS:
        for extra in ({}, {"HTTP_AUTHORIZATION": "Bearer sk_wrong"}):
            response = ask(Client(), method, address, **extra)
            assert response.status_code == 401
            if method != "head":
                assert response.json()["code"] == "unauthorized"


@pytest.mark.parametrize("address", API, ids=str)
def test_session_opens_no_call(address: Address, acme: Workspace) -> None:
    client = Client()
    client.force_login(make_member(acme, Role.ADMIN))
    assert ask(client, "get", address).status_code == 401


@pytest.mark.parametrize("address", [a for a in API if a.arguments], ids=str)
def test_object_of_another_workspace_is_404(address: Address, acme: Workspace) -> None:
    secret = make_key(make_workspace("globex"))
    response = ask(Client(), "get", address, **bearer(secret))
    # 400: a parameter is missing, before anything was looked for.
    assert response.status_code in {400, 404, 405}


@pytest.mark.parametrize("address", API, ids=str)
def test_key_without_the_scope_is_403(address: Address, acme: Workspace) -> None:
    """Every call that does something refuses a key with the other scopes."""
    keys = {scope: bearer(make_key(acme, [scope])) for scope in ALL_SCOPES}
    for method in METHODS:
        statuses = {
            scope: ask(Client(), method, address, **key).status_code for scope, key in keys.items()
        }
        refused = [scope for scope, status in statuses.items() if status == 403]
        if not refused:
            assert set(statuses.values()) <= {204, 404, 405}, (method, statuses)


@pytest.mark.parametrize("address", OTHERS, ids=str)
def test_what_is_neither_page_nor_call_asks_to_sign_in(address: Address, db: None) -> None:
    response = Client().get(address.path)
    if response.status_code != 401:
        assert (response.status_code, response["Location"][:7]) == (302, "/login/")
