"""The embedded servers that an installation needs: those whose address the environment lacks."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from scorecard_project.embedded.accounts import reachable_folder, unprivileged
from scorecard_project.embedded.home import Home
from scorecard_project.embedded.postgres import Postgres
from scorecard_project.embedded.valkey import Valkey

OUTSIDE = Path("/var/lib")
Server = Postgres | Valkey


def needed(home: Home, *, durable: bool = True, outside: Path = OUTSIDE) -> list[Server]:
    account = unprivileged()
    folder = reachable_folder(account, home.path, outside)
    servers: list[Server] = []
    if "DATABASE_URL" not in os.environ:
        servers.append(Postgres(home, folder, account, durable=durable))
    if "REDIS_URL" not in os.environ:
        servers.append(Valkey(home, folder, account, durable=durable))
    return servers


@contextmanager
def running(servers: list[Server]) -> Iterator[dict[str, str]]:
    """Their addresses, as environment variables."""
    environment: dict[str, str] = {}
    try:
        for server in servers:
            server.start()
            environment |= server.environment()
        yield environment
    finally:
        for server in reversed(servers):
            server.stop()
