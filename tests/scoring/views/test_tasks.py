from datetime import date
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Account, Role, Task, User, Workspace
from accounts.services.tasks import complete_task, create_task
from accounts.tenancy import scope
from scoring.pages.task_list import TaskPlace, TasksWanted, read_tasks
from tests.factories import make_account, make_member, make_workspace
from tests.scoring.scored import DAY, make_scored, noon

pytestmark = pytest.mark.django_db

TODAY = date(2026, 6, 10)
HTMX: dict[str, Any] = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture(autouse=True)
def _today() -> Any:
    with time_machine.travel(noon(TODAY), tick=False):
        yield


@pytest.fixture
def workspace() -> Workspace:
    return make_workspace(slug="acme")


@pytest.fixture
def account(workspace: Workspace) -> Account:
    return make_account(workspace, "a/b", name="Contoso")


@pytest.fixture
def csm(workspace: Workspace, client: Client) -> User:
    user = make_member(workspace, Role.CSM)
    client.force_login(user)
    return user


def make_task(account: Account, title: str = "Call", **fields: Any) -> Task:
    moment = fields.pop("moment", noon(TODAY - 9 * DAY))
    with scope(account.workspace_id):
        return create_task(account=account, title=title, by=None, moment=moment, **fields)


def stored(task: Task) -> Task:
    with scope(task.workspace_id):
        now: Task = Task.objects.get(pk=task.pk)
        return now


def text(response: Any) -> str:
    return " ".join(response.content.decode().split())


def titles(response: Any) -> list[tuple[str, list[str]]]:
    groups = response.context["page"].groups
    return [(group.key, [line.task.title for line in group.lines]) for group in groups]


def test_open_tasks_are_grouped_by_the_day_they_are_due(
    client: Client, csm: User, account: Account
) -> None:
    for title, due in (
        ("some day", None),
        ("later", TODAY + 8 * DAY),
        ("soon", TODAY + 7 * DAY),
        ("today", TODAY),
        ("late", TODAY - DAY),
    ):
        make_task(account, title, due_on=due, assignee_id=csm.pk)
    response = client.get("/w/acme/tasks/")
    assert titles(response) == [
        ("overdue", ["late"]),
        ("today", ["today"]),
        ("week", ["soon"]),
        ("later", ["later"]),
        ("never", ["some day"]),
    ]
    assert "1 day late" in text(response)
    assert 'id="due-tasks">2<' in text(response)


def test_tasks_are_mine_or_everybodys_and_open_or_done(
    client: Client, csm: User, account: Account, workspace: Workspace
) -> None:
    mine = make_task(account, "mine", assignee_id=csm.pk)
    make_task(account, "nobody's")
    make_task(make_account(workspace, "other"), "elsewhere")
    client.post(f"/w/acme/tasks/{mine.pk}/done/")
    found = {
        query: [t for _group, names in titles(client.get(f"/w/acme/tasks/{query}")) for t in names]
        for query in ("", "?whose=all", "?state=done", "?whose=all&account=other")
    }
    assert found == {
        "": [],
        "?whose=all": ["nobody's", "elsewhere"],
        "?state=done": ["mine"],
        "?whose=all&account=other": ["elsewhere"],
    }


@pytest.mark.parametrize("state", ["open", "done"])
def test_pages_follow_and_precede_each_other(account: Account, csm: User, state: str) -> None:
    for n in range(8):
        task = make_task(account, due_on=None if n >= 5 else TODAY + n // 3 * DAY)
        if state == "done":
            with scope(account.workspace_id):
                complete_task(task=task, by=csm, moment=noon(TODAY + n // 3 * DAY))
    wanted, forwards, backwards = TasksWanted(state=state), [], []
    with scope(account.workspace_id):
        page = read_tasks(wanted, TODAY, size=3)
        while page.following:
            forwards.append(page.lines)
            place = TaskPlace.read(str(page.following), state)
            page = read_tasks(wanted, TODAY, size=3, after=place)
        last = page.lines
        while page.previous:
            place = TaskPlace.read(str(page.previous), state)
            page = read_tasks(wanted, TODAY, size=3, before=place)
            backwards.append(page.lines)
    assert [len(lines) for lines in (*forwards, last)] == [3, 3, 2]
    assert len({line.task.pk for lines in (*forwards, last) for line in lines}) == 8
    assert backwards == forwards[::-1]


def test_task_is_written_down_in_place(client: Client, csm: User, account: Account) -> None:
    given = {"title": "  Call   them ", "due_on": "2026-06-11", "assignee": csm.pk}
    response = client.post("/w/acme/account-tasks/a/b/", given, **HTMX)
    shown = text(response)
    assert shown.startswith('<section class="card" id="tasks"')
    assert "Call them" in shown
    assert "tomorrow" in shown
    assert 'id="due-tasks" hx-swap-oob="true" hidden' in shown
    with scope(account.workspace_id):
        task = Task.objects.get()
    assert (task.title, task.due_on, task.assignee_id, task.created_by_id) == (
        "Call them",
        TODAY + DAY,
        csm.pk,
        csm.pk,
    )


def test_task_without_a_title_is_told_where_it_was_written(
    client: Client, csm: User, account: Account
) -> None:
    for extra in (HTMX, {}):
        response = client.post("/w/acme/account-tasks/a/b/", {"title": " "}, **extra)
        assert response.status_code == 422
        assert "Say what is to do." in text(response)


def test_task_for_a_stranger_is_refused(client: Client, csm: User, account: Account) -> None:
    stranger = make_member(make_workspace())
    given = {"title": "x", "assignee": stranger.pk}
    assert client.post("/w/acme/account-tasks/a/b/", given).status_code == 422


def test_done_and_undone_with_one_click_each(client: Client, csm: User, account: Account) -> None:
    task = make_task(account, assignee_id=csm.pk, due_on=TODAY)
    done = text(client.post(f"/w/acme/tasks/{task.pk}/done/", **HTMX))
    assert (stored(task).state, stored(task).done_by_id) == ("done", csm.pk)
    assert f'<li class="task is-done" id="task-{task.pk}"' in done
    assert f"/w/acme/tasks/{task.pk}/reopen/" in done
    client.post(f"/w/acme/tasks/{task.pk}/reopen/", **HTMX)
    assert (stored(task).state, stored(task).done_at) == ("open", None)


def test_who_was_first_has_done_it(client: Client, csm: User, account: Account) -> None:
    task = make_task(account)
    client.post(f"/w/acme/tasks/{task.pk}/done/")
    second = Client()
    second.force_login(make_member(account.workspace, Role.CSM))
    second.post(f"/w/acme/tasks/{task.pk}/done/")
    assert stored(task).done_by_id == csm.pk


def test_plain_browser_is_led_back(client: Client, csm: User, account: Account) -> None:
    task = make_task(account)
    back = client.post(f"/w/acme/tasks/{task.pk}/done/", {"next": "/w/acme/tasks/?whose=all"})
    assert back["Location"] == "/w/acme/tasks/?whose=all"
    away = client.post(f"/w/acme/tasks/{task.pk}/reopen/", {"next": "https://evil.example/"})
    assert away["Location"] == f"/w/acme/accounts/a/b/#task-{task.pk}"
    made = client.post("/w/acme/account-tasks/a/b/", {"title": "x"})
    assert made["Location"] == "/w/acme/accounts/a/b/"
    assert client.get("/w/acme/new-task/a/b/").status_code == 200


def test_edited_in_place_and_on_its_own_page(client: Client, csm: User, account: Account) -> None:
    task = make_task(account, note="old")
    row = text(client.get(f"/w/acme/tasks/{task.pk}/edit/", **HTMX))
    assert row.startswith(f'<li class="task editing" id="task-{task.pk}">')
    assert text(client.get(f"/w/acme/tasks/{task.pk}/edit/")).startswith("<!doctype html>")
    given = {"title": "New", "due_on": "", "assignee": "", "note": "**new**"}
    saved = text(client.post(f"/w/acme/tasks/{task.pk}/save/", given, **HTMX))
    assert "<strong>new</strong>" in saved
    assert (stored(task).title, stored(task).note) == ("New", "**new**")
    bad = client.post(f"/w/acme/tasks/{task.pk}/save/", given | {"title": ""}, **HTMX)
    assert (bad.status_code, stored(task).title) == (422, "New")


def test_removed_task_can_be_brought_back_for_some_days(
    client: Client, csm: User, account: Account
) -> None:
    task, other = make_task(account), make_task(account)
    gone = text(client.post(f"/w/acme/tasks/{task.pk}/remove/", **HTMX))
    assert "Undo" in gone
    assert titles(client.get("/w/acme/tasks/?whose=all")) == [("never", ["Call"])]
    client.post(f"/w/acme/tasks/{task.pk}/bring-back/", **HTMX)
    assert stored(task).removed_at is None
    plain = client.post(f"/w/acme/tasks/{task.pk}/remove/")
    assert plain["Location"] == f"/w/acme/tasks/{task.pk}/"
    assert "Undo" in text(client.get(plain["Location"]))
    with time_machine.travel(noon(TODAY + 8 * DAY), tick=False):
        client.post(f"/w/acme/tasks/{other.pk}/remove/")
    with scope(account.workspace_id):
        assert list(Task.objects.values_list("pk", flat=True)) == [other.pk]


STEPS = ("done", "reopen", "remove", "bring-back", "save")


@pytest.mark.parametrize("step", STEPS)
def test_tasks_are_changed_by_scorers_of_the_workspace(
    workspace: Workspace, account: Account, step: str
) -> None:
    task = make_task(account)
    people = {role: make_member(workspace, role) for role in (Role.CSM, Role.VIEWER)} | {
        "stranger": make_member(make_workspace(slug="other"))
    }
    statuses = {}
    for name, user in people.items():
        client = Client()
        client.force_login(user)
        statuses[name] = client.post(f"/w/acme/tasks/{task.pk}/{step}/", {"title": "x"}).status_code
        assert client.post(f"/w/other/tasks/{task.pk}/{step}/").status_code == 404
    assert statuses == {Role.CSM: 302, Role.VIEWER: 403, "stranger": 404}


def test_viewer_reads_and_writes_nothing(workspace: Workspace, account: Account) -> None:
    make_task(account, note="n " * 200)
    viewer = Client()
    viewer.force_login(make_member(workspace, Role.VIEWER))
    shown = text(viewer.get("/w/acme/tasks/?whose=all"))
    page = text(viewer.get("/w/acme/accounts/a/b/"))
    assert "Call" in shown
    assert "Call" in page
    for sign in ("/done/", "/edit/", "account-tasks", "account-touchpoints", "path-tasks"):
        assert sign not in shown + page
    assert viewer.post("/w/acme/account-tasks/a/b/", {"title": "x"}).status_code == 403


def test_path_to_green_becomes_a_task_once(workspace: Workspace) -> None:
    account = make_scored(workspace, TODAY, "redhat.com")
    client = Client()
    user = make_member(workspace, Role.CSM)
    client.force_login(user)
    address = "/w/acme/path-tasks/nps/redhat.com/"
    assert address in text(client.get("/w/acme/accounts/redhat.com/"))
    for _ in range(2):
        shown = text(client.post(address, **HTMX))
        assert 'id="path-task-nps" hx-swap-oob="true"' in shown
    with scope(workspace.pk):
        task = Task.objects.get(account=account)
    assert (task.title, task.metric, task.source, task.assignee_id) == (
        "Raise Nps",
        "nps",
        "path",
        user.pk,
    )
    assert address not in text(client.get("/w/acme/accounts/redhat.com/"))
    assert client.post("/w/acme/path-tasks/none/redhat.com/").status_code == 404


def test_past_day_shows_what_was_left_to_do_and_changes_nothing(
    client: Client, csm: User, account: Account
) -> None:
    make_task(account, "before", moment=noon(TODAY - 5 * DAY))
    done = make_task(account, "done since", moment=noon(TODAY - 5 * DAY))
    make_task(account, "after", moment=noon(TODAY - DAY))
    client.post(f"/w/acme/tasks/{done.pk}/done/")
    page = client.get(f"/w/acme/accounts/a/b/?day={TODAY - 2 * DAY}")
    assert [line.task.title for line in page.context["board"].lines] == ["before", "done since"]
    assert f"/tasks/{done.pk}/done/" not in text(page)


def test_number_of_queries_is_the_same_at_1_and_at_30_rows(
    client: Client, csm: User, workspace: Workspace
) -> None:
    def counted() -> int:
        with CaptureQueriesContext(connection) as queries:
            client.get("/w/acme/tasks/?whose=all")
        noise = ("SAVEPOINT", "RELEASE", "SELECT set_config")
        return sum(not query["sql"].startswith(noise) for query in queries)

    make_task(make_account(workspace), assignee_id=csm.pk)
    counted()
    one = counted()
    for _ in range(29):
        make_task(make_account(workspace), assignee_id=make_member(workspace).pk)
    assert (one, counted()) == (6, 6)
