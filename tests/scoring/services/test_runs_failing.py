"""Slices that fail, and workers that die in the middle of one."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.db import connections

from accounts.models import Workspace
from accounts.tenancy import scope
from scoring.models import Evaluation, Run, RunSlice
from scoring.services import runs
from scoring.services.evaluate import evaluate
from scoring.services.runs import retry_run, work_slice
from tests.scoring.services.test_runs import (
    NOW,
    clock,
    fresh,
    small_slices,
    started,
    stored,
    work,
    workspace,
)

__all__ = ["small_slices", "workspace"]

pytestmark = pytest.mark.usefixtures("committed", "small_slices")


def test_worker_that_dies_leaves_nothing_and_the_slice_free(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        pass

    def dies(**given: Any) -> None:
        evaluate(**given)
        raise Killed

    run = started(workspace)
    with monkeypatch.context() as dying:
        dying.setattr(runs, "evaluate", dies)
        with pytest.raises(Killed):
            work_slice(workspace=workspace, run_id=run.pk, clock=clock)
    assert stored(workspace) == []
    with scope(workspace.pk):
        assert RunSlice.objects.filter(done_at=None, attempts=0).count() == 6
    assert work(workspace, run) == [2] * 6
    assert fresh(workspace, run).state == "done"


def failing(accounts: set[int], times: int = 1000) -> Callable[..., None]:
    left = [times]

    def fails(**given: Any) -> None:
        if accounts & set(given["account_ids"]) and left[0]:
            left[0] -= 1
            raise ValueError("no such thing")
        evaluate(**given)

    return fails


def ids(workspace: Workspace, run: Run) -> list[list[int]]:
    with scope(workspace.pk):
        found = RunSlice.objects.filter(run_id=run.pk).order_by("number")
        return list(found.values_list("account_ids", flat=True))


def test_slice_that_fails_for_a_while_is_tried_again(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = started(workspace)
    monkeypatch.setattr(runs, "evaluate", failing(set(ids(workspace, run)[2]), times=4))
    assert sorted(work(workspace, run)) == [0] * 4 + [2] * 6
    assert (fresh(workspace, run).state, fresh(workspace, run).error) == ("done", "")
    with scope(workspace.pk):
        assert RunSlice.objects.get(run_id=run.pk, number=2).attempts == 4


def test_slice_that_always_fails_is_tried_five_times_and_retried_on_demand(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = started(workspace)
    with monkeypatch.context() as broken:
        broken.setattr(runs, "evaluate", failing(set(ids(workspace, run)[2])))
        assert work(workspace, run) == [2, 2, 0, 2, 2, 2, 0, 0, 0, 0]
        assert work(workspace, run) == []
    failed = fresh(workspace, run)
    assert (failed.state, failed.done, failed.total) == ("failed", 10, 12)
    assert (failed.error, failed.finished_at) == ("ValueError: no such thing", NOW)
    assert runs.workspaces_with_work().get(workspace.pk, []) == []
    with scope(workspace.pk):
        bad = RunSlice.objects.get(run_id=run.pk, number=2)
        assert (bad.attempts, bad.error, bad.done_at) == (5, "ValueError: no such thing", None)
        assert Evaluation.objects.count() == 10
        assert retry_run(run=failed)
        assert not retry_run(run=failed), "somebody retries it already"
    assert runs.workspaces_with_work()[workspace.pk] == [run.pk]
    assert work(workspace, run) == [2]
    closed = fresh(workspace, run)
    assert (closed.state, closed.done, closed.error) == ("done", 12, "")
    with scope(workspace.pk):
        assert not retry_run(run=closed)


WORKER = """
import sys
import django
django.setup()
from datetime import UTC, datetime
from accounts.models import Workspace
from scoring.services import runs
evaluate = runs.evaluate
def slow(**given):
    evaluate(**given)
    print("in the middle", flush=True)
    import time; time.sleep(60)
if sys.argv[3] == "slow":
    runs.evaluate = slow
workspace = Workspace.objects.get(pk=int(sys.argv[1]))
list(runs.work_run(workspace=workspace, run_id=int(sys.argv[2]), clock=lambda: datetime.now(UTC)))
"""


@pytest.fixture
def environment() -> dict[str, str]:
    """For a process of its own that meets the test's database."""
    name = connections["default"].settings_dict["NAME"]
    address = os.environ["DATABASE_URL"].rsplit("/", 1)[0] + f"/{name}"
    given = {"DATABASE_URL": address, "DJANGO_SETTINGS_MODULE": "scorecard_project.settings"}
    return os.environ | given | {"PYTHONPATH": str(settings.BASE_DIR)}


@pytest.mark.heavy
def test_killed_process_leaves_its_slice_to_the_next(
    workspace: Workspace, environment: dict[str, str]
) -> None:
    run = started(workspace)
    command = [sys.executable, "-c", WORKER, str(workspace.pk), str(run.pk)]
    for _ in range(3):
        process = subprocess.Popen(
            [*command, "slow"], env=environment, stdout=subprocess.PIPE, cwd=settings.BASE_DIR
        )
        assert process.stdout is not None
        assert process.stdout.readline() == b"in the middle\n"
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert stored(workspace) == []
    subprocess.run([*command, "quick"], env=environment, check=True, cwd=settings.BASE_DIR)
    assert (fresh(workspace, run).state, fresh(workspace, run).done) == ("done", 12)
    assert len(stored(workspace)) == 12
