"""A worker is killed in the middle of an import; the next one goes on, and nothing is doubled."""

import os
import signal
import subprocess
import sys
import textwrap
from typing import Any

import pytest
from django.db import connection

from accounts.models import Account
from accounts.tenancy import scope
from integrations.models import Import, ImportReject, ImportState
from scorecard_project.embedded.processes import wait_until
from tests.factories import make_workspace
from tests.integrations.imported import begun, counts, csv_file, worked
from tests.usage.conftest import committed

__all__ = ["committed"]

# A worker of its own that stops for ever inside of a batch's transaction.
WORKER = textwrap.dedent(
    """
    import os, sys, time
    import django
    django.setup()
    from django.utils import timezone
    from accounts.models import Workspace
    from integrations.services.imports import batches, working

    workspace = Workspace.objects.get(pk=int(sys.argv[1]))
    write_down, after = batches._write_down, int(sys.argv[3])

    def hanging(claimed, *rest):
        write_down(claimed, *rest)
        if claimed.at == after:
            print("stored", flush=True)
            time.sleep(600)

    batches._write_down = hanging
    for _ in working.work_import(
        workspace=workspace, import_id=int(sys.argv[2]), clock=timezone.now
    ):
        pass
    """
)


@pytest.mark.parametrize("after", [0, 2])
def test_killed_worker_leaves_no_half_and_the_next_goes_on(committed: Any, after: int) -> None:
    workspace = make_workspace()
    rows = [[f"k{n}", f"N{n}" if n % 10 else ""] for n in range(3500)]
    content = csv_file([["key", "name"], *rows])
    found = begun(workspace, "accounts", content, state=ImportState.QUEUED, columns={})
    arguments = [str(workspace.pk), str(found.pk), str(after)]
    worker = subprocess.Popen(
        [sys.executable, "-c", WORKER, *arguments],
        stdout=subprocess.PIPE,
        env=os.environ | {"DATABASE_URL": database_url(), "PYTHONPATH": "."},
    )
    assert worker.stdout is not None
    assert worker.stdout.readline() == b"stored\n"
    with scope(workspace.pk):
        found = Import.objects.get(pk=found.pk)
        assert (found.state, found.done) == (
            ImportState.RUNNING if after else ImportState.QUEUED,
            after * 1000,
        )
    # While it lives, the import is its own.
    assert worked(workspace, found).done == after * 1000
    worker.send_signal(signal.SIGKILL)
    worker.wait(10)
    assert wait_until(lambda: worked(workspace, found).state == ImportState.DONE, seconds=20)
    with scope(workspace.pk):
        found = Import.objects.get(pk=found.pk)
        assert (found.done, counts(found)) == (3500, {"created": 3150, "rejected": 350})
        assert Account.objects.count() == 3150
        assert ImportReject.objects.count() == 350


def database_url() -> str:
    """Of the test's database, as the environment names it."""
    base = os.environ["DATABASE_URL"]
    name = connection.settings_dict["NAME"]
    whole, _question, options = base.partition("?")
    return whole.rsplit("/", 1)[0] + f"/{name}" + (f"?{options}" if options else "")
