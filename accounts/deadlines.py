"""Ends the waiting for a peer that does not answer.

A timeout of the server does not fire while its processes are stopped, and the kernel goes on
acknowledging for them: a clock of our own shuts the socket down, and whoever reads from it goes on.
"""

import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import connection
from django.http import HttpRequest

TICK = 0.25


@dataclass(frozen=True, eq=False, slots=True)
class Waiting:
    peer: socket.socket
    until: float
    how: int


class Watch:
    def __init__(self) -> None:
        self.waiting: set[Waiting] = set()
        self.lock = threading.Lock()
        self.thread: threading.Thread | None = None

    @contextmanager
    def within(self, seconds: float, descriptor: int, how: int) -> Iterator[None]:
        self.start()
        # A descriptor of our own: the number of theirs may be another socket's by then.
        with socket.socket(fileno=os.dup(descriptor)) as peer:
            waiting = Waiting(peer, time.monotonic() + seconds, how)
            with self.lock:
                self.waiting.add(waiting)
            try:
                yield
            finally:
                with self.lock:
                    self.waiting.discard(waiting)

    def start(self) -> None:
        """Late, because a thread does not outlive the fork of a web worker."""
        if self.thread is None or not self.thread.is_alive():
            self.thread = threading.Thread(target=self.run, name="deadlines", daemon=True)
            self.thread.start()

    def run(self) -> None:
        while True:
            time.sleep(TICK)
            now = time.monotonic()
            with self.lock:
                late = [waiting for waiting in self.waiting if waiting.until <= now]
                self.waiting.difference_update(late)
                for waiting in late:
                    shut(waiting)


def shut(waiting: Waiting) -> None:
    try:
        waiting.peer.shutdown(waiting.how)
    except OSError:
        return  # the peer has gone


_watch = Watch()


@contextmanager
def database_answers_within(seconds: float) -> Iterator[None]:
    """Else the statement that waits raises OperationalError, and the connection is lost."""
    connection.close_if_health_check_failed()
    connection.ensure_connection()
    with _watch.within(seconds, connection.connection.fileno(), socket.SHUT_RDWR):
        yield


@contextmanager
def body_comes_within(seconds: float, request: HttpRequest) -> Iterator[None]:
    """Else the body ends early; the answer can still be sent."""
    client = request.META.get("gunicorn.socket")
    if client is None:
        yield
    else:
        with _watch.within(seconds, client.fileno(), socket.SHUT_RD):
            yield
