import io
from pathlib import Path
from typing import Any

import pytest

from accounts.models import Account, Workspace
from accounts.tenancy import scope
from integrations.management.commands import import_accounts
from integrations.models import Import, ImportState
from tests.accounts.management.test_commands import Run
from tests.factories import make_workspace
from tests.integrations.imported import xlsx_file


def write(folder: Path, text: str) -> str:
    file = folder / "accounts.csv"
    file.write_text(text)
    return str(file)


def count(workspace: Workspace) -> int:
    with scope(workspace.pk):
        return int(Account.objects.count())


def test_import_accounts_prints_one_summary_line(run: Run, tmp_path: Path) -> None:
    workspace = make_workspace("acme")
    file = write(tmp_path, "key,name\na,A\nb,B\n")
    assert run("import_accounts", "acme", file, "--dry-run") == (
        0,
        "2 created, 0 updated, 0 unchanged, 0 not stored (dry run: nothing stored)\n",
        "",
    )
    assert count(workspace) == 0
    assert run("import_accounts", "acme", file)[:2] == (
        0,
        "2 created, 0 updated, 0 unchanged, 0 not stored\n",
    )
    assert count(workspace) == 2


def test_import_accounts_reports_bad_lines_and_keeps_good_ones(run: Run, tmp_path: Path) -> None:
    workspace = make_workspace("acme")
    status, out, err = run("import_accounts", "acme", write(tmp_path, "key,name\na,A\n,B\n"))
    assert (status, out) == (1, "1 created, 0 updated, 0 unchanged, 1 not stored\n")
    assert err == (
        "line 3, key: This cell is empty.\n"
        f"The rejected lines are in {tmp_path}/accounts.rejected.csv: mend them and import that file.\n"
    )
    assert count(workspace) == 1


def test_import_accounts_refuses_what_is_no_table(run: Run, tmp_path: Path) -> None:
    make_workspace("acme")
    status, out, err = run("import_accounts", "acme", write(tmp_path, "name\nA\n"))
    assert (status, out) == (1, "")
    assert "key" in err


def test_import_accounts_reads_standard_input(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    workspace = make_workspace("acme")
    stream: Any = io.TextIOWrapper(io.BytesIO(b"key,name\na,A\n"))
    monkeypatch.setattr("sys.stdin", stream)
    assert run("import_accounts", "acme", "-")[0] == 0
    assert count(workspace) == 1


def test_import_accounts_reads_xlsx(run: Run, tmp_path: Path) -> None:
    workspace, file = make_workspace("acme"), tmp_path / "accounts.xlsx"
    file.write_bytes(xlsx_file([["key", "name", "seats"], ["a", "A", 5]]))
    assert run("import_accounts", "acme", str(file))[0] == 0
    assert count(workspace) == 1


def test_mended_rejects_are_imported(run: Run, tmp_path: Path) -> None:
    workspace = make_workspace("acme")
    run("import_accounts", "acme", write(tmp_path, "key,name,note\na,A,\nb,,=1\n"))
    rejects = tmp_path / "accounts.rejected.csv"
    rejects.write_text(rejects.read_text().replace(",b,,", ",b,B,"))
    assert run("import_accounts", "acme", str(rejects))[0] == 0
    with scope(workspace.pk):
        assert Account.objects.get(key="b").attributes == {"note": "=1"}


def test_columns_of_exactly_the_fields_names_are_fields(run: Run, tmp_path: Path) -> None:
    workspace = make_workspace("acme")
    run("import_accounts", "acme", write(tmp_path, "Account,Name,company,arr\na,A,ACME,5\n"))
    with scope(workspace.pk):
        account = Account.objects.get(key="a")
        assert (account.name, account.attributes) == ("A", {"company": "ACME", "arr": 5})


def test_dry_run_leaves_no_trace(run: Run, tmp_path: Path) -> None:
    workspace = make_workspace("acme")
    status, _out, err = run(
        "import_accounts", "acme", write(tmp_path, "key,name\n,A\n"), "--dry-run"
    )
    assert (status, err) == (1, "line 2, key: This cell is empty.\n")
    assert [path.name for path in tmp_path.iterdir()] == ["accounts.csv"]
    with scope(workspace.pk):
        assert not Import.objects.exists()


def test_interrupted_import_can_be_gone_on_with(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace, file = make_workspace("acme"), write(tmp_path, "key,name\na,A\n")

    def interrupted(**_options: Any) -> bool:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(import_accounts, "work_step", interrupted)
        status, _out, err = run("import_accounts", "acme", file)
    assert (status, err) == (130, "Stopped after 0 of 0 rows. Run the same again to go on.\n")
    with scope(workspace.pk):
        assert Import.objects.get().state == ImportState.FAILED
    assert run("import_accounts", "acme", file)[0] == 0


@pytest.mark.parametrize(
    "arguments", [("nope", "f.csv"), ("acme", "/nowhere/f.csv"), ("acme", "/")]
)
def test_what_is_not_there_is_status_2(run: Run, arguments: tuple[str, str]) -> None:
    make_workspace("acme")
    status, out, err = run("import_accounts", *arguments)
    assert (status, out, len(err.splitlines())) == (2, "", 1)
