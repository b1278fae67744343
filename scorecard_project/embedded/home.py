"""The home: one folder with everything that an installation keeps, used by one supervisor at a time."""

import fcntl
import json
import os
import secrets
import socket
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

from scorecard_project.embedded.errors import EmbeddedError

PROJECT = Path(__file__).resolve().parents[2]
# Below the range that systems hand out to outgoing connections, so that a remembered port stays free.
PORTS = range(20_000, 32_000)


class State(TypedDict):
    """What the holder of the home tells other commands."""

    pid: int
    command: str
    shared: bool
    environment: dict[str, str]


@dataclass(frozen=True)
class Home:
    path: Path

    @classmethod
    def find(cls) -> "Home":
        return cls(Path(os.environ.get("SCORECARD_HOME") or PROJECT / "var").resolve())

    def create(self) -> None:
        try:
            self.path.mkdir(mode=0o711 if os.geteuid() == 0 else 0o700, parents=True, exist_ok=True)
            self.logs.mkdir(mode=0o700, exist_ok=True)
            self._secrets.mkdir(mode=0o700, exist_ok=True)
        except OSError as error:
            raise EmbeddedError(
                f"The home {self.path} cannot be written ({error.strerror}). "
                "Choose another with --home DIR or SCORECARD_HOME."
            ) from error

    @property
    def logs(self) -> Path:
        return self.path / "logs"

    @property
    def _secrets(self) -> Path:
        return self.path / "secrets"

    def secret(self, name: str) -> str:
        """A random value, made once and kept in a file of mode 0600."""
        file = self._secrets / name
        if not file.exists():
            write_private(file, secrets.token_urlsafe(32))
        return file.read_text()

    def port(self, name: str) -> int:
        """The port used last time or, where something else has taken it, a new free one."""
        file = self.path / f"{name}.port"
        if file.exists() and port_is_free("127.0.0.1", port := int(file.read_text())):
            return port
        port = next(p for p in _shuffled_ports() if port_is_free("127.0.0.1", p))
        write_private(file, str(port))
        return port

    def lock(self) -> int | None:
        """An open descriptor that holds the home until it is closed, or None where it is held."""
        return lock_file(self.path / "lock")

    @property
    def _state(self) -> Path:
        return self.path / "state.json"

    def write_state(self, state: State) -> None:
        write_private(self._state, json.dumps(state, indent=2))

    def read_state(self) -> State | None:
        try:
            state: State = json.loads(self._state.read_text())
        except FileNotFoundError:
            return None
        return state

    def clear_state(self) -> None:
        self._state.unlink(missing_ok=True)


def lock_file(path: Path) -> int | None:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    return descriptor


def write_private(path: Path, text: str) -> None:
    """Whole or not at all, readable by nobody else."""
    new = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
    new.replace(path)


def port_is_free(host: str, port: int) -> bool:
    try:
        try_port(host, port)
    except OSError:
        return False
    return True


def try_port(host: str, port: int) -> None:
    """Raises the OSError that a server would meet there."""
    family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(address)


def _shuffled_ports() -> list[int]:
    return secrets.SystemRandom().sample(PORTS, len(PORTS))
