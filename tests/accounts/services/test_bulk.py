from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from accounts.errors import InvalidInput
from accounts.models import (
    Account,
    AccountState,
    AccountTag,
    BulkChange,
    Membership,
    StaleAccount,
    Tag,
    User,
    Workspace,
)
from accounts.services.bulk import (
    Chosen,
    assign_accounts,
    tag_accounts,
    undo_bulk_change,
    untag_accounts,
)
from accounts.services.tags import set_tags
from accounts.tenancy import scope, tenant_rows
from tests.factories import make_account, make_member, make_workspace

MOMENT = datetime(2026, 3, 10, 12, tzinfo=UTC)
LATER = MOMENT + timedelta(hours=1)
MANY = 3_000


@pytest.fixture
def ann(workspace: Workspace) -> User:
    return make_member(workspace, email="ann@example.com")


@pytest.fixture
def three(workspace: Workspace, ann: User) -> list[Account]:
    return [
        make_account(workspace, "a"),
        make_account(workspace, "b", owner=ann),
        make_account(workspace, "c"),
    ]


@pytest.fixture(autouse=True)
def inside(workspace: Workspace, three: list[Account]) -> Iterator[None]:
    with scope(workspace.pk):
        yield


def these(*accounts: Account) -> Chosen:
    return Chosen.these(account.pk for account in accounts)


def owners() -> dict[str, int | None]:
    return dict(Account.objects.order_by("key").values_list("key", "owner_id"))


def tagged(name: str) -> set[int]:
    tag = Tag.objects.get(name=name)
    return set(AccountTag.objects.filter(tag_id=tag.pk).values_list("account_id", flat=True))


def undo(change: BulkChange, moment: datetime = LATER) -> int | None:
    undone: int | None = undo_bulk_change(change=change, by=None, moment=moment)
    return undone


def test_assigning_changes_those_that_have_another_owner(three: list[Account], ann: User) -> None:
    made = assign_accounts(chosen=these(*three), owner_id=ann.pk, by=ann, moment=MOMENT)
    assert owners() == {"a": ann.pk, "b": ann.pk, "c": ann.pk}
    assert (made.count, made.owner, made.by) == (2, ann, ann)
    whole = BulkChange.objects.get()
    assert (whole.account_ids, whole.before) == ([three[0].pk, three[2].pk], [None, None])


def test_assigning_leaves_the_rest_as_a_single_edit_would(three: list[Account], ann: User) -> None:
    """An owner is no part of what is scored: no state and no mark, as from the API."""
    states = AccountState.objects.count()
    assign_accounts(chosen=these(three[0]), owner_id=ann.pk, by=ann, moment=MOMENT)
    assert owners() == {"a": ann.pk, "b": ann.pk, "c": None}
    assert (AccountState.objects.count(), StaleAccount.objects.count()) == (states, 0)


def test_nobody_can_be_assigned(three: list[Account], ann: User) -> None:
    made = assign_accounts(chosen=these(*three), owner_id=None, by=ann, moment=MOMENT)
    assert owners() == {"a": None, "b": None, "c": None}
    assert made.count == 1
    assert undo(made) == 1
    assert owners() == {"a": None, "b": ann.pk, "c": None}


def test_stranger_is_not_assigned(three: list[Account], ann: User) -> None:
    stranger = make_member(make_workspace("globex"))
    with pytest.raises(InvalidInput):
        assign_accounts(chosen=these(*three), owner_id=stranger.pk, by=ann, moment=MOMENT)
    assert owners() == {"a": None, "b": ann.pk, "c": None}


def test_accounts_of_another_workspace_are_left_alone(ann: User) -> None:
    stranger = make_account(make_workspace("globex"), "a")
    for made in (
        assign_accounts(chosen=these(stranger), owner_id=ann.pk, by=ann, moment=MOMENT),
        tag_accounts(chosen=these(stranger), name="theirs", by=ann, moment=MOMENT),
    ):
        assert made.count == 0
    with scope(stranger.workspace_id):
        assert (Account.objects.get().owner_id, AccountTag.objects.count()) == (None, 0)


def test_undoing_gives_back_the_owners_but_of_those_changed_since(
    workspace: Workspace, three: list[Account], ann: User
) -> None:
    bob = make_member(workspace, email="bob@example.com")
    made = assign_accounts(chosen=these(*three), owner_id=bob.pk, by=ann, moment=MOMENT)
    Account.objects.filter(key="c").update(owner=ann)
    assert undo(made) == 2
    assert owners() == {"a": None, "b": ann.pk, "c": ann.pk}
    assert undo(made) is None


def test_owner_who_left_is_not_given_back(
    workspace: Workspace, three: list[Account], ann: User
) -> None:
    bob = make_member(workspace, email="bob@example.com")
    made = assign_accounts(chosen=these(*three), owner_id=bob.pk, by=bob, moment=MOMENT)
    Membership.objects.filter(user=ann).delete()
    assert undo(made) == 3
    assert owners() == {"a": None, "b": None, "c": None}


def test_undoing_ends_after_a_day(three: list[Account], ann: User) -> None:
    made = tag_accounts(chosen=these(*three), name="vip", by=ann, moment=MOMENT)
    assert undo(made, MOMENT + BulkChange.KEPT) is None
    late = MOMENT + BulkChange.KEPT + timedelta(seconds=1)
    tag_accounts(chosen=these(three[0]), name="new", by=ann, moment=late)
    assert [change.tag.name for change in BulkChange.objects.told()] == ["new"]


def test_tagging_is_found_however_the_tag_is_written(three: list[Account], ann: User) -> None:
    first = tag_accounts(chosen=these(three[0]), name=" Key  customer ", by=ann, moment=MOMENT)
    again = tag_accounts(chosen=these(*three), name="key Customer", by=ann, moment=LATER)
    assert (first.count, again.count) == (1, 2)
    assert [tag.name for tag in Tag.objects.all()] == ["Key customer"]
    assert tagged("Key customer") == {account.pk for account in three}


def test_undoing_takes_only_the_tags_that_it_gave(three: list[Account], ann: User) -> None:
    first, second, _third = three
    tag_accounts(chosen=these(first), name="vip", by=ann, moment=MOMENT)
    made = tag_accounts(chosen=these(*three), name="vip", by=ann, moment=LATER)
    untag_accounts(chosen=these(second), tag=made.tag, by=ann, moment=LATER)
    again = LATER + timedelta(minutes=1)
    tag_accounts(chosen=these(second), name="vip", by=ann, moment=again)
    assert undo(made) == 1
    assert tagged("vip") == {first.pk, second.pk}


def test_untagging_is_undone(three: list[Account], ann: User) -> None:
    made = tag_accounts(chosen=these(*three[:2]), name="vip", by=ann, moment=MOMENT)
    taken = untag_accounts(chosen=these(*three), tag=made.tag, by=ann, moment=LATER)
    assert (taken.count, tagged("vip")) == (2, set())
    three[0].delete()
    assert undo(taken) == 1
    assert tagged("vip") == {three[1].pk}


@pytest.mark.parametrize("name", ["", "  ", "a, b", "x" * 61, "a\0b", "a\u202eb"])
def test_tag_that_is_none_is_refused(name: str, three: list[Account], ann: User) -> None:
    with pytest.raises(InvalidInput):
        tag_accounts(chosen=these(*three), name=name, by=ann, moment=MOMENT)
    assert Tag.objects.count() == 0


def test_tags_of_accounts_are_set_exactly(three: list[Account]) -> None:
    first, second, third = (account.pk for account in three)
    assert set_tags({first: ["b", "a", "A"], second: ["b"], third: []}, moment=MOMENT) == {
        first,
        second,
    }
    assert set_tags({first: ["a", "b"], second: ["c"]}, moment=MOMENT) == {second}
    assert (tagged("a"), tagged("b"), tagged("c")) == ({first}, {first}, {second})
    assert [tag.name for tag in Tag.objects.used().by_name()] == ["a", "b", "c"]
    assert [tag.name for tag in Tag.objects.of_account(first)] == ["a", "b"]


def test_thousands_are_changed_and_undone(workspace: Workspace, ann: User) -> None:
    tenant_rows(
        "INSERT INTO accounts_account (workspace_id, key, name, stage, status, currency,"
        " attributes, company, added_at)"
        " SELECT %(workspace)s, 'n' || n, 'N' || n, '', 'active', 'USD', '{}', '{}', now()"
        f" FROM generate_series(1, {MANY}) n"
    )
    everybody = Chosen("SELECT a.id FROM accounts_account a WHERE a.workspace_id = %(workspace)s")
    assert everybody.count() == MANY + 3
    made = assign_accounts(chosen=everybody, owner_id=ann.pk, by=ann, moment=MOMENT)
    assert made.count == MANY + 2
    assert undo(made) == MANY + 2
    tag = tag_accounts(chosen=everybody, name="all", by=ann, moment=MOMENT)
    assert (tag.count, undo(tag)) == (MANY + 3, MANY + 3)
