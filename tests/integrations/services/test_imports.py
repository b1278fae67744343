from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from accounts.models import Account, Contact, SeatChange, Workspace
from accounts.tenancy import scope
from integrations.imports.kinds import KINDS
from integrations.models import Import, ImportBatch, ImportKey, ImportPart, ImportState
from integrations.services.imports.deciding import (
    choose_columns,
    forget_files,
    retry_import,
    run_import,
)
from scoring.models import Measurement
from scoring.services.configuration import publish_scorecard
from tests.factories import make_account, make_member, make_workspace
from tests.integrations.imported import (
    NOW,
    begun,
    checked,
    counts,
    csv_file,
    flaws,
    imported,
    worked,
    xlsx_file,
)
from usage.models import AccountDay

pytestmark = pytest.mark.django_db

LOCAL = datetime(2026, 3, 9, 10, tzinfo=UTC).replace(tzinfo=None)


JUDGED = {
    "key": "health",
    "name": "Health",
    "scheme": "ryg",
    "groups": [
        {
            "key": "all",
            "name": "All",
            "weight": 1,
            "metrics": [
                {
                    "key": "sponsor",
                    "name": "Sponsor",
                    "weight": 1,
                    "source": {"type": "manual"},
                    "grade": {
                        "type": "level",
                        "levels": [
                            {"key": "none", "label": "None", "score": 0},
                            {"key": "good", "label": "Good", "score": 100},
                        ],
                    },
                },
                {
                    "key": "effort",
                    "name": "Effort",
                    "weight": 1,
                    "source": {"type": "manual"},
                    "grade": {"type": "number"},
                },
            ],
        }
    ],
}


@pytest.fixture
def workspace() -> Workspace:
    return make_workspace(time_zone="Europe/Berlin")


@pytest.mark.parametrize("file_of", [csv_file, xlsx_file])
def test_accounts_from_the_file_to_the_rows(workspace: Workspace, file_of: Any) -> None:
    ann = make_member(workspace, email="ann@example.com")
    rows = [
        ["Customer ID", "Company", "ARR", "Renewal date", "Seats", "Owner", "Plan", "Users"],
        ["a", "Acme", 12500.5, date(2026, 12, 31), 40, "Ann@example.com", "Gold", 7],
        ["b", "Best", "", "", "", "", "", ""],
        ["", "Nameless", "", "", "", "", "", ""],
        ["d", "Dull", "much", "31/12/2026", "", "bob@example.com", "", ""],
        ["e", "Else", "", "", "", "bob@example.com", "", ""],
        ["a", "Again", "", "", "", "", "", ""],
    ]
    found = imported(workspace, "accounts", file_of(rows))
    assert (found.state, found.total, found.done) == (ImportState.DONE, 6, 6)
    assert counts(found) == {"created": 2, "rejected": 4}
    assert flaws(workspace, found) == [
        (4, "Customer ID", "This cell is empty."),
        (5, "ARR", "“much” is no number."),
        (5, "Renewal date", "“31/12/2026” is no day: write it as 2025-11-18."),
        (6, "Owner", "No member of this workspace has the e-mail address “bob@example.com”."),
        (7, "Customer ID", "Row 2 is about the same already."),
    ]
    with scope(workspace.pk):
        acme = Account.objects.get(key="a")
        assert (acme.name, acme.owner, acme.contract_value_cents) == ("Acme", ann, 1_250_050)
        assert (acme.renewal_on, acme.attributes) == (
            date(2026, 12, 31),
            {"Plan": "Gold", "Users": 7},
        )
        assert SeatChange.objects.get().seats == 40


@pytest.mark.parametrize("file_of", [csv_file, xlsx_file])
def test_contacts_from_the_file_to_the_rows(workspace: Workspace, file_of: Any) -> None:
    make_account(workspace, "acme")
    rows = [
        ["Account", "E-Mail", "Full name", "Job title", "Shoe size"],
        ["acme", "Ann@example.com", "Ann", "CTO", 38],
        ["acme", "nobody", "Bob", "", ""],
        ["other", "bob@example.com", "Bob", "", ""],
        ["acme", "ann@example.com", "Anna", "", ""],
        ["acme", "cy@example.com", "Cy", "", ""],
    ]
    found = imported(workspace, "contacts", file_of(rows))
    assert counts(found) == {"created": 2, "rejected": 3}
    assert flaws(workspace, found) == [
        (3, "E-Mail", "This is no e-mail address."),
        (4, "Account", "There is no account “other”."),
        (5, "Account", "Row 2 is about the same already."),
    ]
    with scope(workspace.pk):
        assert list(Contact.objects.order_by("email").values_list("email", "name", "title")) == [
            ("ann@example.com", "Ann", "CTO"),
            ("cy@example.com", "Cy", ""),
        ]
    rows[1][2] = "Ann Lee"
    assert counts(imported(workspace, "contacts", file_of(rows[:2] + rows[5:]))) == {
        "updated": 1,
        "unchanged": 1,
    }


@pytest.mark.parametrize("file_of", [csv_file, xlsx_file])
def test_standing_of_contacts_from_the_file_to_the_rows(workspace: Workspace, file_of: Any) -> None:
    make_account(workspace, "acme")
    rows = [
        ["account", "email", "name", "Influence", "Status", "Key contact"],
        ["acme", "ann@example.com", "Ann", "Decision maker", "Departed", "yes"],
        ["acme", "bob@example.com", "Bob", "", "", ""],
        ["acme", "cy@example.com", "Cy", "User", "active", "perhaps"],
    ]
    found = imported(workspace, "contacts", file_of(rows))
    assert counts(found) == {"created": 2, "rejected": 1}
    assert flaws(workspace, found) == [(4, "Key contact", "“perhaps” is neither yes nor no.")]
    with scope(workspace.pk):
        told = Contact.objects.order_by("email").values_list("influence", "status", "is_key")
        assert list(told) == [("decision_maker", "departed", True), ("", "active", False)]


@pytest.mark.parametrize("file_of", [csv_file, xlsx_file])
def test_measurements_from_the_file_to_the_rows(workspace: Workspace, file_of: Any) -> None:
    make_account(workspace, "acme")
    with scope(workspace.pk):
        publish_scorecard(document=JUDGED, by=None, moment=NOW)
    rows = [
        ["account", "metric", "value", "date", "reason"],
        ["acme", "sponsor", "good", LOCAL, ""],
        ["acme", "effort", 70.5, "", ""],
        ["acme", "sponsor", "splendid", "", ""],
        ["acme", "nothing", 1, "", ""],
        ["acme", "effort", "", "", "new customer"],
        ["acme", "effort", "", "", ""],
        ["acme", "effort", 50, "2026-03-11", ""],
    ]
    found = imported(workspace, "measurements", file_of(rows))
    assert counts(found) == {"created": 3, "rejected": 4}
    assert flaws(workspace, found) == [
        (4, "value", "must be one of: none, good"),
        (5, "metric", "There is no metric “nothing” that is set by hand."),
        (7, "value", "This cell is empty."),
        (8, "date", "This moment lies in the future."),
    ]
    with scope(workspace.pk):
        told = Measurement.objects.order_by("pk")
        assert [(m.metric, m.value, m.not_applicable, m.source) for m in told] == [
            ("sponsor", "good", False, "ann"),
            ("effort", 70.5, False, "ann"),
            ("effort", None, True, "ann"),
        ]
        assert told[0].measured_at == datetime(2026, 3, 9, 9, tzinfo=UTC)
    assert counts(imported(workspace, "measurements", file_of(rows[:3]))) == {"unchanged": 2}


@pytest.mark.parametrize("file_of", [csv_file, xlsx_file])
def test_events_from_the_file_to_the_rows(workspace: Workspace, file_of: Any) -> None:
    rows = [
        ["Timestamp", "Account ID", "User ID", "Event", "Feature", "Duration", "id"],
        [LOCAL, "acme", "u1", "login", "", 300, "1"],
        ["2026-03-09T10:05:00Z", "acme", "u1", "feature", "reports", "", "2"],
        ["2026-03-09T10:05:00Z", "acme", "u1", "feature", "", "", "3"],
        ["2026-03-09T10:05:00Z", "acme", "u1", "feature", "reports", "", "2"],
        ["yesterday", "acme", "u1", "login", "", "", "5"],
    ]
    found = imported(workspace, "events", file_of(rows))
    assert counts(found) == {"accepted": 2, "duplicates": 1, "rejected": 2}
    assert flaws(workspace, found) == [
        (4, "Feature", "is required where the type is “feature”"),
        (6, "Timestamp", "“yesterday” is no time: write it as 2025-11-18 09:30."),
    ]
    with scope(workspace.pk):
        assert sum(AccountDay.objects.values_list("session_seconds", flat=True)) == 300
    assert counts(imported(workspace, "events", file_of(rows[:3]))) == {"duplicates": 2}


def test_events_without_ids_count_once(workspace: Workspace) -> None:
    rows = [["time", "account", "user", "event"], *[["2026-03-09 10:00", "a", "u", "login"]] * 2]
    assert counts(imported(workspace, "events", csv_file(rows))) == {"accepted": 1, "duplicates": 1}
    assert counts(imported(workspace, "events", csv_file(rows))) == {"duplicates": 2}


def test_check_tells_what_would_happen_and_stores_nothing(workspace: Workspace) -> None:
    make_account(workspace, "old", name="Old")
    content = csv_file(
        [
            ["key", "name", "parent"],
            ["old", "New", ""],
            ["a", "A", "b"],
            ["b", "B", "z"],
            ["c", "", ""],
        ]
    )
    found = checked(workspace, "accounts", content)
    assert found.state == ImportState.CHECKED
    assert (counts(found), flaws(workspace, found)) == (
        {"created": 1, "updated": 1, "rejected": 2},
        [
            (4, "parent", "There is no account with the key “z”."),
            (5, "name", "A new account needs a name."),
        ],
    )
    with scope(workspace.pk):
        assert list(Account.objects.values_list("key", "name")) == [("old", "Old")]


def test_dry_run_is_done_after_the_check(workspace: Workspace) -> None:
    content = csv_file([["key", "name"], ["a", "A"], ["", "B"]])
    found = begun(
        workspace, "accounts", content, state=ImportState.CHECKING, dry_run=True, columns={}
    )
    found = worked(workspace, found)
    assert (found.state, counts(found)) == (ImportState.DONE, {"created": 1, "rejected": 1})
    with scope(workspace.pk):
        assert not Account.objects.exists()
        assert not ImportBatch.objects.exists()


def test_parents_stand_anywhere_in_the_file(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(KINDS, "accounts", replace(KINDS["accounts"], batch=2))
    rows = [[f"k{n}", f"N{n}", f"k{n + 1}" if n < 8 else ""] for n in range(9)]
    found = imported(workspace, "accounts", csv_file([["key", "name", "parent"], *rows]))
    assert (counts(found), found.done, found.total) == ({"created": 9}, 9, 9)
    with scope(workspace.pk):
        assert Account.objects.get(key="k0").parent == Account.objects.get(key="k1")


def test_children_of_a_bad_row_are_bad_too(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(KINDS, "accounts", replace(KINDS["accounts"], batch=2))
    rows = [["a", "A", "b"], ["b", "B", "z"], ["x", "X", "y"], ["c", "C", ""], ["y", "Y", "x"]]
    found = imported(workspace, "accounts", csv_file([["key", "name", "parent"], *rows]))
    assert (found.state, counts(found)) == (ImportState.DONE, {"created": 1, "rejected": 4})
    assert [line for line, _column, _message in flaws(workspace, found)] == [2, 3, 4, 6]


def test_file_goes_when_the_import_is_done(workspace: Workspace) -> None:
    found = begun(workspace, "accounts", csv_file([["key", "name"], ["a", "A"]]))
    with scope(workspace.pk):
        assert ImportPart.objects.count() == 1
    found = imported(workspace, "accounts", csv_file([["key", "name"], ["a", "A"]]))
    with scope(workspace.pk):
        left = [
            m.objects.filter(import_id=found.pk).count()
            for m in (ImportPart, ImportBatch, ImportKey)
        ]
    assert left == [0, 0, 0]


def test_columns_are_remembered_for_the_next_file(workspace: Workspace) -> None:
    by = make_member(workspace)
    content = csv_file([["code", "title", "plan"], ["a", "A", "gold"]])
    found = begun(workspace, "accounts", content, by=by)
    assert found.columns == ["attribute", "attribute", "attribute"]
    with scope(workspace.pk):
        choose_columns(found=found, columns=["key", "name", ""])
    worked(workspace, found)
    with scope(workspace.pk):
        run_import(found=found)
    worked(workspace, found)
    assert begun(workspace, "accounts", content, by=by).columns == ["key", "name", ""]
    assert begun(make_workspace(), "accounts", content).columns == ["attribute"] * 3


def test_failing_step_is_tried_again_and_then_told(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_arguments: Any) -> Any:
        raise RuntimeError("away")

    content = csv_file([["key", "name"], ["a", "A"]])
    found = checked(workspace, "accounts", content)
    with monkeypatch.context() as patch, scope(workspace.pk):
        patch.setitem(KINDS, "accounts", replace(KINDS["accounts"], store=broken))
        run_import(found=found)
        found = worked(workspace, found)
        assert (found.state, found.error) == (ImportState.FAILED, "RuntimeError: away")
        assert retry_import(found=found)
    found = worked(workspace, found)
    assert (found.state, found.error, counts(found)) == (ImportState.DONE, "", {"created": 1})


def test_files_that_nobody_came_back_to_go(workspace: Workspace) -> None:
    content = csv_file([["key", "name"], ["a", "A"]])
    kept = imported(workspace, "accounts", content)
    begun(workspace, "accounts", content)
    with scope(workspace.pk):
        assert forget_files(before=NOW) == 0
        forget_files(before=NOW + timedelta(seconds=1))
        assert [found.pk for found in Import.objects.all()] == [kept.pk]
        assert not ImportPart.objects.exists()
