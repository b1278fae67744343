import pytest
from django.test import Client

from accounts.models import Role
from tests.factories import bearer, make_key, make_member, make_workspace

pytestmark = pytest.mark.django_db


def test_connect_shows_this_installations_address_and_who_was_seen() -> None:
    workspace = make_workspace("acme", login_names="Came In\n")
    client = Client()
    client.force_login(make_member(workspace, Role.ADMIN))
    message = {"type": "page", "userId": "ann", "context": {"groupId": "acme"}, "messageId": "m"}
    stored = Client().post(
        "/v1/batch",
        {"batch": [message]},
        content_type="application/json",
        **bearer(make_key(workspace)),
    )
    assert stored.json()["accepted"] == 1
    page = client.get("/w/acme/settings/connect/").content.decode()
    assert page.count("http://testserver&quot;, gzip=True") == 4
    assert page.count("Last seen") == 1
    assert page.count("Not seen yet") == 2
    assert "the same: Came In." in page


def test_connect_is_for_admins() -> None:
    workspace = make_workspace("acme")
    client = Client()
    client.force_login(make_member(workspace, Role.CSM))
    assert client.get("/w/acme/settings/connect/").status_code == 403
