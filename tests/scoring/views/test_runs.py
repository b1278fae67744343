from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Role, User, Workspace
from accounts.tenancy import scope
from scoring.models import Run, RunKind, RunSlice, RunState
from scoring.services.runs import ATTEMPTS
from scoring.views.runs import next_night
from tests.factories import make_account, make_member, make_workspace
from tests.scoring.portfolios import NOON, TODAY

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_noon")]

DAY = timedelta(days=1)


@pytest.fixture
def at_noon() -> Any:
    with time_machine.travel(NOON, tick=False):
        yield


@pytest.fixture
def workspace() -> Workspace:
    return make_workspace("northwind")


@pytest.fixture
def manager(workspace: Workspace, client: Client) -> User:
    user = make_member(workspace, Role.MANAGER)
    client.force_login(user)
    return user


@pytest.fixture
def nudged(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, int]]:
    """The broker's part: what the workers are told."""
    sent: list[tuple[int, int]] = []
    monkeypatch.setattr("scoring.tasks.evaluate_run.delay", lambda *ids: sent.append(ids))
    return sent


def get(client: Client, **headers: Any) -> Any:
    return client.get("/w/northwind/runs/", headers=headers)


def make_run(workspace: Workspace, **fields: Any) -> Run:
    with scope(workspace.pk):
        given = {"kind": RunKind.REQUEST, "from_day": TODAY, "to_day": TODAY, "total": 1}
        run: Run = Run.objects.create(**(given | fields))
        return run


def all_runs(workspace: Workspace) -> list[tuple[Any, ...]]:
    with scope(workspace.pk):
        return list(Run.objects.values_list("kind", "state", "from_day", "to_day", "total"))


def test_runs_are_open_to_members_and_nothing_to_strangers(
    client: Client, workspace: Workspace
) -> None:
    run = make_run(workspace)
    make_run(make_workspace())
    assert get(client)["Location"] == "/login/?next=/w/northwind/runs/"
    client.force_login(make_member(workspace, Role.VIEWER))
    response = get(client)
    assert [row.run for row in response.context["rows"]] == [run]
    assert "/runs/start/" not in response.content.decode()
    client.force_login(make_member(make_workspace()))
    assert get(client).status_code == 404


def test_runs_ask_again_only_while_one_is_unfinished(
    client: Client, workspace: Workspace, manager: User
) -> None:
    run = make_run(workspace, state=RunState.RUNNING, total=100, done=61)
    fragment = {"HX-Request": "true", "HX-Target": "runs"}
    text = get(client, **fragment).content.decode()
    assert ("<html" in text, 'hx-trigger="every 2s"' in text) == (False, True)
    assert '<progress max="100" value="61"' in text
    with scope(workspace.pk):
        Run.objects.filter(pk=run.pk).update(state=RunState.DONE, finished_at=NOON)
    text = get(client, **fragment).content.decode()
    assert ("hx-trigger" in text, "<progress" in text) == (False, False)


def test_failed_run_says_what_and_is_tried_again(
    client: Client,
    workspace: Workspace,
    manager: User,
    nudged: list[tuple[int, int]],
    django_capture_on_commit_callbacks: Any,
) -> None:
    run = make_run(workspace, state=RunState.FAILED, error="Boom", finished_at=NOON)
    with scope(workspace.pk):
        for number, done in enumerate([None, NOON]):
            RunSlice.objects.create(
                run=run,
                number=number,
                account_ids=[1, 2, 3],
                attempts=ATTEMPTS,
                done_at=done,
                error="Boom",
            )
    (row,) = get(client).context["rows"]
    assert (row.failed, row.errors) == (3, ("Boom",))
    with django_capture_on_commit_callbacks(execute=True):
        client.post(f"/w/northwind/runs/{run.pk}/retry/")
    with scope(workspace.pk):
        now = Run.objects.get()
        slices = list(RunSlice.objects.order_by("number").values_list("attempts", "error"))
    assert (now.state, now.error, now.finished_at) == (RunState.QUEUED, "", None)
    assert slices == [(0, ""), (ATTEMPTS, "Boom")]
    assert nudged == [(workspace.pk, run.pk)]
    client.post(f"/w/northwind/runs/{run.pk}/retry/")
    assert nudged == [(workspace.pk, run.pk)]


def test_evaluate_now_starts_a_run_of_today(
    client: Client,
    workspace: Workspace,
    manager: User,
    nudged: list[tuple[int, int]],
    django_capture_on_commit_callbacks: Any,
) -> None:
    make_account(workspace)
    with django_capture_on_commit_callbacks(execute=True):
        response = client.post("/w/northwind/runs/start/")
        again = client.post("/w/northwind/runs/start/")
    assert (response["Location"], again["Location"]) == ("/w/northwind/runs/",) * 2
    assert all_runs(workspace) == [("request", "queued", TODAY, TODAY, 1)]
    assert len(nudged) == 1


def test_evaluate_now_takes_days(
    client: Client, workspace: Workspace, manager: User, nudged: list[tuple[int, int]]
) -> None:
    make_account(workspace)
    client.post("/w/northwind/runs/start/", {"first": "2026-03-01", "last": "2026-03-04"})
    days = date(2026, 3, 1), date(2026, 3, 4)
    assert all_runs(workspace) == [("request", "queued", *days, 4)]


@pytest.mark.parametrize(
    ("first", "last", "field"),
    [
        ("2026-03-02", "2026-03-01", "last"),
        ("2026-03-01", "2026-03-11", "last"),
        ("1900-01-01", "2026-03-01", "first"),
        ("", "2026-03-01", "first"),
        ("2026-03-01", "x", "last"),
    ],
)
def test_evaluate_now_names_what_is_wrong(
    client: Client, workspace: Workspace, manager: User, first: str, last: str, field: str
) -> None:
    response = client.post("/w/northwind/runs/start/", {"first": first, "last": last})
    assert (response.status_code, list(response.context["form"].errors)) == (422, [field])
    assert all_runs(workspace) == []


@pytest.mark.parametrize("path", ["start", "{pk}/retry"])
def test_starting_and_retrying_is_for_managers(
    client: Client, workspace: Workspace, nudged: list[tuple[int, int]], path: str
) -> None:
    run = make_run(workspace, state=RunState.FAILED, finished_at=NOON)
    foreign = make_run(make_workspace(), state=RunState.FAILED, finished_at=NOON)
    address = f"/w/northwind/runs/{path.format(pk=run.pk)}/"
    for role in (Role.VIEWER, Role.CSM):
        client.force_login(make_member(workspace, role))
        assert client.post(address).status_code == 403
    client.force_login(make_member(make_workspace()))
    assert client.post(address).status_code == 404
    assert all_runs(workspace) == [("request", "failed", TODAY, TODAY, 1)]
    client.force_login(make_member(workspace, Role.MANAGER))
    assert client.post(f"/w/northwind/runs/{foreign.pk}/retry/").status_code == 404
    assert client.post(address).status_code == 302


def test_older_runs_are_a_page_further(
    client: Client, workspace: Workspace, manager: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("scoring.views.runs.PAGE", 2)
    runs = [make_run(workspace) for _ in range(3)]
    first = get(client)
    assert [row.run for row in first.context["rows"]] == [runs[2], runs[1]]
    assert first.context["previous_url"] == ""
    make_run(workspace)
    second = client.get(f"/w/northwind/runs/{first.context['next_url']}")
    assert [row.run for row in second.context["rows"]] == [runs[0]]
    back = client.get(f"/w/northwind/runs/{second.context['previous_url']}")
    assert [row.run for row in back.context["rows"]] == [runs[2], runs[1]]


def test_number_of_queries_is_the_same_at_1_and_at_30_rows(
    client: Client, workspace: Workspace, manager: User
) -> None:
    def counted() -> int:
        with CaptureQueriesContext(connection) as queries:
            get(client)
        noise = ("SAVEPOINT", "RELEASE", "SELECT set_config")
        return sum(not query["sql"].startswith(noise) for query in queries)

    make_run(workspace)
    get(client)
    one = counted()
    for _ in range(29):
        make_run(workspace)
    assert counted() == one


def test_next_night_is_told_in_the_zone_of_the_workspace() -> None:
    workspace = make_workspace(time_zone="America/New_York", night_hour=3)
    moment = datetime(2026, 3, 10, 5, tzinfo=UTC)  # one o'clock in New York
    today = date(2026, 3, 10)
    assert next_night(workspace, moment, today - DAY).isoformat() == "2026-03-10T03:00:00-04:00"
    assert next_night(workspace, moment, today).isoformat() == "2026-03-11T03:00:00-04:00"
    assert next_night(workspace, moment, None).isoformat() == "2026-03-10T03:00:00-04:00"
