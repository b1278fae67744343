"""A file of any size in constant memory: measured on the real command."""

import os
import resource
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from accounts.models import Workspace
from tests.factories import make_workspace
from tests.usage.conftest import committed

__all__ = ["committed"]

pytestmark = pytest.mark.heavy

SMALL, LARGE = 50_000, 2_000_000
MOST_MORE = 24 * 1024
"""Kilobytes that forty times the rows may cost: the allocator is never quite still."""


def generated(path: Path, rows: int) -> Path:
    with path.open("w") as file:
        file.write("event_id,occurred_at,account,user,event,feature,duration_seconds\n")
        for n in range(rows):
            when = f"2026-03-{n % 28 + 1:02d}T{n % 24:02d}:00:00Z"
            file.write(f"{rows}-{n},{when},account-{n % 1000},user-{n % 20_000},login,,30\n")
    return path


def peak(workspace: Workspace, path: Path) -> int:
    """Kilobytes of resident memory, at most."""
    command = [sys.executable, "manage.py", "import_events", workspace.slug, str(path)]
    base, name = os.environ["DATABASE_URL"], connection.settings_dict["NAME"]
    whole, _question, options = base.partition("?")
    url = whole.rsplit("/", 1)[0] + f"/{name}" + (f"?{options}" if options else "")
    with subprocess.Popen(command, env=os.environ | {"DATABASE_URL": url}) as process:
        _pid, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0
    assert isinstance(usage, resource.struct_rusage)
    return usage.ru_maxrss


def test_memory_stays_while_the_file_grows(committed: Any, tmp_path: Path) -> None:
    workspace = make_workspace()
    small = peak(workspace, generated(tmp_path / "small.csv", SMALL))
    large = peak(workspace, generated(tmp_path / "large.csv", LARGE))
    assert large - small < MOST_MORE, (small, large)
