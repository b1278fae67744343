import json
from collections.abc import Callable
from typing import Any

import pytest
from celery import Task
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.models import Account, Workspace
from accounts.tenancy import scope
from integrations.models import Import
from scoring.models import Run, RunKind
from tests.factories import bearer, make_key, make_workspace
from tests.integrations.imported import NOW, csv_file, worked, xlsx_file

pytestmark = pytest.mark.django_db

Post = Callable[..., Any]
Sent = list[tuple[int, int]]

FILE = csv_file([["Customer", "Title", "plan"], ["a", "A", "gold"], ["b", "", ""], ["", "C", ""]])
COLUMNS = {"Customer": "key", "Title": "name", "plan": None}


@pytest.fixture
def workspace() -> Workspace:
    return make_workspace("acme")


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> Sent:
    found: Sent = []
    monkeypatch.setattr(Task, "apply_async", lambda _task, args, **_options: found.append(args))
    return found


@pytest.fixture
def post(client: Client, workspace: Workspace, sent: Sent) -> Post:
    secret = make_key(workspace, ["write"])

    def send(content: bytes | None = FILE, **fields: Any) -> Any:
        headers = {name: fields.pop(name) for name in list(fields) if name.startswith("HTTP_")}
        file = {} if content is None else {"file": SimpleUploadedFile("file", content)}
        data = {"kind": "accounts", "columns": json.dumps(COLUMNS), **file, **fields}
        return client.post("/api/v1/imports/", data, **{**bearer(secret), **headers})

    return send


def got(workspace: Workspace, path: str) -> Any:
    response = Client().get(f"/api/v1/{path}", **bearer(make_key(workspace, ["read"])))
    assert response.status_code == 200, response.content
    return response.json()


def work(workspace: Workspace, pk: int) -> None:
    with scope(workspace.pk):
        found = Import.objects.get(pk=pk)
    worked(workspace, found)


def accounts(workspace: Workspace) -> list[str]:
    with scope(workspace.pk):
        return list(Account.objects.order_by("key").values_list("key", flat=True))


@pytest.mark.parametrize("file_of", [csv_file, xlsx_file])
def test_import_is_a_job_with_errors_row_by_row(
    post: Post,
    workspace: Workspace,
    file_of: Any,
    sent: Sent,
    django_capture_on_commit_callbacks: Any,
) -> None:
    content = file_of([["Customer", "Title", "plan"], ["a", "A", "gold"], ["b", "", ""]])
    with django_capture_on_commit_callbacks(execute=True):
        response = post(content)
    job = response.json()
    queued = {"id": job["id"], "state": "queued", "done": 0, "total": 0, "error": None}
    assert (response.status_code, job) == (202, queued)
    assert sent == [(workspace.pk, job["id"])]
    work(workspace, job["id"])
    done = {"id": job["id"], "state": "done", "done": 2, "total": 2, "error": None}
    assert got(workspace, f"jobs/{job['id']}/") == done
    report = got(workspace, f"imports/{job['id']}/")
    assert (report["created"], report["rejected"], report["columns"]) == (1, 1, COLUMNS)
    assert report["results"] == [
        {
            "row": 3,
            "errors": [{"column": "Title", "message": "A new account needs a name."}],
            "cells": ["b", "", ""],
        }
    ]
    assert (accounts(workspace), report["next"]) == (["a"], None)


def test_errors_come_in_pages(post: Post, workspace: Workspace) -> None:
    pk = post(csv_file([["key", "name"], *[["", n] for n in range(5)]]), columns="{}").json()["id"]
    work(workspace, pk)
    rows, cursor = [], ""
    while cursor is not None:
        page = got(workspace, f"imports/{pk}/?limit=2&cursor={cursor}")
        rows += [result["row"] for result in page["results"]]
        cursor = page["next"]
    assert rows == [2, 3, 4, 5, 6]


def test_dry_run_counts_and_stores_nothing(post: Post, workspace: Workspace) -> None:
    job = post(dry_run="true").json()
    assert job["state"] == "running"
    work(workspace, job["id"])
    report = got(workspace, f"imports/{job['id']}/")
    assert (report["state"], report["dry_run"], report["created"]) == ("done", True, 1)
    assert [result["row"] for result in report["results"]] == [3, 4]
    assert accounts(workspace) == []


def test_same_idempotency_key_is_the_same_job(post: Post, workspace: Workspace) -> None:
    first = post(HTTP_IDEMPOTENCY_KEY="k")
    again = post(HTTP_IDEMPOTENCY_KEY="k")
    other = post(b"key,name\nz,Z\n", columns="{}", HTTP_IDEMPOTENCY_KEY="k")
    assert (again.status_code, again.json(), other.status_code) == (202, first.json(), 422)
    with scope(workspace.pk):
        assert Import.objects.count() == 1


def test_retry_with_another_boundary_is_the_same_request(workspace: Workspace) -> None:
    headers = {**bearer(make_key(workspace)), "HTTP_IDEMPOTENCY_KEY": "k"}
    answers = []
    for boundary in ("one", "another"):
        body = (
            f'--{boundary}\r\nContent-Disposition: form-data; name="kind"\r\n\r\naccounts\r\n'
            f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="f"\r\n\r\n'
            f"key,name\na,A\n\r\n--{boundary}--\r\n"
        )
        response = Client().generic(
            "POST",
            "/api/v1/imports/",
            body.encode(),
            f"multipart/form-data; boundary={boundary}",
            **headers,
        )
        answers.append((response.status_code, response.json()["id"]))
    assert answers[0] == answers[1]


@pytest.mark.parametrize(
    ("content", "fields", "path"),
    [
        (None, {}, "file"),
        (FILE, {"file": "key,name"}, "file"),
        (FILE, {"kind": "people"}, "kind"),
        (FILE, {"kind": ""}, "kind"),
        (FILE, {"dry_run": "perhaps"}, "dry_run"),
        (FILE, {"columns": "[1]"}, "columns"),
        (FILE, {"columns": "{"}, "columns"),
        (FILE, {"columns": '{"nothing": "key"}'}, "columns"),
        (FILE, {"columns": '{"Customer": "nothing"}'}, "columns.Customer"),
        (FILE, {"columns": '{"Customer": "name", "Title": "name"}'}, "columns"),
        (FILE, {"kind": "events", "columns": "{}"}, "columns"),
        (FILE, {"mode": "fast"}, "mode"),
        (b"", {}, ""),
        (b"key,name\n", {}, ""),
        (b"key,key\n1,2\n", {}, "row 1"),
        (b"PK\x03\x04 and nothing", {}, ""),
        (b"\xd0\xcf\x11\xe0 old", {}, ""),
        (b"\x1f\x8b broken", {}, ""),
        (b"key\0,name\n", {}, ""),
    ],
)
def test_what_is_wrong_is_400_and_leaves_nothing(
    post: Post, workspace: Workspace, content: bytes | None, fields: Any, path: str
) -> None:
    response = post(content, **fields)
    assert response.status_code == 400, response.content
    assert [error["path"] for error in response.json()["errors"]][:1] == [path]
    with scope(workspace.pk):
        assert not Import.objects.exists()


def test_body_that_is_no_form_is_415(client: Client, workspace: Workspace) -> None:
    headers = bearer(make_key(workspace))
    response = client.post("/api/v1/imports/", "{}", content_type="application/json", **headers)
    assert (response.status_code, response.json()["code"]) == (415, "unsupported_media_type")


def test_file_over_the_limit_is_refused_with_the_limit(post: Post, settings: Any) -> None:
    settings.IMPORT_FILE_LIMIT = 20
    response = post()
    assert response.status_code == 400
    assert "larger than 20" in response.json()["message"]


def test_job_ids_of_runs_and_imports_do_not_meet(post: Post, workspace: Workspace) -> None:
    pk = post().json()["id"]
    with scope(workspace.pk):
        day = workspace.day_of(NOW)
        run = Run.objects.create(kind=RunKind.REQUEST, from_day=day, to_day=day, total=7)
    assert run.pk == pk + 1
    assert got(workspace, f"jobs/{run.pk}/")["total"] == 7
    assert got(workspace, f"jobs/{pk}/")["total"] == 0


@pytest.mark.parametrize("path", ["imports/{}/", "jobs/{}/"])
def test_import_of_another_workspace_is_404(post: Post, path: str) -> None:
    address = f"/api/v1/{path.format(post().json()['id'])}"
    assert Client().get(address, **bearer(make_key(make_workspace()))).status_code == 404


def test_scope_write_is_needed(client: Client, workspace: Workspace) -> None:
    for scopes, status in ((["read"], 403), (["ingest"], 403), (["write"], 400)):
        headers = bearer(make_key(workspace, scopes))
        assert client.post("/api/v1/imports/", {}, **headers).status_code == status


def test_imports_are_listed_the_newest_first(post: Post, workspace: Workspace) -> None:
    ids = [post().json()["id"] for _ in range(3)]
    assert [row["id"] for row in got(workspace, "imports/")["results"]] == ids[::-1]
