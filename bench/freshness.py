"""Seconds from sending an event to the score that counts it, in an installation of its own.

    .venv/bin/python -m bench.freshness [--events 60] [--accounts 200]

`manage.py run` with so many accounts; events of today go to one account after the other, and each
account's health is asked for until its metrics have changed.
"""

import argparse
import http.client
import json
import os
import statistics
import tempfile
import time
import uuid
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml

from scorecard_project.embedded.processes import wait_until
from tests.flows.installation import Installation, manage, running
from tests.scoring.documents import HEALTH_YAML


def asked(port: int, key: str, method: str, path: str, body: Any = None) -> Any:
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=60)) as web:
        web.request(
            method,
            f"/api/v1/{path}",
            json.dumps(body).encode() if body is not None else None,
            headers,
        )
        answer = web.getresponse()
        text = answer.read()
    assert answer.status in {200, 202}, text
    return json.loads(text)


def freshness(port: int, key: str, account: str) -> float:
    """From before the event is sent until after the health that counts it was read."""

    def metrics() -> Any:
        health = asked(port, key, "GET", f"accounts/{account}/health/")
        return health["day"], health["score"], health["groups"]

    before = metrics()
    event = {
        "event_id": str(uuid.uuid4()),
        "account": account,
        "user": f"somebody-{uuid.uuid4()}",
        "type": "login",
        "occurred_at": datetime.now(UTC).isoformat(),
    }
    started = time.perf_counter()
    asked(port, key, "POST", "events/", {"events": [event]})
    assert wait_until(lambda: metrics() != before, seconds=60), account
    return time.perf_counter() - started


def prepared(installation: Installation, accounts: int) -> tuple[str, list[str]]:
    """A key, and the keys of accounts with a score that counts log-ins."""
    owner = ("--name", "Acme", "--owner", "ann@example.com", "--password-stdin")
    manage(installation.home, "create_workspace", "acme", *owner, typed="a long phrase\n")
    scopes = ("--scopes", "ingest,read,write,admin")
    key = manage(installation.home, "create_api_key", "acme", *scopes).stdout.strip()
    asked(installation.port, key, "PUT", "scorecards/health/", yaml.safe_load(HEALTH_YAML))
    names = [f"account-{n}" for n in range(accounts)]
    rows = [{"key": name, "name": name, "stage": "live", "seats": 9} for name in names]
    asked(installation.port, key, "POST", "accounts/", {"accounts": rows})
    job = asked(installation.port, key, "POST", "evaluations/", {})
    assert wait_until(
        lambda: asked(installation.port, key, "GET", f"jobs/{job['id']}/")["state"] == "done",
        seconds=120,
    )
    return key, names


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--events", type=int, default=60)
    parser.add_argument("--accounts", type=int, default=200)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        home = Path(folder)
        home.chmod(0o711)
        os.environ["API_RATE"] = "1000000/min"
        with running(home) as installation:
            key, accounts = prepared(installation, options.accounts)
            taken = [
                freshness(installation.port, key, accounts[n % len(accounts)])
                for n in range(options.events)
            ]
    p95 = statistics.quantiles(taken, n=20)[-1]
    print(
        f"{len(taken)} events: p50 {statistics.median(taken):.2f} s, p95 {p95:.2f} s,"
        f" longest {max(taken):.2f} s (target: p95 <= 5 s)"
    )


if __name__ == "__main__":
    main()
