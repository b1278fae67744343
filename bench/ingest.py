"""Events per core-second through the API, beside COPY of the same rows and beside the naive way; first
of all an import into a database that was never analyzed.

    .venv/bin/python -m bench.ingest [--rounds 3] [--batch 1]

Work is CPU time of the application and of every PostgreSQL process, so that a busy machine matters
little. R is events per core-second over rows per core-second of one COPY into the same keyed shape.
"""

import argparse
import io
import json
import os
import statistics
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import django
from django.core.wsgi import get_wsgi_application

from scorecard_project.embedded.accounts import reachable_folder, unprivileged
from scorecard_project.embedded.home import Home
from scorecard_project.embedded.postgres import Postgres
from scorecard_project.embedded.servers import running
from scorecard_project.embedded.valkey import Valkey

ACCOUNTS, USERS, SESSION = 500, 20, 5
TICKS = os.sysconf("SC_CLK_TCK")
IMPORTED = 50_000
EVENTS = {1: 600, 100: 10_000, 1000: 40_000}


@contextmanager
def durable_servers() -> Iterator[None]:
    """PostgreSQL as in production: fsync and synchronous commit are on."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        home = Home(Path(folder).resolve())
        home.create()
        account = unprivileged()
        reachable = reachable_folder(account, home.path, Path(tempfile.gettempdir()))
        pair = [Postgres(home, reachable, account), Valkey(home, reachable, account)]
        with running(pair) as environment:
            os.environ.update(environment)
            yield


def postgres_seconds() -> float:
    """CPU seconds of all PostgreSQL processes below this one, ended ones included."""
    parents, spent = {}, {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            head, _paren, tail = stat.read_text().rpartition(")")
        except OSError:
            continue
        fields = tail.split()
        pid, name = int(head.split()[0]), head.partition("(")[2]
        parents[pid] = int(fields[1])
        if name.startswith("postgres"):
            spent[pid] = sum(map(int, fields[11:15])) / TICKS

    def ours(pid: int) -> bool:
        while pid > 1:
            if pid == os.getpid():
                return True
            pid = parents.get(pid, 0)
        return False

    return sum(seconds for pid, seconds in spent.items() if ours(pid))


def made(number: int) -> list[dict[str, Any]]:
    """Sessions of five events: a log-in and four uses of features."""
    start = datetime.now(UTC) - timedelta(days=2)
    return [
        {
            "event_id": str(uuid.uuid4()),
            "account": f"account-{n // SESSION * 7919 % ACCOUNTS}",
            "user": f"user-{n // SESSION * 104729 % USERS}",
            "type": "feature" if n % SESSION else "login",
            "feature": f"feature-{n % 9}" if n % SESSION else None,
            "duration_seconds": None if n % SESSION else n % 900,
            "occurred_at": (start + timedelta(seconds=n)).isoformat(),
        }
        for n in range(number)
    ]


def history(number: int) -> list[dict[str, Any]]:
    """The same over a year, by many more people: what an import brings into a new installation."""
    start = datetime.now(UTC) - timedelta(days=365)
    step = timedelta(days=364) / number
    return [
        event
        | {
            "user": f"user-{n // SESSION % (ACCOUNTS * USERS)}",
            "occurred_at": (start + n * step).isoformat(),
        }
        for n, event in enumerate(made(number))
    ]


def measured(work: Callable[[], None], *, application: bool = True) -> float:
    """CPU seconds of the work."""
    before, own = postgres_seconds(), time.process_time()
    work()
    own = time.process_time() - own
    time.sleep(0.05)
    return postgres_seconds() - before + (own if application else 0.0)


def copied(events: list[dict[str, Any]]) -> float:
    """Rows per core-second of the backend for one COPY."""
    from django.db import connections  # noqa: PLC0415

    lines = io.StringIO(
        "".join(
            f"1\t{e['occurred_at']}\t{e['event_id']}\t1\t1\t{e['type']}\t1\t\\N\t1\t\\N\t"
            f"{e['occurred_at']}\n"
            for e in events
        )
    )
    with connections["owner"].cursor() as cursor:
        cursor.execute(
            "CREATE TEMP TABLE raw (LIKE usage_usageevent, PRIMARY KEY (workspace_id, event_id))"
        )
        cursor.execute("CREATE TABLE bench_raw (LIKE raw INCLUDING INDEXES)")
        seconds = measured(
            lambda: cursor.cursor.copy_expert("COPY bench_raw FROM STDIN", lines), application=False
        )
        cursor.execute("DROP TABLE bench_raw, raw")
    return len(events) / seconds


def request(secret: str, body: bytes) -> dict[str, Any]:
    """What a WSGI server hands over."""
    return {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": "/api/v1/events/",
        "QUERY_STRING": "",
        "SERVER_NAME": "testserver",
        "SERVER_PORT": "80",
        "REMOTE_ADDR": "127.0.0.1",
        "CONTENT_TYPE": "application/json",
        "CONTENT_LENGTH": str(len(body)),
        "HTTP_HOST": "testserver",
        "HTTP_AUTHORIZATION": f"Bearer {secret}",
        "wsgi.input": io.BytesIO(body),
        "wsgi.url_scheme": "http",
    }


def posted(secret: str, batches: list[list[dict[str, Any]]]) -> tuple[float, float]:
    """Events per core-second through the whole application, and the 95th percentile in ms."""
    application = get_wsgi_application()
    bodies = [json.dumps({"events": batch}).encode() for batch in batches]
    times = []

    def work() -> None:
        for body, batch in zip(bodies, batches, strict=True):
            started = time.perf_counter()
            response = application(request(secret, body), lambda _status, _headers: None)
            answer = b"".join(response)
            response.close()
            times.append(time.perf_counter() - started)
            assert json.loads(answer) == {"accepted": len(batch), "duplicates": 0, "rejected": []}

    seconds = measured(work)
    p95 = statistics.quantiles(times, n=20)[-1] if len(times) > 1 else times[0]
    return sum(map(len, batches)) / seconds, p95 * 1000


def naive(workspace: Any, batches: list[list[dict[str, Any]]]) -> float:
    """A serializer and bulk_create of keys and events; nothing is derived."""
    from bench.naive import store  # noqa: PLC0415

    def work() -> None:
        for batch in batches:
            store(workspace, json.dumps(batch))

    return sum(map(len, batches)) / measured(work)


def sliced(events: list[dict[str, Any]], size: int) -> list[list[dict[str, Any]]]:
    return [events[n : n + size] for n in range(0, len(events), size)]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--batch", type=int, choices=EVENTS, action="append")
    options = parser.parse_args()
    rounds, sizes = options.rounds, options.batch or [*EVENTS]
    os.environ |= {"DJANGO_SETTINGS_MODULE": "scorecard_project.settings", "API_RATE": "1000000/s"}
    os.environ["ALLOWED_HOSTS"] = "testserver"
    with durable_servers():
        django.setup()
        from django.db import connections  # noqa: PLC0415

        from bench.naive import prepared  # noqa: PLC0415

        workspace, secret = prepared()
        raw, batches = copied(made(100_000)), sliced(history(IMPORTED), 5000)
        posted(secret, sliced(made(1), 1))  # loads the application; plans are made on empty tables
        began = time.perf_counter()
        ours, _p95 = posted(secret, batches)
        seconds = time.perf_counter() - began
        print(
            f"{IMPORTED:,} into a database without statistics: {ours:,.0f} events/core-s,"
            f" R {ours / raw:.3f}, {seconds:.1f} s"
        )
        posted(secret, sliced(made(ACCOUNTS * USERS * SESSION), 5000))
        with connections["owner"].cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")  # what autovacuum does a minute later
        for size, number in ((size, EVENTS[size]) for size in sizes):
            rows = []
            for _round in range(rounds):
                raw = copied(made(100_000))
                ours, p95 = posted(secret, sliced(made(number), size))
                plain = naive(workspace, sliced(made(min(number, 3000)), size))
                rows.append((ours / raw, ours, raw, ours / plain, p95))
            ratio, ours, raw, times, p95 = sorted(rows)[len(rows) // 2]
            print(
                f"batch {size}: {ours:,.0f} events/core-s, R {ratio:.3f}"
                f" (COPY {raw:,.0f} rows/core-s), {times:.1f} × naive, p95 {p95:.1f} ms"
            )


if __name__ == "__main__":
    main()
