"""The processes of Scorecard itself: web, worker, beat."""

import signal
import sys
from collections.abc import Mapping

from scorecard_project.embedded import processes
from scorecard_project.embedded.home import PROJECT, Home

PYTHON = (sys.executable, "-m")
CELERY = (*PYTHON, "celery", "--app", "scorecard_project")


class Program:
    def __init__(
        self, name: str, command: list[str], home: Home, environment: Mapping[str, str]
    ) -> None:
        self.name = name
        self.command = command
        self.environment = environment
        self.log = home.logs / f"{name}.log"
        self.child: processes.Child | None = None

    def start(self) -> None:
        self.child = processes.spawn(
            self.command,
            log=self.log,
            death_signal=signal.SIGQUIT,
            environment=self.environment,
            cwd=PROJECT,
        )

    def stop(self) -> None:
        if self.child is not None:
            processes.stop(self.child, signal.SIGTERM, seconds=5)


def web(home: Home, environment: Mapping[str, str], host: str, port: int) -> Program:
    address = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    command = [
        *(*PYTHON, "gunicorn", "--config", "python:scorecard_project.gunicorn"),
        *("--bind", address, "scorecard_project.wsgi:application"),
    ]
    return Program("web", command, home, environment)


def worker(home: Home, environment: Mapping[str, str]) -> Program:
    """Threads, because every further process would cost the memory of a whole Django."""
    command = [
        *(*CELERY, "worker", "--loglevel", "WARNING", "--pool", "threads"),
        *("--concurrency", environment.get("WORKER_CONCURRENCY", "2")),
        *("--without-gossip", "--without-mingle"),
    ]
    return Program("worker", command, home, environment)


def beat(home: Home, environment: Mapping[str, str]) -> Program:
    command = [
        *(*PYTHON, "celery", "--app", "scorecard_project.beat", "beat", "--loglevel", "WARNING"),
        *("--schedule", str(home.path / "beat-schedule"), "--pidfile", ""),
    ]
    return Program("beat", command, home, environment)
