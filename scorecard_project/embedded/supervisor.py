"""`manage.py run`: starts everything, watches it, stops it. Holds no Django, to stay small."""

import argparse
import errno
import http.client
import os
import signal
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

from scorecard_project.embedded import preparation, programs, servers
from scorecard_project.embedded.errors import EmbeddedError
from scorecard_project.embedded.holding import announce, held
from scorecard_project.embedded.home import Home, try_port
from scorecard_project.embedded.processes import last_lines, wait_until
from scorecard_project.embedded.programs import Program
from scorecard_project.embedded.terminal import rotate, say
from scorecard_project.embedded.watching import Part, Watched

HOST, PORT = "127.0.0.1", 8000
EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 (only if asked for)
STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class _Stop(Exception):
    pass


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--host", default=HOST, help=f"address to listen on (default {HOST})")
    parser.add_argument("--port", default=PORT, type=int, help=f"default {PORT}")
    parser.add_argument("--no-demo", action="store_true", help="do not load the demo workspace")
    parser.add_argument("--home", metavar="DIR", help="where data, secrets and logs are kept")


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="manage.py run", description=__doc__)
    add_arguments(parser)
    options = parser.parse_args(arguments)
    serve(host=options.host, port=options.port, demo=not options.no_demo)


def serve(*, host: str, port: int, demo: bool) -> None:
    _refuse_taken_port(host, port)
    home = Home.find()
    home.create()
    with held(home, "run"):
        for name in ("postgres", "valkey", "web", "worker", "beat"):
            rotate(home.logs / f"{name}.log")
        started: list[Part] = []
        try:
            with _interruptible():
                _start(home, started, host=host, port=port, demo=demo)
                _watch(started)
        except _Stop:
            say("\nStopping …")
        finally:
            for part in reversed(started):
                part.stop()
    say("Stopped.")


def _refuse_taken_port(host: str, port: int) -> None:
    try:
        try_port(host, port)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            reason = f"Port {port} on {host} is in use by another program. Stop that program, or"
        else:
            reason = f"Scorecard cannot listen on port {port} of {host} ({error.strerror});"
        raise EmbeddedError(
            f"{reason} choose another port: make run PORT={port + 1} "
            f"(manage.py run --port {port + 1})."
        ) from error


def _start(home: Home, started: list[Part], *, host: str, port: int, demo: bool) -> None:
    begun = time.monotonic()
    addresses = {"SCORECARD_HOME": str(home.path), "SECRET_KEY": home.secret("django")}
    with preparation.static_files(home, os.environ):
        needed = servers.needed(home)
        for server in needed:
            started.append(server)
            server.start()
            addresses |= server.environment()
        environment = {"PYTHONUNBUFFERED": "1"} | addresses | _hosts(host) | os.environ
        preparation.migrate(needed, environment)
    web = programs.web(home, environment, host, port)
    started.append(web)
    web.start()
    if demo:
        preparation.load_demo(home, environment)
    _wait_for_page(web, host, port)
    for program in (programs.worker(home, environment), programs.beat(home, environment)):
        started.append(program)
        program.start()
    announce(home, "run", addresses, shared=True)
    seconds = time.monotonic() - begun
    say(f"\nScorecard is ready after {seconds:.1f} s:  http://{_visible(host)}:{port}/\n")
    if logins := preparation.demo_logins(home):
        say(f"{logins}\n")
    outside = {server.folder for server in needed} - {home.path}
    places = " and ".join(map(str, [home.path, *outside]))
    say(f"Data, logs and secrets are in {places}. Ctrl-C stops it.")


def _hosts(host: str) -> dict[str, str]:
    names = {"127.0.0.1", "localhost", "[::1]"}
    if host not in names:
        names |= {_visible(host), socket.gethostname(), socket.getfqdn()}
    return {"ALLOWED_HOSTS": ",".join(sorted(names))}


def _visible(host: str) -> str:
    address = EVERYWHERE.get(host, host)
    return f"[{address}]" if ":" in address else address


def _wait_for_page(web: Program, host: str, port: int) -> None:
    def answers() -> bool:
        if web.child is None or web.child.poll() is not None:
            raise EmbeddedError(f"The web server ended ({web.log}):\n{last_lines(web.log)}")
        connection = http.client.HTTPConnection(EVERYWHERE.get(host, host), port, timeout=5)
        try:
            connection.request("GET", "/healthz", headers={"Host": "127.0.0.1"})
            return connection.getresponse().status == http.HTTPStatus.OK
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    if not wait_until(answers, seconds=60, every=0.1):
        raise EmbeddedError(f"The web server does not answer ({web.log}):\n{last_lines(web.log)}")


def _watch(parts: list[Part]) -> None:
    watched = [Watched(part) for part in parts]
    while True:
        for each in watched:
            each.look(time.monotonic())
        time.sleep(0.3)


@contextmanager
def _interruptible() -> Iterator[None]:
    """The first Ctrl-C or SIGTERM stops everything in order; further ones change nothing."""
    for number in STOPPING:
        signal.signal(number, _raise_stop)
    try:
        yield
    finally:
        for number in STOPPING:
            signal.signal(number, signal.SIG_IGN)


def _raise_stop(_number: int, _frame: object) -> NoReturn:
    for number in STOPPING:
        signal.signal(number, signal.SIG_IGN)
    raise _Stop
