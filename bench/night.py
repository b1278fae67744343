"""The night over synthetic accounts × 20 metrics, beside the bare statement that reads their windows.

    .venv/bin/python -m bench.night [--accounts 20000] [--small 2000]

T_win is the window statement alone; T_all a whole night: windows, distinct users, grading, explanation,
difference from 30 days before, history, current health, rules, commit. The nights 30 days before were
evaluated first; the second night is the usual one: it goes on from the first with a day's new activity.

Beside the wall clock stands the work: CPU time of the process and of every PostgreSQL process below it,
which other work on the machine changes less. A workspace of a tenth of the accounts shows how time grows.
The naive night writes the rows of the second one again, a model instance each, with bulk_create.
"""

import argparse
import resource
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import django

from bench.ingest import durable_servers, postgres_seconds

FIRST_NIGHT = date(2026, 6, 30)
DAY = timedelta(days=1)
WINDOWS = (7, 14, 30, 60, 90)
USERS = 5

ACTIVITY = """
INSERT INTO accounts_account (workspace_id, key, name, stage, status, currency, attributes, company,
    added_at)
SELECT %(w)s, 'a' || n, 'Account ' || n, 'live', 'active', 'USD', '{}', '{}', now()
FROM generate_series(1, %(n)s) n;
INSERT INTO accounts_accountstate (workspace_id, account_id, from_day, stage, status, attributes)
SELECT %(w)s, id, '2026-01-01', 'live', 'active', jsonb_build_object('tickets', id %% 11)
FROM accounts_account WHERE workspace_id = %(w)s;
INSERT INTO accounts_seatchange SELECT * FROM (
    SELECT %(w)s, id, DATE '2026-01-01', 10 FROM accounts_account WHERE workspace_id = %(w)s) s
    (workspace_id, account_id, from_day, seats);
INSERT INTO usage_enduser (workspace_id, account_id, key, first_seen_on, last_seen_on, last_login_on)
SELECT %(w)s, a.id, 'u' || u, '2026-01-01', %(d)s::date - ((a.id + u) %% 40)::int, %(d)s::date - ((a.id + u) %% 40)::int
FROM accounts_account a, generate_series(1, %(u)s) u WHERE workspace_id = %(w)s;
INSERT INTO usage_accountday (workspace_id, account_id, day, events, logins, sessions,
    session_seconds, feature_uses)
SELECT %(w)s, a.id, d, 9, 1 + (a.id + (d::date - DATE '2026-01-01')) %% 7, 3, 1800, 5
FROM accounts_account a, generate_series(%(d)s::date - 125, %(d)s::date, '1 day') d
WHERE workspace_id = %(w)s AND (a.id + (d::date - DATE '2026-01-01')) %% 3 > 0;
INSERT INTO usage_usermonth (workspace_id, account_id, end_user_id, month, active_days, login_days,
    logins, feature_uses, session_seconds)
SELECT %(w)s, account_id, id, m, (id * 7919) %% 1000000 + 1, (id * 7919) %% 1000000 + 1, 9, 9, 9
FROM usage_enduser, unnest(ARRAY['2026-02-01', '2026-03-01', '2026-04-01', '2026-05-01', '2026-06-01']::date[]) m
WHERE workspace_id = %(w)s;
ANALYZE;
"""
NEW_DAY = """
INSERT INTO usage_accountday (workspace_id, account_id, day, events, logins, sessions,
    session_seconds, feature_uses)
SELECT %(w)s, id, %(d)s, 9, 3, 3, 1700, 5 FROM accounts_account WHERE workspace_id = %(w)s AND id %% 12 = 0
"""
BARE = """
SELECT account_id, {sums} FROM usage_accountday
WHERE workspace_id = %(w)s AND day > %(d)s::date - 90 AND day <= %(d)s GROUP BY account_id
"""


def card() -> dict[str, Any]:
    """Four groups of five metrics: logins, people, days, minutes over five windows each."""
    grades = {
        "logins": {"type": "linear", "worst": 0, "best": 300},
        "active_users": {"type": "linear", "worst": 0, "best": USERS},
        "active_days": {"type": "linear", "worst": 0, "best": 60},
        "session_minutes": {"type": "linear", "worst": 0, "best": 20},
    }
    groups = [
        {
            "key": measure.replace("_", "-"),
            "name": measure,
            "weight": 1,
            "metrics": [
                {
                    "key": f"{measure}-{days}".replace("_", "-"),
                    "name": f"{measure} {days}",
                    "weight": 1,
                    "source": {"type": "usage", "measure": measure, "window_days": days},
                    "grade": grade,
                }
                for days in WINDOWS
            ],
        }
        for measure, grade in grades.items()
    ]
    return {"key": "health", "name": "Health", "groups": groups}


RULE = {
    "key": "drop",
    "name": "Drop",
    "when": {"type": "score_change", "points": 10, "days": 30},
    "severity": "risk",
}


@dataclass(frozen=True)
class Spent:
    """Seconds by the clock and of the processors."""

    wall: float
    work: float

    def __str__(self) -> str:
        return f"{self.wall:.2f} s ({self.work:.2f} s of work)"


def spent(work: Callable[[], object]) -> Spent:
    began, own, servers = time.perf_counter(), time.process_time(), postgres_seconds()
    work()
    wall = time.perf_counter() - began
    return Spent(wall, time.process_time() - own + postgres_seconds() - servers)


def prepared(accounts: int, slug: str = "bench") -> Any:
    """A workspace with its accounts and 125 days of their activity."""
    from django.db import connections  # noqa: PLC0415

    from accounts.models import Workspace  # noqa: PLC0415
    from accounts.tenancy import scope  # noqa: PLC0415
    from scoring.services.configuration import publish_scorecard, save_rule  # noqa: PLC0415

    workspace = Workspace.objects.create(slug=slug, name="Bench")
    given = {"w": workspace.pk, "n": accounts, "d": FIRST_NIGHT, "u": USERS}
    with connections["owner"].cursor() as cursor:
        cursor.execute(ACTIVITY, given)
    with scope(workspace.pk):
        publish_scorecard(document=card(), by=None, moment=datetime.now(UTC))
        save_rule(document=RULE)
    return workspace


def windows(workspace: Any, day: date) -> Spent:
    from django.db import connection  # noqa: PLC0415

    from accounts.tenancy import scope  # noqa: PLC0415

    columns = ("logins", "sessions", "session_seconds", "events")
    sums = ", ".join(
        f"sum({column}) FILTER (WHERE day > %(d)s::date - {days})"
        for column in columns
        for days in WINDOWS
    )
    with scope(workspace.pk), connection.cursor() as cursor:
        sql = BARE.format(sums=sums)
        return spent(lambda: cursor.execute(sql, {"w": workspace.pk, "d": day}))


def night(workspace: Any, day: date, days: int = 1) -> Spent:
    from accounts.tenancy import scope  # noqa: PLC0415
    from scoring.models import RunKind  # noqa: PLC0415
    from scoring.services.runs import start_run, work_run  # noqa: PLC0415

    last = day + (days - 1) * DAY
    moment = datetime(last.year, last.month, last.day, 2, tzinfo=UTC)

    def work() -> None:
        with scope(workspace.pk):
            run = start_run(kind=RunKind.NIGHT, first=day, last=last)
        for _ in work_run(workspace=workspace, run_id=run.pk, clock=lambda: moment):
            pass

    return spent(work)


def nights(workspace: Any) -> tuple[Spent, Spent]:
    from django.db import connections  # noqa: PLC0415

    night(workspace, FIRST_NIGHT - 30 * DAY, 2)
    first = night(workspace, FIRST_NIGHT)
    with connections["owner"].cursor() as cursor:
        cursor.execute(NEW_DAY, {"w": workspace.pk, "d": FIRST_NIGHT + DAY})
        cursor.execute("ANALYZE")
    return first, night(workspace, FIRST_NIGHT + DAY)


def naive(workspace: Any, day: date, accounts: int) -> Spent:
    """A row for each metric of each account: value, score and status; nothing is read or graded."""
    from bench.naive import store_scores  # noqa: PLC0415

    return spent(lambda: store_scores(workspace, day, accounts, 20))


def history_bytes() -> tuple[int, int]:
    """Rows, and bytes for each, keys included."""
    from django.db import connections  # noqa: PLC0415

    with connections["owner"].cursor() as cursor:
        cursor.execute(
            "SELECT count(*), pg_total_relation_size('scoring_evaluation') / count(*)"
            " FROM scoring_evaluation"
        )
        ((rows, size),) = cursor.fetchall()
        return rows, size


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--accounts", type=int, default=20_000)
    parser.add_argument("--small", type=int, default=0, help="a tenth, unless given")
    given = parser.parse_args()
    accounts, small = given.accounts, given.small or given.accounts // 10
    with durable_servers():
        django.setup()
        from django.core.management import call_command  # noqa: PLC0415
        from django.db import connections  # noqa: PLC0415

        call_command("migrate", database="owner", verbosity=0)
        _, little = nights(prepared(small, "small"))
        workspace = prepared(accounts)
        bare = sorted((windows(workspace, FIRST_NIGHT) for _ in range(3)), key=lambda s: s.work)[1]
        first, second = nights(workspace)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        print(f"{accounts:,} accounts × 20 metrics; T_win {bare}")
        for name, took in (("first night", first), ("second night", second)):
            print(
                f"{name}: {took}, {accounts / took.wall:,.0f} accounts/s,"
                f" {accounts / took.work:,.0f} per core-second;"
                f" T_all / T_win {took.wall / bare.wall:.1f}, of work {took.work / bare.work:.1f}"
            )
        growth, times = accounts / small, second.work / little.work
        print(f"{growth:g} times the accounts: {times:.1f} times the work (second night)")
        rows, size = history_bytes()
        print(f"history: {rows:,} rows of {size} bytes, keys included")
        print(f"peak memory of the process {peak} MB")
        plain = naive(workspace, FIRST_NIGHT + DAY, min(accounts, 1000))
        slower = plain.work / min(accounts, 1000) / (second.work / accounts)
        print(
            f"naive rows alone: {plain} for {min(accounts, 1000):,} accounts, {slower:.0f} × ours"
        )
        connections.close_all()


if __name__ == "__main__":
    main()
