"""The page of an account at size: milliseconds and queries, through WSGI in process.

    .venv/bin/python -m bench.account [--accounts 100000] [--rounds 30]

The workspace of `bench.portfolio`; one of its accounts has twenty metrics set every week of a year, a
year of evaluations, contacts, touchpoints, tasks and forty users.
"""

import argparse
from datetime import UTC, datetime, timedelta
from typing import Any

import django

from bench.ingest import durable_servers
from bench.portfolio import Wsgi, filled, timed, told

METRICS, WEEKS, USERS = 20, 52, 40
QUERIES = {
    "page": {},
    "a year": {"range": "1y"},
    "all": {"range": "all"},
    "a key metric's 180 days": {"chart": "metric-1"},
    "a metric": {"metric": "metric-1"},
}


def busy(workspace: Any) -> Any:
    """The account that has everything."""
    from accounts.models import Account, Contact, Touchpoint  # noqa: PLC0415
    from accounts.tenancy import scope  # noqa: PLC0415
    from scoring.services.evaluate import evaluate  # noqa: PLC0415
    from scoring.services.peer_summaries import summarize_day  # noqa: PLC0415
    from tests.scoring.scored import document, measure, metric, publish  # noqa: PLC0415
    from usage.services.ingest import ingest_events  # noqa: PLC0415

    now = datetime.now(UTC)
    today = workspace.day_of(now)
    publish(
        workspace,
        today - timedelta(weeks=WEEKS),
        document(*(metric(f"metric-{n}", n + 1) for n in range(METRICS))),
    )
    with scope(workspace.pk):
        account = Account.objects.get(key="a77")
    for week in range(WEEKS):
        values = {f"metric-{n}": (n * 7 + week * 3) % 100 for n in range(METRICS)}
        measure(workspace, account, today - timedelta(weeks=week), **values)
    with scope(workspace.pk):
        events = [
            {
                "event_id": f"{user}-{day}",
                "account": account.key,
                "user": f"user-{user}",
                "type": "feature",
                "feature": f"feature-{user % 12}",
                "occurred_at": (now - timedelta(days=day)).isoformat(),
            }
            for user in range(USERS)
            for day in range(1, 30, 3)
        ]
        ingest_events(workspace=workspace, events=events, moment=now)
        first = today - timedelta(weeks=WEEKS - 1)
        evaluate(workspace=workspace, account_ids=[account.pk], first=first, last=today, moment=now)
        for n in range(30):
            Contact.objects.create(account=account, name=f"Person {n}", email=f"{n}@a.example")
            Touchpoint.objects.create(
                account=account,
                kind="call",
                title=f"Call {n}",
                happened_on=today - timedelta(days=5 * n),
                created_at=now,
            )
        summarize_day(first=today, last=today)
    return account


def figures(workspace: Any, user: Any, rounds: int) -> None:
    from django.test import Client  # noqa: PLC0415

    account = busy(workspace)
    client = Client()
    client.force_login(user)
    cookies = "; ".join(f"{name}={morsel.value}" for name, morsel in client.cookies.items())
    path = f"/w/{workspace.slug}/accounts/{account.key}/"
    wsgi, asked = Wsgi(HTTP_COOKIE=cookies), {"scorecard": "health"}

    def run(name: str, query: dict[str, str]) -> Any:
        return timed(name, lambda: wsgi.get(path, {**asked, **query}), rounds)

    told([run(name, query) for name, query in QUERIES.items()], 80)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--accounts", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=30)
    given = parser.parse_args()
    with durable_servers():
        django.setup()
        from django.conf import settings  # noqa: PLC0415
        from django.core.management import call_command  # noqa: PLC0415
        from django.db import connections  # noqa: PLC0415

        settings.ALLOWED_HOSTS = ["127.0.0.1"]
        call_command("migrate", database="owner", verbosity=0)
        workspace, user = filled(given.accounts)
        print(f"{given.accounts:,} accounts; {METRICS} metrics, {USERS} users, {WEEKS} weeks")
        figures(workspace, user, given.rounds)
        connections.close_all()


if __name__ == "__main__":
    main()
