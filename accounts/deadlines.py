"""Ends the waiting for a peer that does not answer.

A timeout of the server does not fire while its processes are stopped, and the kernel goes on
acknowledging for them: a clock of our own shuts the socket down, and whoever reads from it goes on.
"""

import os
import socket
import threading
import time
from contextlib import AbstractContextManager, nullcontext

from django.db import connection
from django.http import HttpRequest

TICK = 0.25


class Deadline:
    """Shuts the socket of a descriptor down where the block takes longer than the seconds."""

    def __init__(self, seconds: float, descriptor: int, how: int) -> None:
        self.until = time.monotonic() + seconds
        # Our own descriptor: the number of theirs may be another socket's by then.
        self.descriptor = os.dup(descriptor)
        self.how = how

    def __enter__(self) -> None:
        _watch.add(self)

    def __exit__(self, *error: object) -> None:
        _watch.discard(self)
        os.close(self.descriptor)

    def end(self) -> None:
        peer = socket.socket(fileno=self.descriptor)
        try:
            peer.shutdown(self.how)
        except OSError:
            return  # the peer has gone
        finally:
            peer.detach()


class Watch:
    def __init__(self) -> None:
        self.deadlines: set[Deadline] = set()
        self.lock = threading.Lock()
        self.thread: threading.Thread | None = None

    def add(self, deadline: Deadline) -> None:
        # Not at the start, because a thread does not outlive the fork of a web worker.
        if self.thread is None or not self.thread.is_alive():
            self.thread = threading.Thread(target=self.run, name="deadlines", daemon=True)
            self.thread.start()
        with self.lock:
            self.deadlines.add(deadline)

    def discard(self, deadline: Deadline) -> None:
        with self.lock:
            self.deadlines.discard(deadline)

    def run(self) -> None:
        while True:
            time.sleep(TICK)
            now = time.monotonic()
            with self.lock:
                late = [deadline for deadline in self.deadlines if deadline.until <= now]
                self.deadlines.difference_update(late)
                for deadline in late:
                    deadline.end()


_watch = Watch()


def database_answers_within(seconds: float) -> Deadline:
    """Else the statement that waits raises OperationalError, and the connection is lost."""
    connection.close_if_health_check_failed()
    connection.ensure_connection()
    return Deadline(seconds, connection.connection.fileno(), socket.SHUT_RDWR)


def body_comes_within(seconds: float, request: HttpRequest) -> AbstractContextManager[None]:
    """Else the body ends early; the answer can still be sent."""
    client = request.META.get("gunicorn.socket")
    if client is None:
        return nullcontext()
    return Deadline(seconds, client.fileno(), socket.SHUT_RD)
