"""What `manage.py` does before Django reads its settings: find or start the servers."""

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

from scorecard_project.embedded import preparation, servers
from scorecard_project.embedded.errors import EmbeddedError
from scorecard_project.embedded.holding import held_or_shared
from scorecard_project.embedded.home import Home

WITHOUT_SERVERS = {
    *("help", "version", "check", "collectstatic", "findstatic", "diffsettings", "spectacular"),
    *("makemigrations", "makemessages", "compilemessages", "startapp", "startproject"),
}
ON_ANY_SCHEMA = {"migrate", "showmigrations", "sqlmigrate", "dbshell", "test"}


def take_home(arguments: list[str]) -> list[str]:
    """The arguments without `--home DIR`, which becomes SCORECARD_HOME."""
    rest: list[str] = []
    remaining = iter(arguments)
    for argument in remaining:
        if argument == "--":
            return [*rest, argument, *remaining]
        if argument == "--home":
            os.environ["SCORECARD_HOME"] = _value(next(remaining, ""))
        elif argument.startswith("--home="):
            os.environ["SCORECARD_HOME"] = _value(argument.removeprefix("--home="))
        else:
            rest.append(argument)
    return rest


def _value(folder: str) -> str:
    if not folder:
        raise EmbeddedError("--home needs a folder: --home DIR")
    return folder


@contextmanager
def environment_for(arguments: list[str]) -> Iterator[None]:
    """DATABASE_URL, DATABASE_OWNER_URL, REDIS_URL and SECRET_KEY, as far as they are not set."""
    command = arguments[1] if len(arguments) > 1 else "help"
    if command in WITHOUT_SERVERS or {"-h", "--help", "--version"} & set(arguments):
        yield
        return
    home = Home.find()
    if "SECRET_KEY" not in os.environ:
        home.create()
        os.environ["SECRET_KEY"] = home.secret("django")
    if {"DATABASE_URL", "REDIS_URL"} <= os.environ.keys():
        yield
        return
    home.create()
    signal.signal(signal.SIGTERM, _exit)
    with held_or_shared(home, command) as shared:
        if shared is not None:
            _complete_environment(shared)
            yield
        else:
            with _own_servers(home, command):
                yield


def _complete_environment(values: dict[str, str]) -> None:
    """What the environment sets wins. An owner's address belongs to its database's."""
    if "DATABASE_URL" in os.environ:
        values = {name: value for name, value in values.items() if name != "DATABASE_OWNER_URL"}
    for name, value in values.items():
        os.environ.setdefault(name, value)


@contextmanager
def _own_servers(home: Home, command: str) -> Iterator[None]:
    needed = servers.needed(home)
    with servers.running(needed) as addresses:
        _complete_environment(addresses)
        if command not in ON_ANY_SCHEMA:
            preparation.migrate(needed, os.environ)
        yield


def _exit(number: int, _frame: object) -> NoReturn:
    sys.exit(128 + number)
