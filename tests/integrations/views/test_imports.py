import csv
import io
from typing import Any

import pytest
from celery import Task
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.models import Account, Contact, Role, User, Workspace
from accounts.tenancy import scope
from integrations.models import Import, ImportState
from integrations.views import imports as views
from tests.factories import make_account, make_member, make_workspace
from tests.integrations.imported import csv_file, imported, worked, xlsx_file
from usage.models import UsageEvent

pytestmark = pytest.mark.django_db

URL = "/w/acme/imports/"
FILE = csv_file([["Key", "Name", "Plan"], ["a", "A", "gold"], ["", "B", ""], ["c", "", ""]])


@pytest.fixture
def workspace() -> Workspace:
    return make_workspace("acme")


@pytest.fixture
def manager(workspace: Workspace) -> User:
    return make_member(workspace, Role.MANAGER, "max@example.com")


@pytest.fixture
def client(manager: User, monkeypatch: pytest.MonkeyPatch) -> Client:
    monkeypatch.setattr(Task, "apply_async", lambda *_args, **_options: None)
    client = Client()
    client.force_login(manager)
    return client


def upload(client: Client, content: bytes, kind: str = "accounts", name: str = "f.csv") -> Any:
    file = SimpleUploadedFile(name, content)
    return client.post(f"{URL}upload/", {"kind": kind, "file": file})


def columns(targets: list[str]) -> dict[str, str]:
    return {f"column-{index}": target for index, target in enumerate(targets)}


def latest(workspace: Workspace) -> Import:
    with scope(workspace.pk):
        return Import.objects.newest_first()[0]


def count(workspace: Workspace, model: Any) -> int:
    with scope(workspace.pk):
        return int(model.objects.count())


def through(client: Client, workspace: Workspace, content: bytes, kind: str) -> Import:
    """Upload, take the columns as they were guessed, look, import."""
    address = upload(client, content, kind)["Location"]
    page = client.get(address)
    chosen = columns([row["target"] for row in page.context["rows"]])
    assert client.post(f"{address}columns/", chosen)["Location"] == address
    assert client.get(address).context["found"].state == ImportState.CHECKED
    assert client.post(f"{address}run/")["Location"] == address
    worked(workspace, latest(workspace))
    return client.get(address).context["found"]


def test_accounts_go_the_whole_way(client: Client, workspace: Workspace) -> None:
    address = upload(client, FILE)["Location"]
    page = client.get(address)
    assert [(row["header"], row["target"]) for row in page.context["rows"]] == [
        ("Key", "key"),
        ("Name", "name"),
        ("Plan", "attribute"),
    ]
    client.post(f"{address}columns/", columns(["key", "name", "attribute"]))
    page = client.get(address)
    found = page.context["found"]
    assert (found.state, found.created, found.rejected) == (ImportState.CHECKED, 1, 2)
    text = page.content.decode()
    assert "A new account needs a name." in text
    assert "Import 1 row" in text
    assert [[c.text for c in row.cells] for row in page.context["rows"]] == [
        ["a", "A", "gold"],
        ["", "B", ""],
        ["c", "", ""],
    ]
    assert count(workspace, Account) == 0
    client.post(f"{address}run/")
    assert "hx-get" in client.get(address).content.decode()
    worked(workspace, latest(workspace))
    page = client.get(address)
    assert page.context["found"].state == ImportState.DONE
    assert count(workspace, Account) == 1


@pytest.mark.parametrize("file_of", [csv_file, xlsx_file])
def test_contacts_go_the_whole_way(client: Client, workspace: Workspace, file_of: Any) -> None:
    make_account(workspace, "acme")
    content = file_of([["account", "email", "name"], ["acme", "a@example.com", "A"]])
    assert through(client, workspace, content, "contacts").created == 1
    assert count(workspace, Contact) == 1


@pytest.mark.parametrize("file_of", [csv_file, xlsx_file])
def test_events_go_the_whole_way(client: Client, workspace: Workspace, file_of: Any) -> None:
    rows = [["time", "account", "user", "event"], ["2026-03-01 10:00", "acme", "u", "login"]]
    assert through(client, workspace, file_of(rows), "events").accepted == 1
    assert count(workspace, UsageEvent) == 1


def test_measurements_of_unknown_accounts_leave_nothing_to_import(
    client: Client, workspace: Workspace
) -> None:
    content = csv_file([["account", "metric", "value"], ["acme", "sponsor", 1]])
    address = upload(client, content, "measurements")["Location"]
    client.post(f"{address}columns/", columns(["account", "metric", "value"]))
    assert "No row of the file can be stored." in client.get(address).content.decode()


@pytest.mark.parametrize(
    ("content", "kind", "said"),
    [
        (b"", "accounts", "The file is empty."),
        (b"key,name\n", "accounts", "a header and no rows"),
        (b"key,key\na,b\n", "accounts", "Two columns have the name"),
        (b"key\0\na\n", "accounts", "NUL"),
        (b"PK\x03\x04nothing", "accounts", "no XLSX workbook"),
        (b"\xd0\xcf\x11\xe0", "accounts", "old Excel file"),
        ("key,name\na,Köln\n".encode() + "b,Köln\n".encode("latin-1"), "accounts", "mixes"),
        (b"key,name\na,A\n", "people", "Select a valid choice"),
        (b"Dear all\nhere is the list\n", "accounts", "one column only"),
        (b"Dear Ann, Bob\nhello\nsee, you, soon\n", "accounts", "like text"),
    ],
)
def test_file_that_can_not_be_read_is_told(
    client: Client, workspace: Workspace, content: bytes, kind: str, said: str
) -> None:
    response = upload(client, content, kind)
    assert response.status_code == 422
    assert said in response.content.decode()
    assert count(workspace, Import) == 0


def test_imports_stand_among_the_settings_of_who_has_them(
    client: Client, workspace: Workspace
) -> None:
    assert "sections" not in client.get(URL).context
    client.force_login(make_member(workspace, Role.ADMIN))
    for page in (client.get(URL), client.get(upload(client, FILE).url)):
        assert page.context["nav"] == "settings"
        assert [row["url"] for row in page.context["sections"] if row.get("current")] == [URL]


def test_file_over_the_limit_is_told(client: Client, settings: Any) -> None:
    settings.IMPORT_FILE_LIMIT = 20
    response = upload(client, FILE)
    assert response.status_code == 422
    assert "larger than 20" in response.content.decode()


def test_columns_that_can_not_be_are_told(client: Client) -> None:
    address = upload(client, FILE)["Location"]
    response = client.post(f"{address}columns/", columns(["name", "name", "nonsense"]))
    assert response.status_code == 422
    assert response.context["problems"] == [
        "No column is chosen for “Key” (key).",
        "“Name” has two columns: Key, Name.",
    ]
    assert [row["target"] for row in response.context["rows"]] == ["name", "name", ""]


def test_columns_can_be_chosen_anew_after_the_check(client: Client, workspace: Workspace) -> None:
    address = upload(client, FILE)["Location"]
    client.post(f"{address}columns/", columns(["name", "key", ""]))
    assert client.get(f"{address}?columns").context["mapping"]
    client.post(f"{address}columns/", columns(["key", "name", ""]))
    found = client.get(address).context["found"]
    assert (found.created, found.rejected, found.columns) == (1, 2, ["key", "name", ""])


def test_large_file_is_checked_in_the_background(
    client: Client, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views, "AT_ONCE", 10)
    address = upload(client, FILE)["Location"]
    client.post(f"{address}columns/", columns(["key", "name", "attribute"]))
    page = client.get(address)
    assert page.context["found"].state == ImportState.CHECKING
    assert '<noscript><meta http-equiv="refresh"' in page.content.decode()
    worked(workspace, latest(workspace))
    fragment = client.get(address, headers={"HX-Request": "true", "HX-Target": "import"})
    assert fragment.content.decode().lstrip().startswith('<div class="stack" id="import">')


def test_report_is_mended_and_imported_again(client: Client, workspace: Workspace) -> None:
    content = csv_file(
        [
            ["Key", "Name", "Note"],
            ["a", "A", "x"],
            ["b", "", "=1+1"],
            ["c", "C", "ok"],
            ["", "D", ""],
        ]
    )
    found = imported(workspace, "accounts", content)
    response = client.get(f"{URL}{found.pk}/errors.csv")
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text)))
    assert rows == [
        ["import_row", "import_column", "import_message", "Key", "Name", "Note"],
        ["3", "Name", "A new account needs a name.", "b", "", "'=1+1"],
        ["5", "Key", "This cell is empty.", "", "D", ""],
    ]
    rows[1][4], rows[2][3] = "B", "d"
    mended = through(client, workspace, csv_file(rows), "accounts")
    assert (mended.created, mended.rejected) == (2, 0)
    with scope(workspace.pk):
        assert Account.objects.get(key="b").attributes == {"Note": "=1+1"}


def test_numbers_of_a_report_are_read_as_those_of_the_file(
    client: Client, workspace: Workspace
) -> None:
    found = imported(workspace, "accounts", b"Key;Name;ARR\na;A;1,50\nb;;1.000\n")
    text = b"".join(client.get(f"{URL}{found.pk}/errors.csv").streaming_content).decode()
    mended = through(client, workspace, text.replace("b;;1.000", "b;B;1.000").encode(), "accounts")
    assert (mended.created, mended.rejected) == (1, 0)
    with scope(workspace.pk):
        assert Account.objects.get(key="b").contract_value_cents == 1000_00


def test_discarded_file_leaves_nothing(client: Client, workspace: Workspace) -> None:
    address = upload(client, FILE)["Location"]
    assert client.post(f"{address}discard/")["Location"] == URL
    assert count(workspace, Import) == 0


def test_what_was_imported_is_neither_discarded_nor_run_again(
    client: Client, workspace: Workspace
) -> None:
    found = imported(workspace, "accounts", FILE)
    for step in ("run", "discard", "retry", "columns"):
        client.post(f"{URL}{found.pk}/{step}/", columns(["key", "name", ""]))
    assert latest(workspace).state == ImportState.DONE
    assert count(workspace, Account) == 1


def test_past_imports_are_listed(client: Client, workspace: Workspace) -> None:
    imported(workspace, "accounts", FILE)
    upload(client, FILE, name="second.csv")
    text = client.get(URL).content.decode()
    assert text.index("second.csv") < text.index("accounts.csv")
    assert "max@example.com" in text


def test_list_comes_in_pages(
    client: Client, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views, "PAGE", 1)
    for name in ("one.csv", "two.csv"):
        upload(client, FILE, name=name)
    first = client.get(URL)
    second = client.get(URL + first.context["next_url"])
    assert [found.file_name for found in first.context["imports"]] == ["two.csv"]
    assert [found.file_name for found in second.context["imports"]] == ["one.csv"]
    assert second.context["next_url"] == ""


def test_old_address_leads_here(client: Client) -> None:
    assert client.get("/w/acme/import-accounts/")["Location"] == f"{URL}?kind=accounts"


@pytest.mark.parametrize(
    ("role", "status"),
    [(Role.ADMIN, 200), (Role.MANAGER, 200), (Role.CSM, 403), (Role.VIEWER, 403)],
)
def test_managers_and_admins_alone_import(workspace: Workspace, role: Role, status: int) -> None:
    found = imported(workspace, "accounts", FILE)
    client = Client()
    client.force_login(make_member(workspace, role))
    for path in ("", f"{found.pk}/", f"{found.pk}/errors.csv"):
        assert client.get(URL + path).status_code == status
    assert upload(client, FILE).status_code == (302 if status == 200 else 403)


def test_import_of_another_workspace_is_404(client: Client) -> None:
    found = imported(make_workspace("globex"), "accounts", FILE)
    for path in ("", "errors.csv"):
        assert client.get(f"{URL}{found.pk}/{path}").status_code == 404
    for step in ("columns", "run", "retry", "discard"):
        assert client.post(f"{URL}{found.pk}/{step}/").status_code == 404
