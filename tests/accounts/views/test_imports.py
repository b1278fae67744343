import gzip
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from accounts.models import Account, Role, Workspace
from accounts.tenancy import scope
from tests.factories import make_member, make_workspace

URL = "/w/acme/import-accounts/"
CSV = b"key,name,plan\na,A,gold\nb,B,silver\n,C,\n"


@pytest.fixture
def manager(client: Client, workspace: Workspace) -> Client:
    client.force_login(make_member(workspace, Role.MANAGER))
    return client


def preview(client: Client, content: bytes, name: str = "accounts.csv") -> Any:
    return client.post(f"{URL}preview/", {"file": SimpleUploadedFile(name, content)})


def count(workspace: Workspace) -> int:
    with scope(workspace.pk):
        return int(Account.objects.count())


def test_preview_shows_what_would_happen_and_stores_nothing(
    manager: Client, workspace: Workspace
) -> None:
    response = preview(manager, CSV)
    imported = response.context["imported"]
    assert (response.status_code, imported.created, imported.bad_lines) == (200, 2, 1)
    assert (response.context["known"], response.context["attributes"]) == (
        ["key", "name"],
        ["plan"],
    )
    assert "The key is empty." in response.content.decode()
    assert count(workspace) == 0


def test_import_after_the_preview_stores_the_good_lines(
    manager: Client, workspace: Workspace
) -> None:
    token = preview(manager, gzip.compress(CSV), "accounts.csv.gz").context["token"]
    response = manager.post(f"{URL}run/", {"token": token})
    assert (response.status_code, response.context["done"]) == (200, True)
    assert count(workspace) == 2


def test_import_without_errors_leads_to_the_accounts(manager: Client) -> None:
    token = preview(manager, b"key,name\na,A\n").context["token"]
    assert manager.post(f"{URL}run/", {"token": token})["Location"] == reverse(
        "portfolio", args=["acme"]
    )


@pytest.mark.parametrize("content", [b"", b"name\nA\n", b"\x00\x01", b"key,key\n"])
def test_file_that_is_no_table_is_a_message(
    manager: Client, workspace: Workspace, content: bytes
) -> None:
    response = preview(manager, content)
    assert response.status_code == 422
    assert response.context["form"].errors["file"]
    assert count(workspace) == 0


def test_missing_file_is_a_message(manager: Client) -> None:
    assert manager.post(f"{URL}preview/").status_code == 422


def test_token_holds_for_its_person_and_workspace(manager: Client, workspace: Workspace) -> None:
    token = preview(manager, CSV).context["token"]
    other = Client()
    other.force_login(make_member(workspace, Role.ADMIN))
    assert other.post(f"{URL}run/", {"token": token}).status_code == 422
    assert manager.post(f"{URL}run/", {"token": "x"}).status_code == 422
    assert count(workspace) == 0


@pytest.mark.parametrize(
    ("role", "status"),
    [(Role.ADMIN, 200), (Role.MANAGER, 200), (Role.CSM, 403), (Role.VIEWER, 403)],
)
def test_managers_and_admins_alone_import(
    client: Client, workspace: Workspace, role: Role, status: int
) -> None:
    client.force_login(make_member(workspace, role))
    assert client.get(URL).status_code == status
    assert preview(client, CSV).status_code == status
    client.force_login(make_member(make_workspace()))
    assert client.get(URL).status_code == 404
