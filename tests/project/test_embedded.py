"""The parts of `manage.py run` on their own; tests/flows/test_run.py runs the whole."""

import os
import re
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import textwrap
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg2
import pytest

from scorecard_project.embedded import accounts, commandline, processes, supervisor
from scorecard_project.embedded.errors import EmbeddedError
from scorecard_project.embedded.holding import held, held_or_shared
from scorecard_project.embedded.home import PROJECT, Home, lock_file
from scorecard_project.embedded.postgres import Postgres
from scorecard_project.embedded.terminal import Follower
from scorecard_project.embedded.testing import servers
from scorecard_project.embedded.watching import Watched

pytestmark = pytest.mark.xdist_group("installation")


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path / "home")
    home.create()
    return home


@pytest.fixture
def open_home() -> Iterator[Home]:
    """Every account may enter it, which is not so below pytest's own folder."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o711)
    home = Home(folder)
    home.create()
    yield home
    shutil.rmtree(folder)


def test_secret_is_kept_and_private(home: Home) -> None:
    secret = home.secret("django")
    assert home.secret("django") == secret
    assert len(secret) >= 40
    mode = stat.S_IMODE((home.path / "secrets" / "django").stat().st_mode)
    assert mode == 0o600


def test_port_is_remembered_until_taken(home: Home) -> None:
    port = home.port("postgres")
    assert home.port("postgres") == port
    with socket.socket() as other:
        other.bind(("127.0.0.1", port))
        other.listen()
        assert home.port("postgres") != port


def test_home_that_cannot_be_written_says_what_to_do(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    with pytest.raises(EmbeddedError, match="Choose another with --home DIR or SCORECARD_HOME"):
        Home(file).create()


def test_home_is_held_once(home: Home) -> None:
    with held(home, "import_events"):
        with pytest.raises(EmbeddedError) as refusal, held(home, "run"):
            pass
        expected = f"`manage.py import_events` (process {os.getpid()}) uses {home.path}."
        assert str(refusal.value) == expected
    with held(home, "run"):
        pass


def test_home_state_of_a_killed_holder_is_ignored(home: Home) -> None:
    gone = subprocess.Popen(["true"])
    gone.wait()
    home.write_state(
        {"pid": gone.pid, "command": "run", "shared": True, "environment": {"REDIS_URL": "old"}}
    )
    with held_or_shared(home, "migrate") as shared:
        assert shared is None


def test_home_option_wins_and_is_hidden_from_django(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCORECARD_HOME", "/elsewhere")
    rest = commandline.take_home(["manage.py", "migrate", "--home", "/here", "-v", "0"])
    assert rest == ["manage.py", "migrate", "-v", "0"]
    assert os.environ["SCORECARD_HOME"] == "/here"
    assert commandline.take_home(["manage.py", "--home=/there", "help"]) == ["manage.py", "help"]
    assert os.environ["SCORECARD_HOME"] == "/there"


@pytest.mark.parametrize("arguments", [["--version"], ["migrate", "--help"], ["help", "run"]])
def test_command_without_need_starts_nothing(arguments: list[str], tmp_path: Path) -> None:
    home = tmp_path / "home"
    unset = {"DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL"}
    environment = {name: value for name, value in os.environ.items() if name not in unset}
    command = [sys.executable, "manage.py", *arguments, "--home", str(home)]
    done = subprocess.run(command, cwd=PROJECT, env=environment, capture_output=True, check=False)
    assert (done.returncode, home.exists()) == (0, False)


def test_run_on_a_port_in_use_says_what_to_do() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(EmbeddedError) as refusal:
            supervisor.serve(host="127.0.0.1", port=port, demo=False)
    assert str(refusal.value) == (
        f"Port {port} on 127.0.0.1 is in use by another program. Stop that program, or choose "
        f"another port: make run PORT={port + 1} (manage.py run --port {port + 1})."
    )


def test_postgres_of_another_version_is_refused(home: Home) -> None:
    data = home.path / "postgres"
    data.mkdir()
    (data / "PG_VERSION").write_text("15\n")
    with pytest.raises(EmbeddedError, match=r"belongs to PostgreSQL 15, .*brings PostgreSQL 18"):
        Postgres(home, home.path, None).start()
    assert sorted(path.name for path in data.iterdir()) == ["PG_VERSION"]


def test_postgres_roles_have_only_the_rights_they_need(tmp_path: Path) -> None:
    with servers(tmp_path / "home") as urls, psycopg2.connect(urls["DATABASE_URL"]) as connection:
        cursor = connection.cursor()
        cursor.execute(
            "SELECT rolname, rolcanlogin, rolsuper, rolbypassrls, rolcreaterole, rolcreatedb"
            " FROM pg_roles WHERE rolname LIKE 'scorecard%' ORDER BY 1"
        )
        assert cursor.fetchall() == [
            ("scorecard_app", False, False, False, False, False),
            ("scorecard_login", True, False, False, False, False),
            ("scorecard_ops", True, False, False, False, False),
            ("scorecard_owner", True, False, False, True, True),
        ]
        cursor.execute("SHOW data_checksums")
        assert cursor.fetchone() == ("on",)
        cursor.execute(
            "SELECT datlocprovider, datlocale FROM pg_database WHERE datname='scorecard'"
        )
        assert cursor.fetchone() == ("b", "C.UTF-8")
        with pytest.raises(psycopg2.OperationalError, match="password authentication failed"):
            psycopg2.connect(re.sub(r":[^:@/]+@", ":wrong@", urls["DATABASE_URL"]))


def test_postgres_starts_over_what_a_crash_left(open_home: Home) -> None:
    """The pid file may by then name a stranger: here, this very process."""
    first, second = (
        Postgres(open_home, open_home.path, accounts.unprivileged(), durable=False)
        for _ in range(2)
    )
    first.start()
    assert first.child
    processes.kill_group(first.child.pid)
    first.child.wait()
    file = open_home.path / "postgres" / "postmaster.pid"
    _, *rest = file.read_text().splitlines()
    file.write_text("\n".join([str(os.getpid()), *rest]))
    second.start()
    connection = psycopg2.connect(second.url("scorecard_login"))
    connection.close()
    second.stop()
    assert not file.exists()


def test_child_ends_with_its_parent(tmp_path: Path) -> None:
    program = f"""
        import time
        from pathlib import Path
        from scorecard_project.embedded.processes import spawn
        child = spawn(["sleep", "60"], log=Path({str(tmp_path / "log")!r}))
        print(child.pid, flush=True)
        time.sleep(60)
    """
    parent = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(program)], stdout=subprocess.PIPE, cwd=PROJECT
    )
    assert parent.stdout
    child = int(parent.stdout.readline())
    assert processes.command_line(child) == "sleep 60 "
    parent.kill()
    parent.wait()
    parent.stdout.close()
    assert processes.wait_until(lambda: not processes.command_line(child), seconds=5)


def test_lock_is_held_by_a_child_that_inherits_it(tmp_path: Path) -> None:
    lock = lock_file(tmp_path / "lock")
    assert lock is not None
    child = processes.spawn(["sleep", "60"], log=tmp_path / "log", keep_open=[lock])
    os.close(lock)
    assert lock_file(tmp_path / "lock") is None
    processes.stop(child, signal.SIGTERM, seconds=5)
    again = lock_file(tmp_path / "lock")
    assert again is not None
    os.close(again)


def test_child_that_ignores_the_request_is_killed(tmp_path: Path) -> None:
    child = processes.spawn(["sh", "-c", "trap '' TERM; sleep 60 & wait; wait"], log=tmp_path / "l")
    time.sleep(0.2)
    processes.stop(child, signal.SIGTERM, seconds=0.3)
    assert child.returncode == -signal.SIGKILL


def test_follower_repeats_important_lines_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log = tmp_path / "worker.log"
    log.write_text("old ERROR\n")
    follower = Follower("worker", log)
    with log.open("a") as file:
        file.write("fine\n2026 ERROR broken\nhalf a li")
    follower.repeat()
    follower.repeat()
    assert capsys.readouterr().err == "worker: 2026 ERROR broken\n"


class _EndsAtOnce:
    name = "web"

    def __init__(self, log: Path) -> None:
        self.log = log
        self.child: processes.Child | None = None
        self.starts = 0

    def start(self) -> None:
        self.starts += 1
        self.child = processes.spawn(["false"], log=self.log)
        self.child.wait()

    def stop(self) -> None:
        raise NotImplementedError


def test_watched_part_restarts_with_growing_pauses(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    part = _EndsAtOnce(tmp_path / "web.log")
    part.start()
    watched = Watched(part)
    for second in range(20):
        watched.look(1000 + second)
    pauses = re.findall(
        r"web ended with status 1; starting it again in ([\d.]+) s", capsys.readouterr().err
    )
    assert pauses == ["0.5", "1", "2", "4", "8"]


def test_closed_folder_moves_the_servers_outside(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    nobody = accounts.Account("nobody", 65534, 65534)
    outside = tmp_path / "outside"
    chosen = accounts.reachable_folder(nobody, closed, outside)
    assert chosen.parent == outside
    assert accounts.reachable_folder(nobody, closed, outside) == chosen
    assert accounts.reachable_folder(None, closed, outside) == closed
