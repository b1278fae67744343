"""Matrix, movers and distribution at size: milliseconds of work and queries, cold and warm.

    .venv/bin/python -m bench.analysis [--accounts 100000] [--rounds 7]

The workspace of bench.portfolio with three evaluations of each account, and what the nights have packed
of it. Cold is a request after the cache was emptied, warm one after that. Work is the CPU time of the
process and of PostgreSQL's below it; beside it the time by the clock.
"""

import argparse
import statistics
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import django
import numpy as np

from bench.ingest import durable_servers, postgres_seconds
from bench.portfolio import Wsgi, filled

PAGES = {
    "matrix": ("matrix", {}),
    "matrix, by a metric": ("matrix", {"sort": "metric:sponsor"}),
    "matrix, by a metric, filtered": ("matrix", {"sort": "-metric:sponsor", "stage": "onboarding"}),
    "movers, 7 days": ("movers", {}),
    "movers, 90 days, an owner": ("movers", {"days": "90", "owner": "me"}),
    "movers, one flow": ("movers", {"was": "red", "is": "green"}),
    "distribution, 91 days": ("distribution", {}),
    "distribution, 364 days": ("distribution", {"days": "364"}),
    "distribution, by owner": ("distribution", {"group": "owner"}),
    "distribution, a segment": ("distribution", {"segment": "europe"}),
    "list, by score": ("accounts", {}),
}
ENDS = ((500, 40), (39, 8), (7, 0))
"""Days before today between which an evaluation holds."""


def evaluations(workspace: Any) -> None:
    """As the health says it; before that up to a fifth of the score away."""
    from django.utils import timezone  # noqa: PLC0415

    from accounts.tenancy import scope  # noqa: PLC0415
    from scoring.detail import pack, records  # noqa: PLC0415
    from scoring.engine.fixed import NONE, SCALE  # noqa: PLC0415
    from scoring.engine.schemes import band_index  # noqa: PLC0415
    from scoring.models import Health, Scorecard  # noqa: PLC0415
    from scoring.services.history_rows import HistoryRows  # noqa: PLC0415
    from scoring.stored import FIELDS  # noqa: PLC0415
    from scoring.versions import compiled  # noqa: PLC0415

    moment = timezone.now()
    today = workspace.day_of(moment).toordinal()
    with scope(workspace.pk):
        card = Scorecard.objects.get()
        version = compiled(card.current_version)
        rows = Health.objects.order_by("account_id").values_list("account_id", "score")
        ids, now = (np.array(column) for column in zip(*rows, strict=True))
        now = np.array([NONE if score is None else score for score in now], np.int64)
        for n, (first, last) in enumerate(ENDS):
            away = ((ids * 7919) % 200_000 - 100_000) * (len(ENDS) - 1 - n)
            score = np.where(now == NONE, NONE, np.clip(now + away, 0, 100 * SCALE))
            score = score // SCALE * SCALE * (score != NONE) - (score == NONE)
            fields = np.zeros(len(ids), FIELDS)
            fields["score"] = fields["computed"] = score
            fields["band"] = band_index(score.astype(np.int32), version.bands)
            fields["coverage"], fields["exception"] = 10_000, NONE
            status = np.where(score == NONE, 1, 0).astype(np.uint8)
            told = records(
                np.maximum(score, 0)[:, None],
                score.astype(np.int32)[:, None],
                status[:, None],
                np.full((len(ids), 1), today - 400, np.int32),
            )
            ordinals = (np.full(len(ids), today - days, np.int64) for days in (first, last))
            versions = np.full(len(ids), card.current_version.pk, np.int64)
            table = HistoryRows(card.pk, moment)
            table.insert(ids, *ordinals, versions, fields, pack(version, told))


def packed(workspace: Any) -> float:
    """What a year of nights leaves, the newest last; the seconds of the newest."""
    from django.utils import timezone  # noqa: PLC0415

    from accounts.tenancy import scope  # noqa: PLC0415
    from scoring.models import Scorecard  # noqa: PLC0415
    from scoring.services.standings import pack_metrics, read_or_pack  # noqa: PLC0415

    today = workspace.day_of(timezone.now())
    with scope(workspace.pk):
        card = Scorecard.objects.get()
        days = {today - timedelta(days=n) for n in (90, 30, *range(7, 365, 7))}
        for day in sorted(days):
            read_or_pack(scorecard_id=card.pk, days=[day], today=today)
        began = time.process_time() + postgres_seconds()
        pack_metrics(scorecard=card, today=today)
        return time.process_time() + postgres_seconds() - began


def work(ask: Callable[[], object]) -> tuple[float, float]:
    """Milliseconds of work and by the clock."""
    wall, own, servers = time.perf_counter(), time.process_time(), postgres_seconds()
    ask()
    spent = time.process_time() - own + postgres_seconds() - servers
    return 1_000 * spent, 1_000 * (time.perf_counter() - wall)


def told(name: str, ask: Callable[[], object], rounds: int) -> None:
    from django.core.cache import cache  # noqa: PLC0415
    from django.db import connection  # noqa: PLC0415
    from django.test.utils import CaptureQueriesContext  # noqa: PLC0415

    def cold() -> tuple[float, float]:
        cache.clear()
        return work(ask)

    ask()
    colds = [cold() for _ in range(rounds)]
    warms = [work(ask) for _ in range(rounds)]
    cache.clear()
    with CaptureQueriesContext(connection) as captured:
        ask()
    plain = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE")
    queries = [q for q in captured.captured_queries if "set_config" not in q["sql"]]
    asked = [q for q in queries if not q["sql"].startswith(plain)]
    figures = [
        statistics.median(column) for pair in (colds, warms) for column in zip(*pair, strict=True)
    ]
    print(
        f"  {name:32} cold {figures[0]:6.0f} ms of work ({figures[1]:5.0f} by the clock)"
        f"  warm {figures[2]:5.0f} ({figures[3]:4.0f})  {len(asked):2} queries"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--accounts", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=7)
    given = parser.parse_args()
    with durable_servers():
        django.setup()
        from django.conf import settings  # noqa: PLC0415
        from django.core.management import call_command  # noqa: PLC0415
        from django.db import connections  # noqa: PLC0415
        from django.test import Client  # noqa: PLC0415

        settings.ALLOWED_HOSTS = ["127.0.0.1"]
        call_command("migrate", database="owner", verbosity=0)
        workspace, user = filled(given.accounts)
        evaluations(workspace)
        print(f"{given.accounts:,} accounts, {given.rounds} rounds")
        print(
            f"  a night packs the newest day and its metrics in {packed(workspace):.2f} s of work"
        )
        with connections["owner"].cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")
        client = Client()
        client.force_login(user)
        cookies = "; ".join(f"{name}={morsel.value}" for name, morsel in client.cookies.items())
        wsgi = Wsgi(HTTP_COOKIE=cookies)
        for name, (page, query) in PAGES.items():
            path = f"/w/{workspace.slug}/{page}/"
            told(name, lambda path=path, query=query: wsgi.get(path, query), given.rounds)
        connections.close_all()


if __name__ == "__main__":
    main()
