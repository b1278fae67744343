"""What has to be done before the product can be used: migrations, static files, the demo."""

import hashlib
import importlib.metadata
import signal
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path

import psycopg2

from scorecard_project.embedded.errors import EmbeddedError
from scorecard_project.embedded.home import PROJECT, Home, write_private
from scorecard_project.embedded.postgres import Postgres
from scorecard_project.embedded.processes import last_lines, spawn, stop
from scorecard_project.embedded.servers import Server
from scorecard_project.embedded.terminal import say

STATIC = PROJECT / "staticfiles"
# Pages of the packages that Scorecard does not show.
WITHOUT = ("--ignore", "rest_framework", "--ignore", "redoc")


def migrate(servers: Iterable[Server], environment: Mapping[str, str]) -> None:
    """Our own database remembers which migrations it has; another is always asked."""
    own = next((server for server in servers if isinstance(server, Postgres)), None)
    digest = _digest(PROJECT.glob("*/migrations/*.py"), content=True)
    mark = own.data / "scorecard-migrations" if own else None
    if mark and mark.exists() and mark.read_text() == digest:
        return
    say("Preparing the database …")
    _manage(environment, "migrate", "--database", "owner", "--verbosity", "0")
    if mark:
        write_private(mark, digest)


@contextmanager
def static_files(home: Home, environment: Mapping[str, str]) -> Iterator[None]:
    """Collected beside what the block does, and complete when it ends."""
    sources = [p for p in (PROJECT / "static").rglob("*") if p.is_file()]
    sources += PROJECT.glob("node_modules/@fontsource-variable/*/package.json")
    sources += [PROJECT / "requirements.lock", PROJECT / "scorecard_project" / "static_files.py"]
    digest = _digest(sources, content=False)
    mark = STATIC / ".digest"
    if "STATIC_ROOT" in environment or (mark.exists() and mark.read_text() == digest):
        yield
        return
    log = home.logs / "static.log"
    command = [sys.executable, "manage.py", "collectstatic", "--noinput", *WITHOUT, "-v", "0"]
    child = spawn(command, log=log, environment=environment, cwd=PROJECT)
    try:
        yield
        if child.wait() != 0:
            raise EmbeddedError(f"The static files could not be collected:\n{last_lines(log)}")
        mark.write_text(digest)
    finally:
        stop(child, signal.SIGTERM, seconds=5)


def load_demo(home: Home, environment: Mapping[str, str]) -> None:
    """Only where there is no workspace yet. Its standard output, the log-ins, is kept for later starts."""
    if _workspace_exists(environment):
        return
    say("Loading the demo workspace …")
    write_private(home.path / "demo-logins", _manage(environment, "load_demo"))


def demo_logins(home: Home) -> str:
    file = home.path / "demo-logins"
    return file.read_text().strip() if file.exists() else ""


def _workspace_exists(environment: Mapping[str, str]) -> bool:
    address = environment.get("DATABASE_OWNER_URL") or environment["DATABASE_URL"]
    with closing(psycopg2.connect(address)) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM accounts_workspace)")
        found = cursor.fetchone()
    return bool(found and found[0])


def _manage(environment: Mapping[str, str], *arguments: str) -> str:
    command = [sys.executable, str(PROJECT / "manage.py"), *arguments]
    done = subprocess.run(
        command, env=dict(environment), cwd=PROJECT, stdout=subprocess.PIPE, text=True, check=False
    )
    if done.returncode != 0:
        raise EmbeddedError(f"`manage.py {arguments[0]}` failed, see above.")
    return done.stdout


def _digest(files: Iterable[Path], *, content: bool) -> str:
    """Of the names and the content or, quicker, of the names, sizes and times."""
    digest = hashlib.sha256(f"{importlib.metadata.version('django')} {PROJECT}".encode())
    for file in sorted(files):
        status = file.stat()
        state = file.read_bytes() if content else f"{status.st_size} {status.st_mtime_ns}".encode()
        digest.update(f"\0{file.relative_to(PROJECT)}\0".encode() + state)
    return digest.hexdigest()
