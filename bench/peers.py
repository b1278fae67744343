"""What it costs to compare accounts, beside the night over the same synthetic accounts × 20 metrics.

    .venv/bin/python -m bench.peers [--accounts 20000]

Measuring what four percentile metrics are compared with on a day; the summary of every metric's
peers at the end of a run; and the answer of an account's health with them over HTTP's view.
"""

import argparse
import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import django

from bench.ingest import durable_servers
from bench.night import DAY, FIRST_NIGHT, card, night, prepared

RANKED = ("logins-30", "active-users-30", "active-days-30", "session-minutes-30")
ASKED = 200


def ranked() -> dict[str, Any]:
    """The night's card with four of its metrics graded by percentile."""
    document = card()
    for group in document["groups"]:
        for metric in group["metrics"]:
            if metric["key"] in RANKED:
                metric["grade"] = {"type": "percentile"}
    return document


def seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def answers(workspace: Any) -> list[float]:
    """Milliseconds of the answer about accounts spread over all, in order."""
    from django.test import Client  # noqa: PLC0415

    from accounts.models import Account  # noqa: PLC0415
    from accounts.services.keys import create_api_key  # noqa: PLC0415
    from accounts.tenancy import scope  # noqa: PLC0415

    with scope(workspace.pk):
        _key, secret = create_api_key(name="bench", scopes=["read"], by=None)
        keys = list(Account.objects.order_by("pk").values_list("key", flat=True))
    client, headers = Client(SERVER_NAME="127.0.0.1"), {"HTTP_AUTHORIZATION": f"Bearer {secret}"}
    taken = []
    for key in keys[:: max(1, len(keys) // ASKED)]:
        path = f"/api/v1/accounts/{key}/health/?as_of={FIRST_NIGHT + 2 * DAY}"
        began = time.perf_counter()
        answer = client.get(path, **headers)
        taken.append(1_000 * (time.perf_counter() - began))
        assert answer.status_code == 200, answer.content
    return sorted(taken)


def size(table: str) -> int:
    from django.db import connections  # noqa: PLC0415

    with connections["owner"].cursor() as cursor:
        cursor.execute(f"SELECT coalesce(sum(pg_column_size(t)), 0) FROM {table} t")
        (found,) = cursor.fetchone() or (0,)
    return int(found)


def measured(workspace: Any) -> None:
    from accounts.tenancy import scope  # noqa: PLC0415
    from scoring.services.configuration import publish_scorecard  # noqa: PLC0415
    from scoring.services.evaluate import keep_peers  # noqa: PLC0415
    from scoring.services.peer_summaries import summarize_day  # noqa: PLC0415
    from scoring.services.peers import renew_peers  # noqa: PLC0415

    moment, day = datetime.now(UTC), FIRST_NIGHT + DAY
    night(workspace, FIRST_NIGHT)
    plain = night(workspace, day)
    with scope(workspace.pk):
        summary = seconds(lambda: summarize_day(first=day, last=day))
        publish_scorecard(document=ranked(), by=None, moment=moment)
        given = {"workspace": workspace, "first": day + DAY, "last": day + DAY, "moment": moment}
        peers = seconds(lambda: keep_peers(**given))
        renew_peers(day + DAY, day + DAY)
    with_ranks = night(workspace, day + DAY)
    taken = answers(workspace)
    print(f"night without percentiles {plain:.2f} s, with four {with_ranks:.2f} s")
    print(f"peers of four percentiles on a day {peers:.2f} s, {size('scoring_peervalues')} bytes")
    print(f"summary of 20 metrics {summary:.2f} s, {size('scoring_peersummary')} bytes (two days)")
    last = taken[int(0.95 * len(taken))]
    print(f"health with peers: median {statistics.median(taken):.1f} ms, p95 {last:.1f} ms")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--accounts", type=int, default=20_000)
    accounts = parser.parse_args().accounts
    with durable_servers():
        django.setup()
        from django.db import connections  # noqa: PLC0415

        workspace = prepared(accounts)
        print(f"{accounts:,} accounts × 20 metrics")
        measured(workspace)
        connections.close_all()


if __name__ == "__main__":
    main()
