import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from scorecard_project.embedded.accounts import reachable_folder, unprivileged
from scorecard_project.embedded.home import Home
from scorecard_project.embedded.postgres import Postgres
from scorecard_project.embedded.servers import Server, running
from scorecard_project.embedded.valkey import Valkey


@contextmanager
def servers(folder: Path) -> Iterator[dict[str, str]]:
    """Both servers, without a promise to survive a crash, for as long as the block runs: DATABASE_URL,
    DATABASE_OWNER_URL and REDIS_URL."""
    home = Home(folder.resolve())
    home.create()
    account = unprivileged()
    reachable = reachable_folder(account, home.path, Path(tempfile.gettempdir()))
    pair: list[Server] = [
        Postgres(home, reachable, account, durable=False),
        Valkey(home, reachable, account, durable=False),
    ]
    try:
        with running(pair) as environment:
            yield environment
    finally:
        if reachable != home.path:
            shutil.rmtree(reachable, ignore_errors=True)
