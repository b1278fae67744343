"""An installation as `manage.py run` starts it, for the tests that meet the product from outside."""

import http.client
import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg2

from scorecard_project.embedded.home import PROJECT
from scorecard_project.embedded.processes import wait_until


@dataclass
class Installation:
    home: Path
    port: int
    process: subprocess.Popen[bytes]

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def output(self) -> str:
        return (self.home / "terminal").read_text()

    def url(self, name: str) -> str:
        address: str = json.loads((self.home / "state.json").read_text())["environment"][name]
        return address

    def answers(self) -> bool:
        try:
            with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)) as web:
                web.request("GET", "/healthz")
                return web.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False

    def pid(self, part: str) -> int:
        """Of a direct child of the supervisor, by a word of its command line."""
        return next(pid for pid, line in children(self.process.pid).items() if part in line)


def children(parent: int) -> dict[int, str]:
    """Process → command line."""
    listing = subprocess.run(
        ["ps", "-A", "-ww", "-o", "pid=,ppid=,args="], capture_output=True, text=True, check=True
    )
    rows = (line.split(maxsplit=2) for line in listing.stdout.splitlines())
    return {int(pid): line for pid, ppid, line in rows if int(ppid) == parent}


def descendants(parent: int) -> set[int]:
    below = set(children(parent))
    return below.union(*(descendants(pid) for pid in below))


def environment(home: Path, *, collected: bool = False) -> dict[str, str]:
    given = {"DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL", "SECRET_KEY"}
    kept = {name: value for name, value in os.environ.items() if name not in given}
    # With a folder of its own nothing is collected: enough where only bare addresses are asked for.
    static = {} if collected else {"STATIC_ROOT": str(home / "static")}
    return kept | {"SCORECARD_HOME": str(home)} | static


def manage(home: Path, *arguments: str, typed: str = "") -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=PROJECT,
        env=environment(home),
        input=typed,
        capture_output=True,
        text=True,
        check=False,
    )


def query(url: str, statement: str) -> list[tuple[object, ...]]:
    with closing(psycopg2.connect(url)) as connection, connection, connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchall()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


@contextmanager
def running(home: Path, *, collected: bool = False) -> Iterator[Installation]:
    port = free_port()
    with (home / "terminal").open("wb") as terminal:
        process = subprocess.Popen(
            [sys.executable, "manage.py", "run", "--port", str(port), "--no-demo"],
            cwd=PROJECT,
            env=environment(home, collected=collected),
            stdout=terminal,
            stderr=terminal,
        )
    installation = Installation(home, port, process)
    try:
        ready = f"{installation.address}/"
        assert wait_until(
            lambda: ready in installation.output or process.poll() is not None, seconds=300
        ), installation.output
        assert installation.answers(), installation.output
        yield installation
    finally:
        process.terminate()
        process.wait(30)
