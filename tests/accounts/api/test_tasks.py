from datetime import UTC, date, datetime
from typing import Any

import msgspec
import pytest
import time_machine
from django.test import Client

from accounts.models import Contact, Role, Task, Workspace
from accounts.tenancy import scope
from tests.accounts.conftest import Send
from tests.factories import bearer, make_account, make_key, make_member, make_workspace

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 6, 10, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _now() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


def get(client: Client, secret: str, path: str) -> Any:
    return client.get(f"/api/v1/{path}", **bearer(secret))


def patch(client: Client, secret: str, pk: int, **body: Any) -> Any:
    return client.patch(
        f"/api/v1/tasks/{pk}/",
        msgspec.json.encode(body),
        content_type="application/json",
        **bearer(secret),
    )


def paths(response: Any) -> list[str]:
    assert response.status_code == 400, response.content
    return [problem["path"] for problem in response.json()["errors"]]


@pytest.fixture
def account(workspace: Workspace) -> Any:
    return make_account(workspace, "contoso")


def test_task_is_written_down_listed_and_done(
    client: Client, workspace: Workspace, secret: str, send: Send, account: Any
) -> None:
    make_member(workspace, Role.CSM, "csm@acme.example")
    answer = send(
        "tasks/",
        {
            "account": "contoso",
            "title": "Call them",
            "note": "**soon**",
            "due_on": "2026-06-12",
            "assignee": "CSM@acme.example",
        },
    )
    assert answer.status_code == 201
    task = answer.json()
    assert task == {
        "id": task["id"],
        "account": "contoso",
        "title": "Call them",
        "note": "**soon**",
        "due_on": "2026-06-12",
        "assignee": "csm@acme.example",
        "state": "open",
        "done_at": None,
        "source": "",
        "metric": "",
        "created_at": "2026-06-10T12:00:00Z",
    }
    assert get(client, secret, "tasks/").json() == {"results": [task], "next": None}
    done = patch(client, secret, task["id"], state="done", due_on=None, assignee=None).json()
    assert done == task | {
        "state": "done",
        "done_at": "2026-06-10T12:00:00Z",
        "due_on": None,
        "assignee": None,
    }
    assert patch(client, secret, task["id"], state="open").json()["done_at"] is None


@pytest.mark.parametrize(
    ("query", "titles"),
    [
        ("", ["early", "late", "some day"]),
        ("?ordering=-due_on", ["late", "early", "some day"]),
        ("?account=contoso&state=open", ["early", "late", "some day"]),
        ("?account=nobody", []),
        ("?state=done", []),
        ("?due_before=2026-07-01", ["early"]),
        ("?assignee=csm@acme.example", ["late"]),
    ],
)
def test_tasks_are_filtered_and_ordered(
    client: Client,
    workspace: Workspace,
    secret: str,
    send: Send,
    account: Any,
    query: str,
    titles: list[str],
) -> None:
    make_member(workspace, Role.CSM, "csm@acme.example")
    for title, more in (
        ("some day", {}),
        ("late", {"due_on": "2026-07-01", "assignee": "csm@acme.example"}),
        ("early", {"due_on": "2026-06-01"}),
    ):
        send("tasks/", {"account": "contoso", "title": title, **more})
    found = get(client, secret, f"tasks/{query}").json()["results"]
    assert [task["title"] for task in found] == titles


def test_pages_of_tasks_end_with_those_without_a_day(
    client: Client, secret: str, send: Send, account: Any
) -> None:
    for day in ("2026-06-01", "2026-06-01", None, None, None):
        send("tasks/", {"account": "contoso", "title": f"by {day}", "due_on": day})
    seen, cursor = [], ""
    while cursor is not None:
        page = get(client, secret, f"tasks/?limit=2&cursor={cursor}").json()
        seen += [task["id"] for task in page["results"]]
        cursor = page["next"]
    assert (seen, len(set(seen))) == (sorted(seen), 5)


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({"account": "contoso"}, "title"),
        ({"account": "contoso", "title": "  "}, "title"),
        ({"account": "contoso", "title": "x" * 201}, "title"),
        ({"account": "nobody", "title": "x"}, "account"),
        ({"account": "contoso", "title": "x", "assignee": "nobody@acme.example"}, "assignee"),
        ({"account": "contoso", "title": "x", "due_on": "2026-02-30"}, "due_on"),
        ({"account": "contoso", "title": "x", "colour": "red"}, "colour"),
    ],
)
def test_bad_task_is_refused_with_its_path(
    workspace: Workspace, send: Send, account: Any, body: dict[str, Any], path: str
) -> None:
    assert paths(send("tasks/", body)) == [path]
    with scope(workspace.pk):
        assert not Task.objects.exists()


def test_person_of_another_workspace_is_nobody(send: Send, account: Any) -> None:
    make_member(make_workspace(), Role.CSM, "they@globex.example")
    body = {"account": "contoso", "title": "x", "assignee": "they@globex.example"}
    assert paths(send("tasks/", body)) == ["assignee"]


def test_idempotency_key_writes_once(workspace: Workspace, send: Send, account: Any) -> None:
    body = {"account": "contoso", "title": "once"}
    once = send("tasks/", body, HTTP_IDEMPOTENCY_KEY="k")
    again = send("tasks/", body, HTTP_IDEMPOTENCY_KEY="k")
    assert (again.status_code, again.json()) == (201, once.json())
    said = {"account": "contoso", "kind": "call", "title": "once"}
    assert (
        send("touchpoints/", said, HTTP_IDEMPOTENCY_KEY="t").json()
        == send("touchpoints/", said, HTTP_IDEMPOTENCY_KEY="t").json()
    )
    with scope(workspace.pk):
        assert Task.objects.count() == 1


def test_tasks_and_touchpoints_of_others_are_not_seen(
    client: Client, workspace: Workspace, send: Send, account: Any
) -> None:
    pk = send("tasks/", {"account": "contoso", "title": "ours"}).json()["id"]
    send("touchpoints/", {"account": "contoso", "kind": "note", "title": "ours"})
    stranger = make_key(make_workspace())
    assert get(client, stranger, f"tasks/{pk}/").status_code == 404
    assert patch(client, stranger, pk, state="done").status_code == 404
    for path in ("tasks/", "touchpoints/"):
        assert get(client, stranger, path).json()["results"] == []


def test_touchpoint_is_logged_with_its_contacts(
    client: Client, workspace: Workspace, secret: str, send: Send, account: Any
) -> None:
    with scope(workspace.pk):
        Contact.objects.create(account=account, email="ann@contoso.example", name="Ann")
    body = {
        "account": "contoso",
        "kind": "meeting",
        "title": "Kick-off",
        "body": "- goals",
        "contacts": ["Ann@contoso.example"],
    }
    answer = send("touchpoints/", body)
    assert answer.status_code == 201
    told = answer.json()
    assert told == {
        "id": told["id"],
        "account": "contoso",
        "kind": "meeting",
        "happened_on": "2026-06-10",
        "title": "Kick-off",
        "body": "- goals",
        "contacts": ["ann@contoso.example"],
        "by": None,
        "source": "test",
        "created_at": "2026-06-10T12:00:00Z",
        "edited_at": None,
    }
    assert get(client, secret, "touchpoints/").json()["results"] == [told]
    for query, count in (("kind=call", 0), ("to=2026-06-09", 0), ("from=2026-06-10", 1)):
        assert len(get(client, secret, f"touchpoints/?{query}").json()["results"]) == count


@pytest.mark.parametrize(
    ("more", "path"),
    [
        ({"kind": "lunch"}, "kind"),
        ({"title": ""}, "title"),
        ({"happened_on": date(2026, 6, 11)}, "happened_on"),
        ({"contacts": ["nobody@contoso.example"]}, "contacts[0]"),
        ({"account": "nobody"}, "account"),
    ],
)
def test_bad_touchpoint_is_refused_with_its_path(
    send: Send, account: Any, more: dict[str, Any], path: str
) -> None:
    body = {"account": "contoso", "kind": "call", "title": "x", **more}
    assert paths(send("touchpoints/", body)) == [path]
