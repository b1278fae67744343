"""`manage.py run` as a person meets it: started, killed in every way, started again."""

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from scorecard_project.embedded.home import PROJECT, lock_file
from scorecard_project.embedded.processes import wait_until
from tests.flows.installation import (
    descendants,
    environment,
    free_port,
    manage,
    query,
    running,
)

pytestmark = pytest.mark.xdist_group("installation")


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    """Every account may enter it, which is not so below pytest's own folder."""
    folder = Path(tempfile.mkdtemp(prefix="scorecard-run-"))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder)


def gone(pids: set[int]) -> bool:
    alive = subprocess.run(
        ["ps", "-o", "pid=,stat=", "-p", ",".join(map(str, pids))],
        capture_output=True,
        text=True,
        check=False,
    )
    return all(line.split()[1].startswith("Z") for line in alive.stdout.splitlines())


def test_ctrl_c_stops_everything_and_the_data_stays(home: Path) -> None:
    with running(home) as first:
        every = descendants(first.process.pid)
        query(first.url("DATABASE_OWNER_URL"), "CREATE TABLE kept (answer int); SELECT 1")
        query(first.url("DATABASE_OWNER_URL"), "INSERT INTO kept VALUES (42) RETURNING answer")
        redis.Redis.from_url(first.url("REDIS_URL")).set("kept", "42")
        first.process.send_signal(signal.SIGINT)
        assert first.process.wait(20) == 0
        assert gone(every)
        assert first.output.endswith("\nStopping …\nStopped.\n")
        assert not (home / "state.json").exists()
    with running(home) as second:
        rows = query(second.url("DATABASE_OWNER_URL"), "SELECT answer FROM kept")
        assert rows == [(42,)]
        assert redis.Redis.from_url(second.url("REDIS_URL")).get("kept") == b"42"


@pytest.fixture
def background_job() -> Iterator[None]:
    """What a shell does to a job in the background: these two signals are ignored."""
    before = {s: signal.signal(s, signal.SIG_IGN) for s in (signal.SIGINT, signal.SIGQUIT)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.usefixtures("background_job")
def test_killed_supervisor_takes_everything_along(home: Path) -> None:
    with running(home) as installation:
        every = descendants(installation.process.pid)
        assert len(every) >= 6
        installation.process.kill()
        installation.process.wait()
        assert wait_until(lambda: gone(every), seconds=30)
    for name in ("postgres.lock", "valkey.lock"):
        lock = lock_file(home / name)
        assert lock is not None
        os.close(lock)
    with running(home) as again:
        assert again.answers()


PARTS = {
    "postgres": "bin/postgres",
    "valkey": "valkey-server",
    "web": "gunicorn",
    "worker": "celery --app scorecard_project worker",
    "beat": "scorecard_project.beat",
}


def test_killed_parts_come_back(home: Path) -> None:
    with running(home) as installation:
        for part, word in PARTS.items():
            killed = installation.pid(word)
            os.kill(killed, signal.SIGKILL)
            back = f"{part} is running again"
            assert wait_until(lambda back=back: back in installation.output, seconds=30)  # type: ignore[misc]
            assert f"{part} was killed by signal 9" in installation.output
            assert installation.pid(word) != killed
        assert wait_until(installation.answers, seconds=20)
        assert query(installation.url("DATABASE_URL"), "SELECT 1") == [(1,)]
        assert redis.Redis.from_url(installation.url("REDIS_URL")).ping()


def test_second_start_is_refused_and_commands_share_the_first(home: Path) -> None:
    with running(home) as installation:
        refused = manage(home, "run", "--port", str(free_port()))
        occupied = manage(home, "run", "--port", str(installation.port))
        shared = manage(home, "shell", "-c", "import os; print(os.environ['DATABASE_URL'])")
        message = (
            f"Scorecard is already running on {home}: `manage.py run` "
            f"(process {installation.process.pid}). Stop it, or choose another --home.\n"
        )
        assert (refused.returncode, refused.stderr) == (1, message)
        assert re.match(rf"Port {installation.port} on 127.0.0.1 is in use", occupied.stderr)
        assert shared.stdout.splitlines()[-1] == installation.url("DATABASE_URL")
        assert installation.answers()


def test_command_alone_brings_its_own_servers(home: Path) -> None:
    alone = manage(home, "showmigrations", "--database", "owner", "accounts")
    assert (alone.returncode, alone.stdout.splitlines()[0]) == (0, "accounts")
    for name in ("postgres.lock", "valkey.lock", "lock"):
        lock = lock_file(home / name)
        assert lock is not None
        os.close(lock)


@pytest.mark.heavy
def test_killed_at_any_moment_of_the_first_start_it_starts_again() -> None:
    for tenths in range(2, 100, 7):
        home = Path(tempfile.mkdtemp(prefix="scorecard-run-"))
        home.chmod(0o711)
        command = [sys.executable, "manage.py", "run", "--no-demo", "--port", str(free_port())]
        killed = subprocess.Popen(command, cwd=PROJECT, env=environment(home))
        time.sleep(tenths / 10)
        killed.kill()
        killed.wait()
        with running(home) as installation:
            assert installation.answers()
        shutil.rmtree(home)
