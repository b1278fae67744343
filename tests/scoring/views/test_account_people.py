from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.test import Client

from accounts.models import Account, Contact, Influence, Role, TeamMember, Workspace
from accounts.services.touchpoints import TouchpointRow, create_touchpoint
from accounts.tenancy import scope
from tests.factories import make_account, make_member, make_workspace

pytestmark = pytest.mark.django_db

HTMX: dict[str, Any] = {"HTTP_HX_REQUEST": "true"}
PAGE, PEOPLE, COMPANY = (
    f"/w/acme/{part}/red/" for part in ("accounts", "account-people", "account-company")
)


@pytest.fixture
def acme() -> Workspace:
    return make_workspace("acme")


@pytest.fixture
def account(acme: Workspace) -> Account:
    account = make_account(acme, "red", from_day=date(2026, 1, 1), company={"tags": ["a", "b"]})
    with scope(acme.pk):
        Contact.objects.create(account=account, name="Ann Lee", email="ann@red.example")
        Contact.objects.create(account=account, name="Bo", email="bo@red.example")
    return account


def as_(workspace: Workspace, role: str = Role.CSM) -> Client:
    client = Client()
    client.force_login(make_member(workspace, role))
    return client


def contact(acme: Workspace, name: str) -> Contact:
    with scope(acme.pk):
        found: Contact = Contact.objects.get(name=name)
    return found


def names(response: Any) -> list[str]:
    return [line.contact.name for line in response.context["people"]]


def test_people_are_edited_and_taken_back(acme: Workspace, account: Account) -> None:
    client, bo = as_(acme), contact(acme, "Bo")
    mate = make_member(acme, Role.CSM)
    before = f"contact-{bo.pk}-"
    given = {
        f"{before}name": "Bo Katan",
        f"{before}influence": "champion",
        f"{before}status": "departed",
        "contact-new-name": "Cleo",
        "contact-new-email": "Cleo@red.example",
        "contact-new-key": "1",
        "team-new-user": mate.pk,
        "team-new-role": "AE",
    }
    done = client.post(f"{PEOPLE}save/", given, **HTMX)
    assert names(done) == ["Bo Katan", "Cleo", "Ann Lee"]
    assert "Champion left" in done.content.decode()
    assert [(m.user_id, m.role) for m in done.context["team"]] == [(mate.pk, "AE")]
    assert contact(acme, "Cleo").email == "cleo@red.example"
    back = client.post(f"{PEOPLE}save/", dict(done.context["undo"]), **HTMX)
    assert names(back) == ["Ann Lee", "Bo"]
    assert contact(acme, "Bo").influence == ""
    assert back.context["team"] == []
    again = client.post(f"{PEOPLE}save/", dict(back.context["undo"]), **HTMX)
    assert names(again) == ["Bo Katan", "Cleo", "Ann Lee"]
    assert contact(acme, "Cleo").is_key
    assert [(m.user_id, m.role) for m in again.context["team"]] == [(mate.pk, "AE")]


def test_contacts_that_were_added_by_mistake_are_removed_and_come_back(
    acme: Workspace, account: Account
) -> None:
    client = as_(acme)
    given = {f"contact-{contact(acme, name).pk}-drop": "1" for name in ("Bo", "Ann Lee")}
    done = client.post(f"{PEOPLE}save/", given, **HTMX)
    assert names(done) == []
    assert names(client.post(f"{PEOPLE}save/", dict(done.context["undo"]), **HTMX)) == [
        "Ann Lee",
        "Bo",
    ]


def test_who_took_part_in_a_touchpoint_is_not_removed(acme: Workspace, account: Account) -> None:
    bo = contact(acme, "Bo")
    row = TouchpointRow(
        kind="call", happened_on=date(2026, 1, 1), title="Hello", contact_ids=(bo.pk,)
    )
    with scope(acme.pk):
        create_touchpoint(
            workspace=acme,
            account=account,
            row=row,
            by=None,
            moment=datetime(2026, 2, 1, tzinfo=UTC),
        )
    refused = as_(acme).post(f"{PEOPLE}save/", {f"contact-{bo.pk}-drop": "1"}, **HTMX)
    assert refused.status_code == 422
    assert "Touchpoints name this person." in refused.content.decode()
    assert contact(acme, "Bo") == bo


def test_an_empty_role_leaves_the_team(acme: Workspace, account: Account) -> None:
    client, mate = as_(acme), make_member(acme, Role.CSM)
    client.post(f"{PEOPLE}save/", {"team-new-user": mate.pk, "team-new-role": "AE"})
    done = client.post(f"{PEOPLE}save/", {f"team-{mate.pk}-role": ""}, **HTMX)
    assert done.context["team"] == []
    with scope(acme.pk):
        assert TeamMember.objects.count() == 0


@pytest.mark.parametrize(
    "given",
    [
        {"contact-new-name": "X", "contact-new-email": "no address"},
        {"contact-new-name": "X", "contact-new-email": "ann@red.example"},
        {"contact-new-name": "", "contact-new-email": "x@red.example"},
        {"team-new-user": "0", "team-new-role": "AE"},
        {"contact-new-name": "X", "contact-new-email": "x@a.example", "contact-new-status": "?"},
    ],
)
def test_nothing_is_stored_of_what_is_wrong(
    acme: Workspace, account: Account, given: dict[str, str]
) -> None:
    ann = contact(acme, "Ann Lee")
    answer = as_(acme).post(f"{PEOPLE}save/", {f"contact-{ann.pk}-name": "Other", **given})
    assert answer.status_code == 422
    assert contact(acme, "Ann Lee").pk == ann.pk
    with scope(acme.pk):
        assert (Contact.objects.count(), TeamMember.objects.count()) == (2, 0)


def test_the_company_is_edited_and_taken_back(acme: Workspace, account: Account) -> None:
    client = as_(acme)
    given = {
        "company-location": "Berlin",
        "company-website": "https://red.example",
        "company-tags": "a, b",
    }
    done = client.post(f"{COMPANY}save/", given, **HTMX)
    assert 'href="https://red.example"' in done.content.decode()
    with scope(acme.pk):
        stored = Account.objects.get(pk=account.pk).company
    assert stored == {"tags": ["a", "b"], "location": "Berlin", "website": "https://red.example"}
    client.post(f"{COMPANY}save/", dict(done.context["undo"]), **HTMX)
    with scope(acme.pk):
        assert Account.objects.get(pk=account.pk).company == {"tags": ["a", "b"]}


def test_without_htmx_forms_are_pages(acme: Workspace, account: Account) -> None:
    client = as_(acme)
    assert client.get(f"{PEOPLE}edit/").status_code == 200
    assert client.get(f"{COMPANY}edit/").status_code == 200
    saved = client.post(f"{COMPANY}save/", {"company-location": "Rome"})
    assert saved.headers["Location"] == f"{PAGE}#company"


def test_a_champion_who_left_is_first(acme: Workspace, account: Account) -> None:
    with scope(acme.pk):
        Contact.objects.filter(name="Bo").update(influence=Influence.CHAMPION, status="departed")
    page = as_(acme, Role.VIEWER).get(PAGE)
    assert [c.name for c in page.context["page"].beside.contacts] == ["Bo", "Ann Lee"]
    assert f"{PEOPLE}edit/" not in page.content.decode()


@pytest.mark.parametrize("address", [f"{PEOPLE}save/", f"{COMPANY}save/"])
def test_changes_are_for_who_may_score(acme: Workspace, account: Account, address: str) -> None:
    given = {"company-location": "Rome"}
    assert as_(acme, Role.VIEWER).post(address, given).status_code == 403
    assert as_(make_workspace("globex"), Role.ADMIN).post(address, given).status_code == 404
    assert as_(acme).post(address, given).status_code == 302
