import csv
import io
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Account, AccountTag, BulkChange, Role, Tag, User, Workspace
from accounts.services.bulk import Chosen, assign_accounts, tag_accounts
from accounts.tenancy import scope
from tests.factories import make_account, make_member, make_workspace

NAMES = ("assign_selected", "tag_selected", "untag_selected", "export_selected")


@pytest.fixture
def acme(db: None) -> Workspace:
    return make_workspace("acme")


@pytest.fixture
def accounts(acme: Workspace) -> list[Account]:
    return [make_account(acme, key, name=key.title()) for key in ("anvil", "bolt", "crane")]


def member(acme: Workspace, role: str) -> tuple[Client, User]:
    user, client = make_member(acme, role), Client()
    client.force_login(user)
    return client, user


def send(client: Client, name: str, *arguments: Any, follow: bool = True, **fields: Any) -> Any:
    told = {key: value for key, value in fields.items() if value is not None}
    return client.post(reverse(name, args=["acme", *arguments]), told, follow=follow)


def said(response: Any) -> list[str]:
    return [str(message) for message in response.context["messages"]]


def owners(acme: Workspace) -> list[int | None]:
    with scope(acme.pk):
        return list(Account.objects.order_by("key").values_list("owner_id", flat=True))


def tagged(acme: Workspace) -> list[tuple[str, str]]:
    with scope(acme.pk):
        names = dict(Tag.objects.values_list("pk", "name"))
        keys = dict(Account.objects.values_list("pk", "key"))
        pairs = AccountTag.objects.values_list("account_id", "tag_id")
        return sorted((keys[account], names[tag]) for account, tag in pairs)


def undo_address(response: Any) -> str:
    (message,) = response.context["messages"]
    return str(message.extra_tags)


def test_manager_assigns_and_takes_it_back(acme: Workspace, accounts: list[Account]) -> None:
    client, user = member(acme, Role.MANAGER)
    picked = [account.pk for account in accounts[:2]]
    done = send(
        client, "assign_selected", account=picked, owner="me", next="/w/acme/accounts/?sort=name"
    )
    assert owners(acme) == [user.pk, user.pk, None]
    assert said(done) == [f"2 accounts are assigned to {user}."]
    assert done.redirect_chain == [("/w/acme/accounts/?sort=name", 302)]
    assert b">Undo</button>" in done.content
    undone = client.post(undo_address(done), follow=True)
    assert said(undone) == ["Undone: 2 accounts are as they were."]
    assert owners(acme) == [None, None, None]
    again = client.post(undo_address(done), follow=True)
    assert said(again) == ["That was undone already, or is more than a day ago."]


def test_csm_tags_and_leaves_owners_to_managers(acme: Workspace, accounts: list[Account]) -> None:
    client, _user = member(acme, Role.CSM)
    picked = [accounts[0].pk]
    assert send(client, "assign_selected", account=picked, owner="me").status_code == 403
    done = send(client, "tag_selected", account=picked, tag="vip")
    assert said(done) == ["1 account is tagged “vip”."]
    assert tagged(acme) == [("anvil", "vip")]
    again = send(client, "tag_selected", account=picked, tag="VIP")
    assert said(again) == ["Nothing to change: that is how they are."]
    off = send(client, "untag_selected", account=picked, tag="Vip")
    assert (said(off), tagged(acme)) == (["“vip” is taken off 1 account."], [])
    client.post(undo_address(off))
    assert tagged(acme) == [("anvil", "vip")]


@pytest.mark.parametrize("name", NAMES)
def test_viewer_and_stranger_change_nothing(
    name: str, acme: Workspace, accounts: list[Account]
) -> None:
    viewer, _user = member(acme, Role.VIEWER)
    stranger, _other = member(make_workspace("globex"), Role.ADMIN)
    fields = {"account": [accounts[0].pk], "owner": "me", "tag": "vip"}
    assert send(viewer, name, **fields).status_code == 403
    assert send(stranger, name, **fields).status_code == 404
    assert (owners(acme), tagged(acme)) == ([None] * 3, [])


def test_undo_is_for_who_did_it_and_for_managers(acme: Workspace, accounts: list[Account]) -> None:
    csm, user = member(acme, Role.CSM)
    other, _other = member(acme, Role.CSM)
    manager, boss = member(acme, Role.MANAGER)
    stranger, _stranger = member(make_workspace("globex"), Role.ADMIN)
    given: dict[str, Any] = {"chosen": Chosen.these([accounts[0].pk]), "moment": datetime.now(UTC)}
    with scope(acme.pk):
        tags = tag_accounts(name="vip", by=user, **given)
        owner = assign_accounts(owner_id=boss.pk, by=boss, **given)
    for client, change, status in (
        (other, tags, 403), (stranger, tags, 404), (csm, owner, 403), (csm, tags, 302), (manager, owner, 302),
    ):  # fmt: skip
        assert send(client, "undo_bulk", change.pk, follow=False).status_code == status
    assert (owners(acme), tagged(acme)) == ([None] * 3, [])


def test_change_of_yesterday_stays(acme: Workspace, accounts: list[Account]) -> None:
    client, user = member(acme, Role.CSM)
    with scope(acme.pk):
        old = datetime.now(UTC) - BulkChange.KEPT - timedelta(minutes=1)
        made = tag_accounts(chosen=Chosen.these([accounts[0].pk]), name="vip", by=user, moment=old)
    assert "more than a day" in said(send(client, "undo_bulk", made.pk))[0]
    assert tagged(acme) == [("anvil", "vip")]


def test_all_that_match_are_changed_whatever_was_selected(
    acme: Workspace, accounts: list[Account]
) -> None:
    client, _user = member(acme, Role.MANAGER)
    counted = client.get(reverse("matching_accounts", args=["acme"]), {"query": "q=an"})
    assert counted.content.decode().strip() == "All 2 that match"
    send(client, "tag_selected", account=[accounts[1].pk], all="1", query="q=an", tag="found")
    assert tagged(acme) == [("anvil", "found"), ("crane", "found")]
    listed = client.get(reverse("portfolio", args=["acme"]), {"tag": "FOUND", "sort": "name"})
    assert [row.name for row in listed.context["table"].rows] == ["Anvil", "Crane"]
    send(client, "assign_selected", all="1", query="tag=found&owner=none", owner="me")
    assert [owner is None for owner in owners(acme)] == [False, True, False]


def test_nothing_selected_is_said(acme: Workspace, accounts: list[Account]) -> None:
    client, _user = member(acme, Role.MANAGER)
    asked = send(client, "assign_selected", owner="me")
    assert (asked.status_code, asked.context["problem"]) == (422, "Select accounts first.")
    fragment = client.post(
        reverse("tag_selected", args=["acme"]), {"tag": "x"}, headers={"HX-Request": "true"}
    )
    assert (fragment.status_code, fragment["HX-Reswap"]) == (422, "none")
    assert "Select accounts first." in fragment["HX-Trigger"]
    assert said(send(client, "export_selected")) == ["Select accounts first."]


@pytest.mark.parametrize(
    ("name", "label"), [("assign_selected", "Assign to"), ("tag_selected", "Tag")]
)
def test_plain_browser_is_asked_on_a_page_that_keeps_the_selection(
    name: str, label: str, acme: Workspace, accounts: list[Account]
) -> None:
    client, _user = member(acme, Role.MANAGER)
    asked = send(client, name, account=[accounts[0].pk, accounts[1].pk], query="q=a")
    assert asked.status_code == 422
    assert label in asked.content.decode()
    assert asked.context["kept"] == [
        ("account", str(accounts[0].pk)), ("account", str(accounts[1].pk)), ("query", "q=a"),
    ]  # fmt: skip


def test_file_has_the_selected_rows_in_their_order(
    acme: Workspace, accounts: list[Account]
) -> None:
    client, _user = member(acme, Role.CSM)
    stranger = make_account(make_workspace("globex"), "theirs")
    picked = [accounts[2].pk, accounts[0].pk, stranger.pk]

    def keys(**fields: Any) -> list[str]:
        answer = send(client, "export_selected", query="columns=stage", **fields)
        text = b"".join(answer.streaming_content).decode()
        return [row["account"] for row in csv.DictReader(io.StringIO(text))]

    assert keys(account=picked, format="csv") == ["crane", "anvil"]
    assert keys(all="1", format="csv") == ["anvil", "bolt", "crane"]
    sheet = send(client, "export_selected", account=picked, format="xlsx")
    assert b"".join(sheet.streaming_content).startswith(b"PK")


@pytest.mark.parametrize("wrong", ["x", "0x1", "9" * 30, "-1", ""])
def test_what_is_no_account_is_no_selection(
    wrong: str, acme: Workspace, accounts: list[Account]
) -> None:
    client, _user = member(acme, Role.CSM)
    assert send(client, "tag_selected", account=[wrong], tag="vip").status_code == 422


def test_list_offers_selection_to_whom_it_serves(acme: Workspace, accounts: list[Account]) -> None:
    for role, picks, assigns in ((Role.VIEWER, 0, 0), (Role.CSM, 3, 0), (Role.MANAGER, 3, 1)):
        client, _user = member(acme, role)
        page = client.get(reverse("portfolio", args=["acme"])).content.decode()
        assert page.count('name="account"') == picks
        assert page.count("Assign to…") == assigns
