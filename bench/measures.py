"""Each usage measure over the stored activity, beside the same count over the raw events.

    .venv/bin/python -m bench.measures [--accounts 10000] [--users 5] [--days 430] [--raw 200]

The night: one day, 30 days back, for all accounts, in slices as the night reads them. The series: 365
days of one account. The work is CPU time of this process and of every PostgreSQL process. The naive way
is a GROUP BY with DISTINCT over the raw events, which have an index by account and time for it; they
are there for some of the accounts, on which both ways must say the same.
"""

import argparse
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import django

from bench.ingest import durable_servers
from bench.ingest import measured as work_of

LAST = date(2026, 6, 30)
WINDOW, SERIES = 30, 365
SLICE = 1000
REPEATED = 20
FEATURES = 8

PEOPLE = """
INSERT INTO accounts_account (workspace_id, key, name, stage, status, currency, attributes, company,
    added_at)
SELECT %(w)s, 'a' || n, 'Account ' || n, 'live', 'active', 'USD', '{}', '{}', now()
FROM generate_series(1, %(n)s) n;
INSERT INTO accounts_seatchange (workspace_id, account_id, from_day, seats)
SELECT %(w)s, id, '2020-01-01', 10 FROM accounts_account WHERE workspace_id = %(w)s;
INSERT INTO usage_feature (workspace_id, key, name)
SELECT %(w)s, 'f' || f, 'F' FROM generate_series(1, %(f)s) f;
INSERT INTO usage_enduser (workspace_id, account_id, key, first_seen_on, last_seen_on)
SELECT %(w)s, a.id, 'u' || u, %(last)s, %(last)s
FROM accounts_account a, generate_series(1, %(u)s) u WHERE workspace_id = %(w)s;
"""
# Users come on 1 to 27 of 30 days, each time with a log-in and two uses of features.
EVENTS = """
SELECT usage_ensure_partition(month) FROM generate_series(
    date_trunc('month', %(first)s::timestamptz), %(last)s::timestamptz, '1 month') AS month;
INSERT INTO usage_usageevent (workspace_id, occurred_at, event_id, account_id, end_user_id, type,
    feature_id, duration_seconds, count, received_at)
SELECT %(w)s, d + interval '9 hours', u.id || '-' || d || '-' || k, u.account_id, u.id,
    CASE k WHEN 0 THEN 'login' ELSE 'feature' END, f.id, CASE k WHEN 0 THEN 600 END, 1, now()
FROM usage_enduser u
CROSS JOIN generate_series(%(first)s::timestamptz, %(last)s::timestamptz, '1 day') d
CROSS JOIN generate_series(0, 2) k
LEFT JOIN (
    SELECT id, row_number() OVER (ORDER BY id) - 1 AS place FROM usage_feature
    WHERE workspace_id = %(w)s
) f ON k > 0 AND f.place = (u.id * 7 + extract(day FROM d)::bigint * k) %% %(f)s
WHERE u.workspace_id = %(w)s AND u.account_id = ANY(%(raw)s::bigint[])
AND hashint8(u.id * 1000003 + extract(epoch FROM d)::bigint / 86400) & 31 < (u.id * 13) %% 27 + 1
"""
# The activity of the accounts with raw events, once more for each of the others.
COPIES = """
CREATE TEMP TABLE users AS
SELECT s.id AS source, t.id AS end_user_id, t.account_id, s.account_id AS of_account,
    s.first_seen_on, s.last_seen_on, s.last_login_on, t.key
FROM (
    SELECT id AS target, (%(raw)s::bigint[])[(row_number() OVER (ORDER BY id) - 1) %% %(r)s + 1] AS source
    FROM accounts_account WHERE workspace_id = %(w)s
) c
JOIN usage_enduser s ON s.workspace_id = %(w)s AND s.account_id = c.source
JOIN usage_enduser t ON t.workspace_id = %(w)s AND t.account_id = c.target AND t.key = s.key
WHERE c.source <> c.target;
ANALYZE users;
UPDATE usage_enduser u SET first_seen_on = c.first_seen_on, last_seen_on = c.last_seen_on,
    last_login_on = c.last_login_on
FROM users c WHERE u.workspace_id = %(w)s AND u.id = c.end_user_id;
"""
COPIED_DAYS = """
INSERT INTO usage_accountday ({columns}) SELECT {values} FROM users c
JOIN usage_accountday s ON s.workspace_id = %(w)s AND s.account_id = c.of_account
WHERE c.key = 'u1'
"""
COPIED_MONTHS = """
INSERT INTO usage_usermonth ({columns}) SELECT {values} FROM users c
JOIN usage_usermonth s ON s.workspace_id = %(w)s AND s.account_id = c.of_account
AND s.end_user_id = c.source
"""
INDEX = "CREATE INDEX ON usage_usageevent (workspace_id, account_id, occurred_at)"

# What is counted of the events `e` of a window, by account.
COUNTED = {
    "logins": "sum(e.count) FILTER (WHERE e.type = 'login')",
    "active_users": "count(DISTINCT e.end_user_id)",
    "unique_logins": "count(DISTINCT e.end_user_id) FILTER (WHERE e.type = 'login')",
    "active_days": "count(DISTINCT e.occurred_at::date)",
    "stickiness": "100.0 * count(DISTINCT (e.end_user_id, e.occurred_at::date))"
    " / (%(window)s * count(DISTINCT e.end_user_id))",
    "session_minutes": "sum(e.duration_seconds) / 60.0"
    " / count(*) FILTER (WHERE e.duration_seconds IS NOT NULL)",
    "minutes_per_active_user": "sum(e.duration_seconds) / 60.0 / count(DISTINCT e.end_user_id)",
    "feature_uses": "sum(e.count) FILTER (WHERE f.key IN ('f1', 'f2'))",
    "feature_users": "count(DISTINCT e.end_user_id) FILTER (WHERE f.key IN ('f1', 'f2'))",
    "feature_users, all": "count(DISTINCT e.end_user_id) FILTER (WHERE e.feature_id IS NOT NULL)",
    "features_adopted": "100.0 * count(DISTINCT e.feature_id) / %(features)s",
    "license_utilization": "100.0 * count(DISTINCT e.end_user_id) / 10",
}
GROUPED = """
SELECT day::date, account_id, {counted} AS value
FROM unnest(%(days)s::date[]) AS day
JOIN usage_usageevent e ON e.workspace_id = %(w)s AND e.account_id = ANY(%(accounts)s::bigint[])
    AND e.occurred_at >= day - %(window)s + 1 AND e.occurred_at < day + 1
LEFT JOIN usage_feature f ON f.workspace_id = %(w)s AND f.id = e.feature_id
GROUP BY day, account_id
"""
FREQUENCY = """
SELECT day, account_id, 100.0 * count(*) FILTER (WHERE often >= 8) / count(*) AS value FROM (
    SELECT day::date, account_id, end_user_id, count(DISTINCT e.occurred_at::date)
        FILTER (WHERE e.occurred_at >= day - %(window)s + 1) AS often
    FROM unnest(%(days)s::date[]) AS day
    JOIN usage_usageevent e ON e.workspace_id = %(w)s AND e.account_id = ANY(%(accounts)s::bigint[])
        AND e.occurred_at >= day - 364 AND e.occurred_at < day + 1
    GROUP BY day, account_id, end_user_id
) AS users GROUP BY day, account_id
"""
RECENCY = """
SELECT day::date, account_id, day::date - max(e.occurred_at)::date AS value
FROM unnest(%(days)s::date[]) AS day
JOIN usage_usageevent e ON e.workspace_id = %(w)s AND e.account_id = ANY(%(accounts)s::bigint[])
    AND e.type = 'login' AND e.occurred_at < day + 1
GROUP BY day, account_id
"""
NAIVE = {name: GROUPED.format(counted=counted) for name, counted in COUNTED.items()}
NAIVE |= {"frequency": FREQUENCY, "days_since_last_login": RECENCY}


def request(name: str) -> Any:
    from usage.measures import Measure  # noqa: PLC0415

    narrowed = ("f1", "f2") if name in ("feature_uses", "feature_users") else ()
    often: Any = "frequent" if name == "frequency" else None
    return Measure(name.partition(",")[0], WINDOW, narrowed, frequency=often)


@dataclass(frozen=True)
class Stored:
    """`raw` are the accounts whose raw events are there."""

    workspace: Any
    accounts: list[int]
    raw: list[int]


def stored(accounts: int, users: int, days: int, raw: int) -> Stored:
    """Activity as it is counted from raw events, and for the other accounts the same once more."""
    from django.db import connections  # noqa: PLC0415

    from accounts.models import Account, Workspace  # noqa: PLC0415
    from accounts.tenancy import scope  # noqa: PLC0415
    from usage.services.recount import recount  # noqa: PLC0415

    workspace = Workspace.objects.create(slug="bench", name="Bench")
    first = LAST - timedelta(days=days - 1)
    given: dict[str, Any] = {"w": workspace.pk, "n": accounts, "u": users, "f": FEATURES, "r": raw}
    given |= {"first": first, "last": LAST}
    with connections["owner"].cursor() as cursor:
        cursor.execute(PEOPLE, given)
    with scope(workspace.pk):
        ids = list(Account.objects.order_by("pk").values_list("pk", flat=True))
    given["raw"] = ids[:raw]
    with connections["owner"].cursor() as cursor:
        cursor.execute("SET timezone = 'UTC'")
        for statement in (EVENTS, INDEX, "ANALYZE"):
            cursor.execute(statement, given)
    moment = datetime(LAST.year, LAST.month, LAST.day, 12, tzinfo=UTC)
    with scope(workspace.pk):
        recount(account_ids=ids[:raw], first=first, last=LAST, moment=moment)
    with connections["owner"].cursor() as cursor:
        for statement in copies():
            cursor.execute(statement, given)
        cursor.execute("VACUUM ANALYZE")
    return Stored(workspace, ids, ids[:raw])


def copies() -> Iterator[str]:
    from usage.models import AccountDay, UserMonth  # noqa: PLC0415

    yield COPIES
    for statement, model, own in (
        (COPIED_DAYS, AccountDay, {"account_id"}),
        (COPIED_MONTHS, UserMonth, {"account_id", "end_user_id"}),
    ):
        columns = [field.column for field in model._meta.concrete_fields if field.column]
        values = [f"{'c' if name in own else 's'}.{name}" for name in columns]
        yield statement.format(columns=", ".join(columns), values=", ".join(values))


def slices(ids: list[int]) -> Iterator[list[int]]:
    for start in range(0, len(ids), SLICE):
        yield ids[start : start + SLICE]


def ours(stored: Stored, ids: list[int], days: list[date], names: list[str]) -> list[list[int]]:
    """By measure the values that are known, in ten-thousandths, by day and account."""
    from accounts.tenancy import scope  # noqa: PLC0415
    from usage.measures import measured  # noqa: PLC0415

    asked = [request(name) for name in names]
    found: list[list[int]] = [[] for _ in names]
    for own in slices(ids):
        with scope(stored.workspace.pk):
            results = measured(account_ids=own, days=days, requests=asked)
        for known_ones, (numbers, known) in zip(found, results, strict=True):
            known_ones.extend(numbers[known].tolist())
    return found


def naive(stored: Stored, ids: list[int], days: list[date], name: str) -> list[int]:
    from accounts.tenancy import scope, tenant_rows  # noqa: PLC0415

    found: list[int] = []
    for own in slices(ids):
        with scope(stored.workspace.pk):
            rows = tenant_rows(
                f"SELECT floor(value * 10000 + 0.5)::bigint FROM ({NAIVE[name]}) AS counted"
                " WHERE value IS NOT NULL ORDER BY day, account_id",
                w=stored.workspace.pk,
                accounts=own,
                days=days,
                window=WINDOW,
                features=FEATURES,
            )
        found += [value for (value,) in rows]
    return found


def best(work: Callable[[], object], times: int = 3) -> float:
    """CPU seconds of the work: the least of some times, as other work on the machine only adds."""

    def once() -> None:
        work()

    return min(work_of(once) for _ in range(times))


def compare(
    stored: Stored, ids: list[int], days: list[date], *, repeated: int, unit: float
) -> None:
    """`unit`: of a second, what an account's work is told in."""
    names, raw = list(NAIVE), stored.raw[: len(ids)]
    unit *= len(ids)
    for name in names:
        (fast,), plain = ours(stored, raw, days, [name]), naive(stored, raw, days, name)
        same = sorted(value for value in fast if value) == sorted(value for value in plain if value)

        def again(name: str = name) -> None:
            for _ in range(repeated):
                ours(stored, ids, days, [name])

        def plainly(name: str = name) -> None:
            naive(stored, raw, days, name)

        quick = best(again) / repeated
        slow = best(plainly, 1) * len(ids) / len(raw)
        told = "" if same else "  DIFFERENT VALUES"
        print(f"  {name:24} {quick / unit:8.1f} {slow / unit:10.1f} {slow / quick:8.0f} x{told}")
    together = best(lambda: ours(stored, ids, days, names))
    print(f"  {'all of them together':24} {together / unit:8.1f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--accounts", type=int, default=10_000)
    parser.add_argument("--users", type=int, default=5)
    parser.add_argument("--days", type=int, default=430)
    parser.add_argument("--raw", type=int, default=200, help="accounts whose raw events are there")
    given = parser.parse_args()
    with durable_servers():
        django.setup()
        from django.core.management import call_command  # noqa: PLC0415
        from django.db import connections  # noqa: PLC0415

        call_command("migrate", database="owner", verbosity=0)
        began = time.perf_counter()
        workspace = stored(given.accounts, given.users, given.days, given.raw)
        print(
            f"{given.accounts:,} accounts × {given.users} users × {given.days} days, stored in"
            f" {time.perf_counter() - began:.0f} s"
        )
        print("The night, one day: µs of work an account; naive; ratio")
        compare(workspace, workspace.accounts, [LAST], repeated=1, unit=1e-6)
        days = [LAST - timedelta(days=number) for number in range(SERIES - 1, -1, -1)]
        print(f"A series, {SERIES} days of one account: ms of work; naive; ratio")
        compare(workspace, workspace.accounts[:1], days, repeated=REPEATED, unit=1e-3)
        connections.close_all()


if __name__ == "__main__":
    main()
