from typing import Any

import pytest
from django.test import Client

from accounts.models import Membership, Role, Workspace
from accounts.tenancy import scope
from tests.factories import make_member, make_workspace

pytestmark = pytest.mark.django_db

URL = "/w/acme/settings/workspace/"
PAGES = ("", "workspace/", "members/", "keys/")
GIVEN = {
    "name": "Acme",
    "time_zone": "Europe/Berlin",
    "night_hour": "4",
    "currency": "eur",
    "renewal_notice_days": "60",
    "unknown_accounts": "reject",
}


@pytest.fixture
def acme() -> Workspace:
    return make_workspace("acme")


@pytest.fixture
def admin(client: Client, acme: Workspace) -> Client:
    client.force_login(make_member(acme, Role.ADMIN, "admin@acme.example"))
    return client


def text(response: Any) -> str:
    return str(response.content.decode())


@pytest.mark.parametrize("page", PAGES)
def test_settings_are_for_admins_of_the_workspace(page: str, acme: Workspace) -> None:
    people = [
        make_member(acme, Role.ADMIN),
        make_member(acme, Role.CSM),
        make_member(make_workspace("other"), Role.ADMIN),
    ]
    codes = []
    for person in people:
        client = Client()
        client.force_login(person)
        codes.append(client.get(f"/w/acme/settings/{page}").status_code)
    assert codes == [302 if page == "" else 200, 403, 404]


def test_settings_begin_with_the_workspace(admin: Client) -> None:
    assert admin.get("/w/acme/settings/")["Location"] == URL


def test_workspace_is_changed(admin: Client, acme: Workspace) -> None:
    response = admin.post(URL, GIVEN)
    assert (response.status_code, response["Location"]) == (302, URL)
    acme.refresh_from_db()
    found = [acme.time_zone, acme.night_hour, acme.currency, acme.renewal_notice_days]
    assert found == ["Europe/Berlin", 4, "EUR", 60]
    assert (acme.name, acme.unknown_accounts, acme.slug) == ("Acme", "reject", "acme")


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("name", "", "This field is required."),
        ("time_zone", "Mars/Base", "“Mars/Base” is no time zone: use a name like Europe/Berlin."),
        ("night_hour", "24", "Select a valid choice. 24 is not one of the available choices."),
        ("currency", "€", "“€” is no currency: use a code like EUR."),
        ("renewal_notice_days", "-1", "Ensure this value is greater than or equal to 0."),
        (
            "renewal_notice_days",
            "99999",
            "Ensure this value is less than or equal to 3650.",
        ),
        ("unknown_accounts", "x", "Select a valid choice. x is not one of the available choices."),
    ],
)
def test_wrong_settings_stay_in_the_form(
    admin: Client, acme: Workspace, field: str, value: str, message: str
) -> None:
    response = admin.post(URL, {**GIVEN, "name": "Typed", field: value})
    assert response.status_code == 422
    form = response.context["form"]
    assert form.errors == {field: [message]}
    assert form[field].value() == value
    assert response.context["workspace"].name == "Acme"
    acme.refresh_from_db()
    assert (acme.name, acme.time_zone) == ("Acme", "UTC")


MEMBERS = "/w/acme/settings/members/"


def roles(workspace: Workspace) -> dict[str, str]:
    with scope(workspace.pk):
        return dict(Membership.objects.values_list("user__email", "role"))


def member_id(workspace: Workspace, email: str) -> int:
    with scope(workspace.pk):
        return int(Membership.objects.get(user__email=email).pk)


def test_members_are_listed_with_their_role(admin: Client, acme: Workspace) -> None:
    make_member(acme, Role.CSM, "csm@acme.example")
    make_member(make_workspace("other"), Role.CSM, "stranger@other.example")
    rows = admin.get(MEMBERS).context["rows"]
    assert [(r["membership"].user.email, r["membership"].role) for r in rows] == [
        ("admin@acme.example", "admin"),
        ("csm@acme.example", "csm"),
    ]


def test_member_is_added_by_email(
    admin: Client, acme: Workspace, mailoutbox: list[Any], django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        response = admin.post(f"{MEMBERS}add/", {"email": "New@acme.example", "role": "manager"})
    assert response.status_code == 302
    assert roles(acme) == {"admin@acme.example": "admin", "new@acme.example": "manager"}
    assert [mail.to for mail in mailoutbox] == [["new@acme.example"]]
    assert "http://testserver/password/reset/" in mailoutbox[0].body


@pytest.mark.parametrize(
    ("given", "errors"),
    [
        (
            {"email": "admin@acme.example", "role": "csm"},
            {"email": ["This person is a member already."]},
        ),
        ({"email": "nobody", "role": "csm"}, {"email": ["Enter a valid email address."]}),
        (
            {"email": "a@acme.example", "role": "king"},
            {"role": ["Select a valid choice. king is not one of the available choices."]},
        ),
    ],
)
def test_member_that_can_not_be_added_is_told_beside_the_field(
    admin: Client, acme: Workspace, given: dict[str, str], errors: dict[str, list[str]]
) -> None:
    response = admin.post(f"{MEMBERS}add/", given)
    assert (response.status_code, response.context["form"].errors) == (422, errors)
    assert f'value="{given["email"]}"' in text(response)
    assert roles(acme) == {"admin@acme.example": "admin"}


def test_role_is_changed(admin: Client, acme: Workspace) -> None:
    make_member(acme, Role.CSM, "csm@acme.example")
    member = member_id(acme, "csm@acme.example")
    response = admin.post(f"{MEMBERS}{member}/role/", {"role": "manager"})
    assert (response.status_code, response["Location"]) == (302, MEMBERS)
    assert roles(acme)["csm@acme.example"] == "manager"


def test_who_gives_up_being_admin_leaves_the_settings(admin: Client, acme: Workspace) -> None:
    make_member(acme, Role.ADMIN, "second@acme.example")
    member = member_id(acme, "admin@acme.example")
    response = admin.post(f"{MEMBERS}{member}/role/", {"role": "csm"})
    assert (response.status_code, response["Location"]) == (302, "/w/acme/accounts/")


def test_member_is_removed(admin: Client, acme: Workspace) -> None:
    make_member(acme, Role.CSM, "csm@acme.example")
    admin.post(f"{MEMBERS}{member_id(acme, 'csm@acme.example')}/remove/")
    assert roles(acme) == {"admin@acme.example": "admin"}


@pytest.mark.parametrize(
    ("action", "given", "message"),
    [
        ("role", {"role": "csm"}, "The last admin stays an admin: make another one first."),
        ("remove", {}, "The last admin cannot leave: make another one first."),
    ],
)
def test_last_admin_stays(
    admin: Client, acme: Workspace, action: str, given: dict[str, str], message: str
) -> None:
    response = admin.post(f"{MEMBERS}{member_id(acme, 'admin@acme.example')}/{action}/", given)
    assert response.status_code == 422
    assert [row["error"] for row in response.context["rows"]] == [message]
    assert message in text(response)
    assert roles(acme) == {"admin@acme.example": "admin"}


def test_member_of_another_workspace_is_unknown(admin: Client) -> None:
    other = make_workspace("other")
    make_member(other, Role.CSM, "stranger@other.example")
    member = member_id(other, "stranger@other.example")
    assert admin.post(f"{MEMBERS}{member}/remove/").status_code == 404
    assert admin.post(f"{MEMBERS}{member}/role/", {"role": "admin"}).status_code == 404
    assert roles(other) == {"stranger@other.example": "csm"}
