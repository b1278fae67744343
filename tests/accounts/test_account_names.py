"""accounts_named: the index answers what a plain look at every account answers."""

from collections.abc import Iterable, Sequence

import pytest
from django.db import connection
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from accounts.models import Account, AccountName, Workspace
from accounts.tenancy import scope, tenant_rows
from tests.factories import make_account, make_workspace

pytestmark = pytest.mark.django_db

MANY = 10_000
NAMES = (
    "Contoso Air",
    "Contoso Energy",
    "CONTOSO 漢字 GmbH",
    "Łódź Straße & Søn",
    "ΟΔΟΣ Ἀθῆναι",
    "İstanbul Işık",
    "a%b_c\\d 'q'",
    "x  y\tz",
    "👩‍👩‍👧 Family",
    "日本",
    "é",
    "aaaaaaa",
)
letters = st.sampled_from("aAbBcoOnNtsTüßÉéıİ漢字日👩%_\\' -0123")
texts = st.one_of(st.text(letters, min_size=1, max_size=5), st.sampled_from(NAMES))


NAMED = "SELECT accounts_named(ARRAY(SELECT lower(w) FROM unnest(%(words)s::text[]) w), %(most)s)"


def found(*words: str, most: int = MANY) -> set[int] | None:
    ((ids,),) = tenant_rows(NAMED, words=list(words), most=most)
    return None if ids is None else set(ids)


def scanned(*words: str) -> set[int]:
    sql = """SELECT id FROM accounts_account WHERE workspace_id = %(workspace)s AND (
        SELECT bool_and(position(lower(w) IN search) > 0) FROM unnest(%(words)s::text[]) w)"""
    return {pk for (pk,) in tenant_rows(sql, words=list(words))}


def named(workspace: Workspace, names: Iterable[str]) -> list[Account]:
    return [make_account(workspace, f"k{n}", name=name) for n, name in enumerate(names)]


def without_scans() -> None:
    """So few rows that the planner would not use the index of itself."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_indexscan = off")


@pytest.mark.parametrize("scans", [True, False])
@settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    names=st.lists(texts.filter(lambda name: "\0" not in name), max_size=6),
    asked=st.lists(texts, min_size=1, max_size=3),
)
@example(names=[], asked=["k1"])
@example(names=[], asked=["漢", "cont"])
@example(names=[], asked=["ΟΔΟΣ"])
@example(names=[], asked=["İSTANBUL"])
@example(names=[], asked=["%"])
@example(names=[], asked=["so air"])
def test_index_finds_what_a_scan_finds(scans: bool, names: Sequence[str], asked: list[str]) -> None:
    words = [word for text in asked for word in text.split()]
    workspace = make_workspace()
    named(workspace, [*NAMES, *names])
    with scope(workspace.pk):
        if not scans:
            without_scans()
        assert found(*words) == scanned(*words)
        assert found(*words[::-1]) == found(*words)


def test_name_is_found_as_it_is_written() -> None:
    workspace = make_workspace()
    accounts = named(workspace, NAMES)
    with scope(workspace.pk):
        for account in accounts:
            assert account.pk in (found(*account.name.split()) or ()), account.name


def test_renamed_account_is_found_by_its_new_name_alone() -> None:
    workspace = make_workspace()
    account, other = named(workspace, ["Contoso", "Contoso"])
    with scope(workspace.pk):
        Account.objects.filter(pk=account.pk).update(name="Fabrikam")
        assert found("contoso") == {other.pk}
        assert found("fabri") == {account.pk}
        Account.objects.filter(pk=account.pk).update(stage="live")
        assert found("fabri") == {account.pk}


def test_deleted_account_is_gone() -> None:
    workspace = make_workspace()
    (account,) = named(workspace, ["Contoso"])
    with scope(workspace.pk):
        account.delete()
        assert not AccountName.objects.exists()


def test_none_are_told_where_they_are_more_than_asked_for() -> None:
    workspace = make_workspace()
    accounts = named(workspace, ["Contoso"] * 5)
    with scope(workspace.pk):
        assert found("contoso", most=4) is None
        assert found("contoso", most=5) == {account.pk for account in accounts}


def test_few_among_many_are_told_whatever_the_ids_are() -> None:
    """A look at some of the accounts tells that those of a word are many; one that it meets again
    and again, because the ids have gaps, is one."""
    workspace = make_workspace()
    first, *others = named(workspace, ["Fabrikam", *["Contoso"] * 40])
    with scope(workspace.pk):
        Account.objects.create(pk=others[-1].pk + 1_000_000, key="far", name="Contoso")
        assert found("fabrikam", most=2) == {first.pk}
        assert found("contoso", most=2) is None


def test_other_workspaces_are_not_found() -> None:
    mine, theirs = make_workspace(), make_workspace()
    (account,), _others = named(mine, ["Contoso"]), named(theirs, ["Contoso", "Contoso"])
    with scope(mine.pk):
        assert found("contoso") == {account.pk}
    with connection.cursor() as cursor:
        cursor.execute("SELECT accounts_named(%s, %s)", [["contoso"], MANY])
        assert cursor.fetchall() == [([],)]
