"""A draft tried on the whole portfolio: how long until the page has its matrix, and how much memory.

    .venv/bin/python -m bench.preview [--accounts 100000]

Accounts and activity are those of the night's benchmark; the draft has one weight changed.
"""

import argparse
import resource
import time
from datetime import UTC, datetime
from typing import Any

import django

from bench.ingest import durable_servers
from bench.night import FIRST_NIGHT, card, prepared

STEP_SECONDS = 3.0


def draft() -> dict[str, Any]:
    document = card()
    document["groups"][0]["weight"] = 5
    return document


def steps(workspace: Any, moment: datetime) -> list[float]:
    """The seconds of each request of the page until everything is counted."""
    from accounts.tenancy import scope  # noqa: PLC0415
    from scoring.services.trial import trial  # noqa: PLC0415

    taken = []
    complete = False
    while not complete:
        started = time.perf_counter()
        with scope(workspace.pk):
            found = trial(
                workspace=workspace, document=draft(), moment=moment, seconds=STEP_SECONDS
            )
            if found.complete:
                found.matrix()
                found.moves(found.moving(), 0, 25)
        complete = found.complete
        taken.append(time.perf_counter() - started)
    return taken


def timed_distribution(workspace: Any, moment: datetime) -> float:
    from accounts.tenancy import scope  # noqa: PLC0415
    from scoring.services.preview import distribution  # noqa: PLC0415

    started = time.perf_counter()
    with scope(workspace.pk):
        distribution(workspace=workspace, document=draft(), moment=moment)
    return time.perf_counter() - started


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--accounts", type=int, default=100_000)
    accounts = parser.parse_args().accounts
    with durable_servers():
        django.setup()
        from django.db import connections  # noqa: PLC0415

        workspace = prepared(accounts)
        moment = datetime(FIRST_NIGHT.year, FIRST_NIGHT.month, FIRST_NIGHT.day, 12, tzinfo=UTC)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        print(f"distribution by a sample: {timed_distribution(workspace, moment):.2f} s")
        taken = steps(workspace, moment)
        again = steps(workspace, moment)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        print(
            f"{accounts:,} accounts × 20 metrics, twice: {sum(taken):.1f} s in {len(taken)} steps,"
        )
        print(f"the longest {max(taken):.1f} s; asked again {again[0]:.2f} s")
        print(f"memory of the process {before} MB before, {peak} MB at most")
        connections.close_all()


if __name__ == "__main__":
    main()
