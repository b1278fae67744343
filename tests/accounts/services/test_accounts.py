from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from accounts.errors import InvalidInput
from accounts.inputs import AccountRow
from accounts.models import (
    Account,
    AccountState,
    Contact,
    SeatChange,
    StaleAccount,
    Tag,
    TeamMember,
    User,
    Workspace,
)
from accounts.services.accounts import Upserted, upsert_accounts
from accounts.tenancy import scope
from tests.factories import make_account, make_member, make_workspace

MOMENT = datetime(2026, 3, 10, 12, tzinfo=UTC)
TODAY = date(2026, 3, 10)
LATER = date(2026, 3, 20)


@pytest.fixture(autouse=True)
def inside(workspace: Workspace) -> Iterator[Workspace]:
    with scope(workspace.pk):
        yield workspace


def upsert(*rows: dict[str, Any], as_of: date = TODAY) -> tuple[int, int, int]:
    told = [msgspec.convert(row, AccountRow) for row in rows]
    done: Upserted = upsert_accounts(rows=told, as_of=as_of, by=None, moment=MOMENT)
    return done.created, done.updated, done.unchanged


def refused(*rows: dict[str, Any]) -> list[str]:
    with pytest.raises(InvalidInput) as caught:
        upsert(*rows)
    return [problem.path for problem in caught.value.problems]


def account(key: str) -> Account:
    found: Account = Account.objects.get(key=key)
    return found


FULL: dict[str, Any] = {
    "key": "acme",
    "name": "Acme",
    "stage": "live",
    "status": "trial",
    "owner": "Ann@Example.com",
    "contract_value": Decimal("12500.5"),
    "currency": "EUR",
    "created_on": "2020-01-31",
    "renewal_on": "2026-12-31",
    "seats": 40,
    "attributes": {"plan": "gold", "arr": 1.5, "vip": True},
    "company": {"employees": 50, "links": ["https://example.com"]},
    "contacts": [{"email": "Bob@Acme.com", "name": "Bob", "title": "CTO"}],
}


def test_tags_are_exactly_those_told() -> None:
    def tags() -> list[str]:
        return [tag.name for tag in Tag.objects.of_account(account("acme").pk)]

    assert upsert({"key": "acme", "name": "Acme", "tags": ["vip", "Beta"]}) == (1, 0, 0)
    assert tags() == ["Beta", "vip"]
    assert upsert({"key": "acme", "tags": ["VIP", "beta"]}, {"key": "acme2", "name": "A"}) == (
        1,
        0,
        1,
    )
    assert upsert({"key": "acme", "stage": "live"}) == (0, 1, 0)
    assert tags() == ["Beta", "vip"]
    assert upsert({"key": "acme", "tags": ["new"]}) == (0, 1, 0)
    assert tags() == ["new"]
    assert upsert({"key": "acme", "tags": []}) == (0, 1, 0)
    assert tags() == []
    assert refused({"key": "acme", "tags": ["fine", "a, b"]}) == ["accounts[0].tags[1]"]


def test_every_field_is_stored(workspace: Workspace) -> None:
    ann = make_member(workspace, email="ann@example.com")
    assert upsert(FULL) == (1, 0, 0)
    acme = account("acme")
    assert (acme.name, acme.stage, acme.status, acme.owner) == ("Acme", "live", "trial", ann)
    assert (acme.contract_value_cents, acme.currency) == (1_250_050, "EUR")
    assert (acme.created_on, acme.renewal_on) == (date(2020, 1, 31), date(2026, 12, 31))
    assert acme.attributes == {"plan": "gold", "arr": 1.5, "vip": True}
    assert acme.company == {"employees": 50, "links": ["https://example.com"]}
    contact = Contact.objects.get()
    assert (contact.email, contact.name, contact.title) == ("bob@acme.com", "Bob", "CTO")
    assert SeatChange.objects.get().seats == 40
    assert upsert(FULL) == (0, 0, 1)


def test_fields_that_are_left_out_stay(workspace: Workspace) -> None:
    make_member(workspace, email="ann@example.com")
    upsert(FULL)
    before = Account.objects.filter(key="acme").values().get()
    assert upsert({"key": "acme"}) == (0, 0, 1)
    assert upsert({"key": "acme", "name": "Acme"}) == (0, 0, 1)
    assert Account.objects.filter(key="acme").values().get() == before


def test_null_empties_a_field(workspace: Workspace) -> None:
    make_member(workspace, email="ann@example.com")
    upsert(FULL)
    empty = ("stage", "owner", "contract_value", "created_on", "renewal_on", "parent")
    assert upsert({"key": "acme", **dict.fromkeys(empty)}) == (0, 1, 0)
    acme = account("acme")
    assert (acme.stage, acme.owner, acme.contract_value_cents) == ("", None, None)
    assert (acme.created_on, acme.renewal_on, acme.parent) == (None, None, None)


def test_attributes_are_merged_by_name() -> None:
    upsert({"key": "a", "name": "A", "attributes": {"x": 1, "y": 2}})
    assert upsert({"key": "a", "attributes": {"y": None, "z": 3}}) == (0, 1, 0)
    assert account("a").attributes == {"x": 1, "z": 3}
    assert upsert({"key": "a", "attributes": {"y": None}}) == (0, 0, 1)


def test_true_is_another_value_than_one() -> None:
    upsert({"key": "a", "name": "A", "attributes": {"x": 1}})
    assert upsert({"key": "a", "attributes": {"x": True}}) == (0, 1, 0)
    assert account("a").attributes == {"x": True}


def test_new_account_without_details_has_the_workspaces_currency(workspace: Workspace) -> None:
    Workspace.objects.filter(pk=workspace.pk).update(currency="CHF")
    upsert({"key": "a", "name": "A"})
    new = account("a")
    assert (new.currency, new.status, new.stage) == ("CHF", "active", "")


@pytest.mark.parametrize(
    ("currency", "value", "minor"),
    [("USD", "10.01", 1001), ("JPY", "10", 10), ("KWD", "1.005", 1005), ("USD", "0", 0)],
)
def test_contract_value_is_stored_in_the_currencys_minor_units(
    currency: str, value: str, minor: int
) -> None:
    upsert({"key": "a", "name": "A", "currency": currency, "contract_value": Decimal(value)})
    assert account("a").contract_value_cents == minor


def test_contract_value_keeps_its_amount_in_another_currency() -> None:
    upsert({"key": "a", "name": "A", "currency": "USD", "contract_value": 1200})
    upsert({"key": "a", "currency": "JPY"})
    assert account("a").contract_value_cents == 1200


@pytest.mark.parametrize("value", ["10.001", "-1", "NaN", "Infinity", "1e17", "1e999999"])
def test_contract_value_without_an_exact_amount_is_refused(value: str) -> None:
    row = {"key": "a", "name": "A", "contract_value": Decimal(value)}
    assert refused(row) == ["accounts[0].contract_value"]


def test_unknown_owner_is_refused_and_nothing_is_stored() -> None:
    make_member(make_workspace(), email="stranger@example.com")
    rows = [{"key": "a", "name": "A"}, {"key": "b", "name": "B", "owner": "stranger@example.com"}]
    assert refused(*rows) == ["accounts[1].owner"]
    assert Account.objects.count() == 0


def test_new_account_needs_a_name() -> None:
    assert refused({"key": "a"}) == ["accounts[0].name"]


@pytest.mark.parametrize("name", [" A", "A ", "A\nB", "A\tB", "\x7f"])
def test_name_with_blank_ends_or_control_characters_is_refused(name: str) -> None:
    assert refused({"key": "a", "name": name}) == ["accounts[0].name"]


def test_key_twice_in_a_batch_names_both_places() -> None:
    with pytest.raises(InvalidInput) as caught:
        upsert({"key": "a", "name": "A"}, {"key": "b", "name": "B"}, {"key": "a", "name": "C"})
    (problem,) = caught.value.problems
    assert problem.path == "accounts[2].key"
    assert "accounts[0]" in problem.message
    assert "accounts[2]" in problem.message
    assert Account.objects.count() == 0


def test_all_problems_of_a_batch_are_named() -> None:
    rows: list[dict[str, Any]] = [
        {"key": "a"},
        {"key": "b", "name": "B", "owner": "x@x.de", "contract_value": -1},
    ]
    assert refused(*rows) == ["accounts[0].name", "accounts[1].owner", "accounts[1].contract_value"]


def test_parent_may_stand_in_the_same_batch_in_any_order() -> None:
    assert upsert({"key": "child", "name": "C", "parent": "top"}, {"key": "top", "name": "T"}) == (
        2,
        0,
        0,
    )
    assert account("child").parent == account("top")
    assert upsert({"key": "child", "parent": "top"}) == (0, 0, 1)
    assert upsert({"key": "child", "parent": None}) == (0, 1, 0)


def test_unknown_parent_is_refused(workspace: Workspace) -> None:
    other = make_workspace()
    make_account(other, "elsewhere")
    with scope(workspace.pk):
        assert refused({"key": "a", "name": "A", "parent": "elsewhere"}) == ["accounts[0].parent"]


def test_circle_of_parents_is_refused() -> None:
    assert refused({"key": "a", "name": "A", "parent": "a"}) == ["accounts[0].parent"]
    upsert({"key": "a", "name": "A"}, {"key": "b", "name": "B", "parent": "a"})
    upsert({"key": "c", "name": "C", "parent": "b"})
    assert refused({"key": "a", "parent": "c"}) == ["accounts[0].parent"]
    assert upsert({"key": "a", "parent": "c"}, {"key": "b", "parent": None}) == (0, 2, 0)


def test_contacts_are_added_and_changed_by_email() -> None:
    bob = {"email": "bob@a.com", "name": "Bob", "phone": "1"}
    upsert({"key": "a", "name": "A", "contacts": [bob]})
    assert upsert({"key": "a", "contacts": [bob]}) == (0, 0, 1)
    assert upsert({"key": "a", "contacts": []}) == (0, 0, 1)
    told = [{"email": "BOB@a.com", "name": "Robert"}, {"email": "eve@a.com", "name": "Eve"}]
    assert upsert({"key": "a", "contacts": told}) == (0, 1, 0)
    rows = Contact.objects.order_by("email").values_list("email", "name", "phone")
    assert list(rows) == [("bob@a.com", "Robert", "1"), ("eve@a.com", "Eve", "")]


def test_contact_keeps_what_is_not_told_of_it() -> None:
    lee = {"email": "lee@a.com", "name": "Lee"}
    told = lee | {"influence": "champion", "status": "departed", "is_key": True}
    upsert({"key": "a", "name": "A", "contacts": [told]})
    assert upsert({"key": "a", "contacts": [lee]}) == (0, 0, 1)
    assert upsert({"key": "a", "contacts": [lee | {"influence": None, "is_key": False}]}) == (
        0,
        1,
        0,
    )
    rows = Contact.objects.values_list("influence", "status", "is_key")
    assert list(rows) == [("", "departed", False)]


def test_team_is_told_by_email_and_nobody_leaves_unsaid(workspace: Workspace) -> None:
    csm, manager = make_member(workspace), make_member(workspace)
    both = [
        {"user": csm.email.upper(), "role": " Onboarding  lead"},
        {"user": manager.email, "role": "AE"},
    ]
    upsert({"key": "a", "name": "A", "team": both})
    assert upsert({"key": "a", "team": both[:1]}) == (0, 0, 1)
    assert team("a") == {csm: "Onboarding lead", manager: "AE"}
    assert upsert({"key": "a", "team": [{"user": manager.email, "role": None}]}) == (0, 1, 0)
    assert upsert({"key": "a", "team": [{"user": csm.email, "role": "CSM"}]}) == (0, 1, 0)
    assert team("a") == {csm: "CSM"}


def test_strangers_are_refused_in_a_team(workspace: Workspace) -> None:
    csm = make_member(workspace)
    told = [{"user": email, "role": "AE"} for email in ("who@a.com", csm.email, csm.email)]
    assert refused({"key": "a", "name": "A", "team": told}) == [
        "accounts[0].team[0].user",
        "accounts[0].team[2].user",
    ]


def team(key: str) -> dict[User, str]:
    return {member.user: member.role for member in TeamMember.objects.for_account(account(key))}


def test_bad_contacts_are_refused() -> None:
    contacts = [
        {"email": "bob@a.com", "name": "B"},
        {"email": "no address", "name": "B"},
        {"email": "BOB@a.com", "name": "B"},
    ]
    assert refused({"key": "a", "name": "A", "contacts": contacts}) == [
        "accounts[0].contacts[1].email",
        "accounts[0].contacts[2].email",
    ]


def states(key: str) -> list[tuple[date, str]]:
    found = AccountState.objects.filter(account_id=account(key).pk).order_by("from_day")
    return list(found.values_list("from_day", "stage"))


def test_history_keeps_what_scored_fields_were() -> None:
    upsert({"key": "a", "name": "A", "stage": "onboarding"})
    upsert({"key": "a", "name": "Another name"}, as_of=LATER)
    assert states("a") == [(TODAY, "onboarding")]
    upsert({"key": "a", "stage": "live"}, as_of=LATER)
    upsert({"key": "a", "stage": "mature"}, as_of=LATER)
    assert states("a") == [(TODAY, "onboarding"), (LATER, "mature")]


def test_changed_scored_fields_mark_the_account_stale() -> None:
    upsert({"key": "a", "name": "A"}, {"key": "b", "name": "B"})
    StaleAccount.objects.all().delete()
    upsert({"key": "a", "name": "AA"}, {"key": "b", "name": "B"}, as_of=LATER)
    assert StaleAccount.objects.count() == 0
    upsert({"key": "a", "attributes": {"x": 1}}, {"key": "b", "name": "B"}, as_of=LATER)
    assert list(StaleAccount.objects.values_list("account_id", "from_day")) == [
        (account("a").pk, LATER)
    ]


def test_seats_begin_a_new_line_of_history_only_when_they_change() -> None:
    upsert({"key": "a", "name": "A", "seats": 10})
    StaleAccount.objects.all().delete()
    assert upsert({"key": "a", "seats": 10}, as_of=LATER) == (0, 0, 1)
    assert upsert({"key": "a", "seats": 12}, as_of=LATER) == (0, 1, 0)
    assert upsert({"key": "a", "seats": None}, as_of=LATER) == (0, 0, 1)
    rows = SeatChange.objects.order_by("from_day").values_list("from_day", "seats")
    assert list(rows) == [(TODAY, 10), (LATER, 12)]
    assert StaleAccount.objects.count() == 1


def test_thousand_accounts_take_as_many_queries_as_one(django_assert_max_num_queries: Any) -> None:
    rows = [
        {"key": f"k{n}", "name": "N", "seats": 1, "contacts": [{"email": "a@a.de", "name": "A"}]}
        for n in range(1000)
    ]
    with django_assert_max_num_queries(14):
        assert upsert(*rows[:1]) == (1, 0, 0)
    with django_assert_max_num_queries(14):
        assert upsert(*rows) == (999, 0, 1)


def test_other_workspaces_account_of_the_same_key_is_another(workspace: Workspace) -> None:
    upsert({"key": "a", "name": "A"})
    with scope(make_workspace().pk):
        assert upsert({"key": "a", "name": "B"}) == (1, 0, 0)
    assert account("a").name == "A"
