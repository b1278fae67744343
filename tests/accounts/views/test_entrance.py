import re
from typing import Any

import pytest
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from accounts.counters import counted
from accounts.forms import sign_in
from accounts.models import Membership, User, Workspace
from accounts.tenancy import scope
from tests.factories import PASSWORD, make_member, make_user, make_workspace


@pytest.fixture
def ann(db: None) -> User:
    return make_user("ann@example.com")


def sign_in_as(client: Client, email: str, password: str, **extra: Any) -> Any:
    return client.post("/login/", {"username": email, "password": password}, **extra)


def errors(response: Any) -> list[str]:
    return [str(error) for error in response.context["form"].non_field_errors()]


@pytest.mark.parametrize("email", ["ann@example.com", " ANN@example.com "])
def test_sign_in_by_email_in_any_case(client: Client, ann: User, email: str) -> None:
    response = sign_in_as(client, email, PASSWORD)
    assert (response.status_code, response["Location"]) == (302, "/")
    assert client.session["_auth_user_id"] == str(ann.pk)


@pytest.mark.parametrize(
    ("email", "password"),
    [
        ("ann@example.com", "wrong"),
        ("nobody@example.com", PASSWORD),
        ("ann@example.com", PASSWORD + " "),
        ("gone@example.com", PASSWORD),
    ],
)
def test_failures_say_the_same_whoever_exists(
    client: Client, ann: User, email: str, password: str
) -> None:
    make_user("gone@example.com", is_active=False)
    assert errors(sign_in_as(client, email, password)) == ["E-mail or password is wrong."]
    assert "_auth_user_id" not in client.session


@pytest.mark.parametrize("email", ["", "no address", "a\0@example.com", "x" * 1000])
def test_senseless_email_is_a_message(client: Client, db: None, email: str) -> None:
    assert sign_in_as(client, email, PASSWORD).status_code == 200


@pytest.mark.parametrize("email", ["ann@example.com", "nobody@example.com"])
def test_too_many_failures_close_an_email_for_a_while(
    client: Client, ann: User, email: str
) -> None:
    for _ in range(sign_in.MOST_PER_EMAIL):
        assert errors(sign_in_as(client, email, "wrong")) == ["E-mail or password is wrong."]
    assert "Too many" in errors(sign_in_as(client, email, PASSWORD))[0]
    cache.clear()
    assert sign_in_as(client, "ann@example.com", PASSWORD).status_code == 302


def test_success_forgets_the_failures_before(client: Client, ann: User) -> None:
    for _round in range(3):
        for _ in range(sign_in.MOST_PER_EMAIL - 1):
            sign_in_as(client, "ann@example.com", "wrong")
        assert sign_in_as(client, "ann@example.com", PASSWORD).status_code == 302
        client.logout()


def test_too_many_failures_close_an_address(
    client: Client, ann: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sign_in, "MOST_PER_ADDRESS", 3)
    for number in range(3):
        sign_in_as(client, f"nobody{number}@example.com", "wrong")
    assert "Too many" in errors(sign_in_as(client, "ann@example.com", PASSWORD))[0]
    elsewhere = sign_in_as(client, "ann@example.com", PASSWORD, REMOTE_ADDR="10.0.0.9")
    assert elsewhere.status_code == 302


def test_address_behind_a_proxy_is_the_callers(client: Client, ann: User, settings: Any) -> None:
    settings.TRUSTED_PROXIES = 1
    sign_in_as(client, "x@example.com", "wrong", HTTP_X_FORWARDED_FOR="6.6.6.6, 10.1.1.1")
    name = sign_in.counter("signin-from", "10.1.1.1")
    assert counted(name) == 1


def test_sign_in_works_without_the_cache(
    client: Client, ann: User, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    location = {"LOCATION": "redis://127.0.0.1:1/0"}
    settings.CACHES = {"default": {**settings.CACHES["default"], **location}}
    monkeypatch.setattr("accounts.counters._dead_until", 0.0)
    assert sign_in_as(client, "ann@example.com", PASSWORD).status_code == 302
    monkeypatch.setattr("accounts.counters._dead_until", 0.0)


def test_next_leads_nowhere_else(client: Client, ann: User) -> None:
    data = {"username": "ann@example.com", "password": PASSWORD}
    inside = client.post("/login/", {**data, "next": "/w/acme/"})
    assert inside["Location"] == "/w/acme/"
    outside = Client().post("/login/", {**data, "next": "https://evil.example.com/"})
    assert outside["Location"] == "/"


def test_home_leads_to_the_last_workspace(client: Client, db: None) -> None:
    assert client.get("/")["Location"] == "/login/?next=/"
    workspace, other = make_workspace("acme"), make_workspace("globex")
    ann = make_member(workspace)
    client.force_login(ann)
    assert client.get("/")["Location"] == reverse("portfolio", args=["acme"])
    join(other, ann)
    assert client.get("/")["Location"] == "/workspaces/"
    client.get("/w/globex/settings/workspace/")
    assert client.get("/")["Location"] == reverse("portfolio", args=["globex"])


def join(workspace: Workspace, user: User) -> None:
    with scope(workspace.pk):
        Membership.objects.create(user=user, role="admin")


def test_workspaces_lists_ones_own_alone(client: Client, db: None) -> None:
    ann = make_member(make_workspace("acme"))
    make_workspace("globex")
    client.force_login(ann)
    page = client.get("/workspaces/").content.decode()
    assert ("Acme" in page, "Globex" in page) == (True, False)


def test_password_reset_tells_nobody_who_exists(client: Client, ann: User) -> None:
    for email in ("ann@example.com", "ANN@example.com", "nobody@example.com"):
        assert client.post("/password/reset/", {"email": email})["Location"] == (
            "/password/reset/sent/"
        )
    assert [message.to for message in mail.outbox] == [["ann@example.com"]] * 2


def test_password_reset_mails_a_few_times_alone(client: Client, ann: User) -> None:
    for _ in range(sign_in.MOST_RESETS + 3):
        client.post("/password/reset/", {"email": "ann@example.com"})
    assert len(mail.outbox) == sign_in.MOST_RESETS


def test_password_reset_link_works_once(client: Client, ann: User) -> None:
    client.post("/password/reset/", {"email": "ann@example.com"})
    found = re.search(r"http://testserver(/password/reset/\S+)", str(mail.outbox[0].body))
    assert found is not None
    form = client.get(found[1], follow=True)
    new = {"new_password1": "another good secret", "new_password2": "another good secret"}
    assert client.post(form.request["PATH_INFO"], new).status_code == 302
    assert sign_in_as(client, "ann@example.com", "another good secret").status_code == 302
    assert Client().get(found[1], follow=True).context["validlink"] is False


def test_password_change_needs_the_old_one(client: Client, ann: User) -> None:
    assert client.get("/password/")["Location"] == "/login/?next=/password/"
    client.force_login(ann)
    new = {"new_password1": "another good secret", "new_password2": "another good secret"}
    assert client.post("/password/", {"old_password": "x", **new}).status_code == 200
    assert client.post("/password/", {"old_password": PASSWORD, **new}).status_code == 302
    assert client.get("/password/done/").status_code == 200


def test_nul_in_an_address_is_404(client: Client, db: None) -> None:
    client.force_login(make_member(make_workspace("acme")))
    assert client.get("/w/acme/settings/workspace/?search=%00").status_code == 404
    assert client.get("/w/acme/accounts/%00/").status_code == 404
    assert client.get("/w/%00/").status_code == 404
