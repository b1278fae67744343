"""A simulated year of history: bytes for each account and day, keys included.

    .venv/bin/python -m bench.history [--accounts 2000] [--days 365]

20 metrics graded from values; every day each metric's score changes with a chance of 8 %, and what does
not change is not written again. Days are evaluated as nights evaluate them: one after the other, all
accounts together. Two thirds of the values are whole numbers, the others have four places.
"""

import argparse
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import django
import numpy as np

from bench.engine import card
from bench.ingest import durable_servers
from bench.night import FIRST_NIGHT, history_bytes

CHANGED = 0.08


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--accounts", type=int, default=2000)
    parser.add_argument("--days", type=int, default=365)
    given = parser.parse_args()
    with durable_servers():
        django.setup()
        from django.core.management import call_command  # noqa: PLC0415
        from django.db import connections  # noqa: PLC0415

        call_command("migrate", database="owner", verbosity=0)
        began = time.perf_counter()
        simulate(given.accounts, given.days)
        rows, size = history_bytes()
        days = given.accounts * given.days
        print(
            f"{given.accounts:,} accounts × {given.days} days × 20 metrics, {CHANGED:.0%} of the"
            f" scores changed a day: {rows:,} rows of {size} bytes,"
            f" {rows * size / days:.0f} bytes for each account and day, keys included"
            f" ({time.perf_counter() - began:.0f} s)"
        )
        connections.close_all()


def simulate(accounts: int, days: int) -> None:
    from accounts.models import Account, Workspace  # noqa: PLC0415
    from accounts.tenancy import scope  # noqa: PLC0415
    from scoring.services.configuration import publish_scorecard  # noqa: PLC0415

    workspace = Workspace.objects.create(slug="year", name="Year")
    with scope(workspace.pk):
        Account.objects.bulk_create(
            Account(key=str(n), name=f"Account {n}") for n in range(accounts)
        )
        ids = list(Account.objects.order_by("pk").values_list("pk", flat=True))
        version = publish_scorecard(document=card(), by=None, moment=datetime.now(UTC))
    draw = np.random.default_rng(3)
    values = drawn(draw, (accounts, 20))
    for day in range(days):
        moved = draw.random(values.shape) < CHANGED
        values = np.where(moved, drawn(draw, values.shape), values)
        with scope(workspace.pk):
            evaluate_day(version, ids, values, day)


def drawn(draw: Any, shape: tuple[int, int]) -> Any:
    whole = draw.integers(0, 120, shape) * 10_000
    return np.where(draw.random(shape) < 2 / 3, whole, draw.integers(0, 1_200_000, shape))


def evaluate_day(version: Any, ids: list[int], values: Any, number: int) -> None:
    from scoring.engine.evaluate import Inputs  # noqa: PLC0415
    from scoring.engine.publish import evaluate_days  # noqa: PLC0415
    from scoring.inputs.before import state_before  # noqa: PLC0415
    from scoring.outcome import outcome  # noqa: PLC0415
    from scoring.services.history import record  # noqa: PLC0415
    from scoring.stored import stored  # noqa: PLC0415
    from scoring.versions import compiled  # noqa: PLC0415

    day = FIRST_NIGHT + timedelta(days=number)
    card_, scorecard_id = compiled(version), version.scorecard_id
    latest = stored(scorecard_id, ids, day)
    state = state_before(card_, latest, scorecard_id=scorecard_id, account_ids=ids, first=day)
    inputs = Inputs(values=values[None], status=np.zeros((1, *values.shape), np.uint8))
    published, _ = evaluate_days(card_, inputs, state)
    found = outcome(
        published,
        card=card_,
        scorecard_id=scorecard_id,
        version_id=version.pk,
        account_ids=ids,
        first=day,
        applies=np.ones((1, len(ids)), np.bool_),
        values=inputs.values,
        measured=np.full(inputs.values.shape, -1, np.int32),
        latest=latest,
    )
    record(found, today=day, moment=datetime(day.year, day.month, day.day, 2, tzinfo=UTC))


if __name__ == "__main__":
    main()
