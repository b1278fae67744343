from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest

from accounts.errors import InvalidInput
from accounts.models import Account, SeatChange, Workspace
from accounts.services import imports
from accounts.services.imports import Imported, import_accounts
from accounts.tables import read_table
from accounts.tenancy import scope
from tests.factories import make_member

MOMENT = datetime(2026, 3, 10, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def inside(workspace: Workspace) -> Iterator[Workspace]:
    with scope(workspace.pk):
        yield workspace


def run(text: str, **options: Any) -> Imported:
    table = read_table(text.encode())
    return import_accounts(table=table, as_of=MOMENT.date(), by=None, moment=MOMENT, **options)


def told(imported: Imported) -> list[tuple[int, str]]:
    return [(problem.line, problem.column) for problem in imported.problems]


def test_columns_fill_fields_and_attributes(workspace: Workspace) -> None:
    ann = make_member(workspace, email="ann@example.com")
    done = run(
        "Account,Name,Contract value,Renewal-On,seats,Owner,currency,plan,users\n"
        'a,Acme,"12,500.50",2026-12-31,40,Ann@example.com,eur,Gold,7\n'
    )
    assert (done.created, done.problems) == (1, [])
    acme = Account.objects.get()
    assert (acme.key, acme.name, acme.owner, acme.currency) == ("a", "Acme", ann, "EUR")
    assert (acme.contract_value_cents, acme.renewal_on) == (1_250_050, date(2026, 12, 31))
    assert acme.attributes == {"plan": "Gold", "users": 7}
    assert SeatChange.objects.get().seats == 40


def test_good_lines_are_stored_and_bad_ones_named() -> None:
    done = run(
        "key,name,renewal_on,owner\n"
        "a,A,,\n"
        "b,B,31/12/2026,\n"
        "c,C,,nobody@example.com\n"
        ",D,,\n"
        "a,Again,,\n"
        "e,E\n"
        "f,F,,,extra\n"
        "g,,,\n"
        f"h,{'x' * 201},,\n"
        "i,I,2026-01-01,\n"
    )
    assert (done.created, done.updated, done.unchanged, done.bad_lines) == (2, 0, 0, 8)
    assert told(done) == [
        (3, "renewal_on"),
        (4, "owner"),
        (5, "key"),
        (6, "key"),
        (7, ""),
        (8, ""),
        (9, "name"),
        (10, "name"),
    ]
    assert sorted(Account.objects.values_list("key", flat=True)) == ["a", "i"]


def test_empty_cell_leaves_its_field() -> None:
    run("key,name,stage,plan\na,A,live,gold\n")
    assert run("key,name,stage,plan\na,,,\n").unchanged == 1
    assert Account.objects.get().attributes == {"plan": "gold"}


def test_import_again_changes_nothing() -> None:
    text = "key,name,plan,since,x\na,A,gold,2020-01-01,1.5\nb,B,,,true\n"
    assert run(text).created == 2
    again = run(text)
    assert (again.created, again.updated, again.unchanged) == (0, 0, 2)


def test_dry_run_reports_the_same_and_stores_nothing() -> None:
    text = "key,name,owner\na,A,\nb,B,nobody@example.com\n"
    dry = run(text, dry_run=True)
    assert Account.objects.count() == 0
    assert run(text) == dry


def test_parent_may_stand_anywhere_in_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imports, "CHUNK", 2)
    lines = "".join(f"k{n},N,k{n + 1}\n" for n in range(9))
    done = run(f"key,name,parent\n{lines}k9,N,\n")
    assert (done.created, done.problems) == (10, [])


def test_children_of_a_bad_line_are_bad_too() -> None:
    done = run("key,name,parent\na,,\nb,B,a\nc,C,b\nd,D,\nx,X,y\ny,Y,x\n")
    assert (done.created, told(done)) == (
        1,
        [(2, "name"), (3, "parent"), (4, "parent"), (6, "parent"), (7, "parent")],
    )


def test_table_without_a_key_column_is_refused() -> None:
    with pytest.raises(InvalidInput, match="name, plan"):
        run("name,plan\nA,gold\n")


def test_column_account_beside_key_is_an_attribute() -> None:
    run("key,account,name\na,Acme Inc,A\n")
    assert Account.objects.get().attributes == {"account": "Acme Inc"}


def test_cell_below_no_header_is_named() -> None:
    assert told(run("key,name,\na,A,x\nb,B,\n")) == [(2, "")]


def test_progress_counts_every_line() -> None:
    steps: list[int] = []
    run("key,name\na,A\nb,B\n,C\n", progress=steps.append)
    assert sum(steps) == 3
