"""Clients that deliver at least once: what is not acknowledged is sent again, and some of the rest too."""

import http.client
import json
from collections.abc import Iterator
from contextlib import closing
from datetime import date, timedelta
from itertools import count
from random import Random
from threading import Event, Thread
from typing import Any

from scorecard_project.embedded.processes import wait_until
from tests.flows.installation import Installation

FIRST = date(2026, 1, 25)
LONGEST = 120.0


class Sender(Thread):
    """Sends batches of events until it is told to stop, and then ends with the one it is at."""

    def __init__(self, name: str, installation: Installation, key: str, size: int) -> None:
        super().__init__(daemon=True)
        self.sender = name
        self.installation = installation
        self.key = key
        self.size = size
        self.enough = Event()
        self.acknowledged: list[dict[str, Any]] = []
        self.answers: set[int] = set()
        self.problem: BaseException | None = None

    def run(self) -> None:
        random = Random(self.sender)  # noqa: S311
        try:
            for batch in batches(self.sender, self.size):
                self.deliver(batch)
                self.acknowledged += batch
                if random.random() < 0.3:
                    self.deliver(batch[::-1])
                if self.enough.is_set():
                    return
        except BaseException as problem:
            self.problem = problem

    def deliver(self, batch: list[dict[str, Any]]) -> None:
        body = json.dumps({"events": batch}).encode()
        assert wait_until(lambda: self.delivered(body, len(batch)), seconds=LONGEST, every=0.1)

    def delivered(self, body: bytes, number: int) -> bool:
        headers = {"Authorization": f"Bearer {self.key}"}
        try:
            with closing(self.connection()) as web:
                web.request("POST", "/api/v1/events/", body, headers)
                response = web.getresponse()
                answer = json.loads(response.read())
        except (OSError, http.client.HTTPException, ValueError):
            return False
        self.answers.add(response.status)
        if response.status != 200:
            return False
        assert answer["accepted"] + answer["duplicates"] == number
        return True

    def connection(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.installation.port, timeout=30)


def batches(sender: str, size: int) -> Iterator[list[dict[str, Any]]]:
    """Accounts, users and features are shared by all senders, so that they meet in the same rows."""
    random = Random(sender)  # noqa: S311
    for number in count():
        yield [
            {
                "event_id": f"{sender}-{number}-{n}",
                "account": f"account-{random.randrange(20)}",
                "user": f"user-{random.randrange(5)}",
                "occurred_at": f"{FIRST + timedelta(days=random.randrange(10))}T12:00:00Z",
                **(
                    {"type": "feature", "feature": f"feature-{random.randrange(4)}", "count": 2}
                    if n % 3
                    else {"type": "login", "duration_seconds": random.randrange(600)}
                ),
            }
            for n in range(size)
        ]
