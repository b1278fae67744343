"""The real web server over the tests' database."""

import http.client
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from django.db import connections

from scorecard_project.embedded.home import PROJECT
from scorecard_project.embedded.processes import wait_until
from tests.flows.installation import free_port


def environment() -> dict[str, str]:
    name = connections["default"].settings_dict["NAME"]
    address = urlunsplit(urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}"))
    given = {"DATABASE_URL": address, "DATABASE_OWNER_URL": address, "WEB_THREADS": "16"}
    return {**os.environ, **given}


class Server:
    def __init__(self, log: Path) -> None:
        self.port, self.log = free_port(), log
        with log.open("wb") as terminal:
            self.process = subprocess.Popen(
                [
                    *(sys.executable, "-m", "gunicorn"),
                    *("--config", "python:scorecard_project.gunicorn"),
                    *("--bind", f"127.0.0.1:{self.port}", "scorecard_project.wsgi:application"),
                ],
                cwd=PROJECT,
                env=environment(),
                stdout=terminal,
                stderr=terminal,
                start_new_session=True,
            )

    def answers(self) -> bool:
        try:
            with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)) as web:
                web.request("GET", "/healthz")
                return web.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False

    def wait(self) -> None:
        ready = wait_until(lambda: self.answers() or self.process.poll() is not None, seconds=60)
        assert ready, self.log.read_text()
        assert self.process.poll() is None, self.log.read_text()

    def kill(self) -> None:
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait(30)


@contextmanager
def started(folder: Path) -> Iterator[tuple[Server, Server]]:
    """Two at once: one that will be killed, and one that takes over."""
    pair = Server(folder / "lasting"), Server(folder / "mortal")
    try:
        for server in pair:
            server.wait()
        yield pair
    finally:
        for server in pair:
            server.kill()
