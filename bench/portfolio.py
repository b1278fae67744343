"""The list of accounts at size, its answer in the API, and the pages beside it: milliseconds, work, queries.

    .venv/bin/python -m bench.portfolio [--accounts 100000] [--rounds 20]

One workspace, its health stored and not evaluated, a warm process, one client. Every request goes
through WSGI in process: middleware, scope, SQL and template. The deepest page is the last one,
whose place comes from walking back over the list in the other direction. Work is CPU time of the
application and of every PostgreSQL process, so that a busy machine matters little.
"""

import argparse
import io
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode
from wsgiref.util import setup_testing_defaults

import django

from bench.ingest import durable_servers, postgres_seconds

FILL = """
INSERT INTO accounts_account (workspace_id, key, name, stage, status, owner_id,
    contract_value_cents, currency, created_on, renewal_on, attributes, company, added_at)
SELECT %(w)s, 'a' || n,
    (ARRAY['Contoso','Fabrikam','Northwind','Globex','Initech','Umbrella','Hooli','Stark'])[1 + n %% 8]
        || ' ' || (ARRAY['Logistics','Energy','Foods','Air','Textiles'])[1 + n / 8 %% 5] || ' ' || n,
    (ARRAY['live','onboarding','renewal','','sales'])[1 + (n * 7) %% 5], 'active',
    CASE WHEN n %% 41 = 0 THEN NULL ELSE (%(people)s::bigint[])[1 + n %% 40] END,
    CASE WHEN n %% 10 = 0 THEN NULL ELSE (n::bigint * 7919) %% 20000000 END, 'USD', '2024-01-01',
    CASE WHEN n %% 20 = 0 THEN NULL ELSE %(today)s::date - 20 + (n * 31) %% 400 END,
    jsonb_build_object('region', (ARRAY['eu','us','apac','latam'])[1 + n %% 4], 'tickets', n %% 50,
        'tier', CASE WHEN n %% 1000 = 0 THEN 'rare' ELSE 'usual' END, 'plan', 'p' || n %% 7),
    '{}', now()
FROM generate_series(1, %(n)s) n;
INSERT INTO scoring_health (workspace_id, account_id, scorecard_id, version_id, day, score, band,
    band_key, coverage, flags, change, reasons, recent)
SELECT workspace_id, id, %(card)s, %(version)s, %(today)s, score, band,
    CASE band WHEN 0 THEN 'red' WHEN 1 THEN 'yellow' WHEN 2 THEN 'green' ELSE 'unknown' END,
    10000 - (id %% 7) * 900, CASE WHEN id %% 7 > 5 THEN 1 ELSE 0 END, change,
    jsonb_build_array(jsonb_build_object('metric', 'sponsor', 'name', 'Sponsor', 'kinds',
        jsonb_build_array('behaviour'), 'points', change, 'status', 'ok')), %(recent)s
FROM (SELECT *, CASE WHEN score IS NULL THEN -1 WHEN score < 505000 THEN 0
        WHEN score < 755000 THEN 1 ELSE 2 END AS band
    FROM (SELECT workspace_id, id, CASE WHEN id %% 50 = 0 THEN NULL
            ELSE (id * 104729) %% 1000000 END AS score, (id * 15485863) %% 400000 - 200000 AS change
        FROM accounts_account WHERE workspace_id = %(w)s AND id %% 97 > 0) a) b;
"""
SEGMENTS = {"europe": ("region", "eq", "eu"), "rare": ("tier", "eq", "rare")}
ORDERS = ("score", "name", "change", "stage", "owner", "value", "renewal")
FILTERS = {
    "band": {"band": "red"},
    "two bands": {"band": ["red", "yellow"]},
    "unknown": {"band": "unknown"},
    "stage": {"stage": "onboarding"},
    "owner": {"owner": "me"},
    "nobody's": {"owner": "none"},
    "renewal in 30 days": {"renewal": "30"},
    "renewal overdue": {"renewal": "overdue"},
    "fallen": {"change": "down"},
    "provisional": {"coverage": "low"},
    "segment of a quarter": {"segment": "europe"},
    "segment of a thousandth": {"segment": "rare"},
    "search, many": {"q": "contoso"},
    "search, few": {"q": "fabrikam 9999"},
    "search, none": {"q": "zzzz"},
    "search, one letter": {"q": "a"},
    "search, two words": {"q": "foods contoso"},
    "search, within one's own": {"q": "contoso", "owner": "me"},
    "attribute, a quarter": {"attr:region": "eu"},
    "attribute, a thousandth": {"attr:tier": "rare"},
    "my team's": {"owner": "team"},
    "all together": {"band": "red", "stage": "live", "renewal": "90", "segment": "europe"},
}


@dataclass(frozen=True)
class Taken:
    name: str
    p50: float
    p95: float
    work: float
    queries: int


def filled(accounts: int) -> tuple[Any, Any]:
    """The workspace, and one of the forty people who own its accounts."""
    from django.db import connections  # noqa: PLC0415
    from django.utils import timezone  # noqa: PLC0415

    from accounts.models import Workspace  # noqa: PLC0415
    from accounts.tenancy import scope  # noqa: PLC0415
    from scoring.services.configuration import publish_scorecard  # noqa: PLC0415
    from scoring.services.segments import save_segment  # noqa: PLC0415
    from tests.factories import make_member  # noqa: PLC0415
    from tests.scoring.portfolios import CARD, weeks  # noqa: PLC0415

    workspace = Workspace.objects.create(slug="bench", name="Bench")
    people = [make_member(workspace) for _ in range(40)]
    today = workspace.day_of(timezone.now())
    with scope(workspace.pk):
        version = publish_scorecard(document=CARD, by=None, note="", moment=datetime.now(UTC))
    given = {
        "w": workspace.pk, "n": accounts, "people": [user.pk for user in people], "today": today,
        "card": version.scorecard_id, "version": version.pk,
        "recent": weeks([400_000 + 30_000 * n for n in range(12)]),
    }  # fmt: skip
    with connections["owner"].cursor() as cursor:
        cursor.execute(FILL, given)
    with scope(workspace.pk):
        for key, (attribute, op, value) in SEGMENTS.items():
            condition = {"attribute": attribute, "op": op, "value": value}
            document = {"key": key, "name": key, "conditions": [condition]}
            save_segment(document=document, today=today)
    with connections["owner"].cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    return workspace, people[0]


class Wsgi:
    """The application as a server calls it."""

    def __init__(self, **headers: str) -> None:
        from django.core.wsgi import get_wsgi_application  # noqa: PLC0415

        self.application, self.headers = get_wsgi_application(), headers

    def get(self, path: str, query: dict[str, Any]) -> bytes:
        environ: dict[str, Any] = {
            "PATH_INFO": path,
            "QUERY_STRING": urlencode(query, doseq=True),
            "REQUEST_METHOD": "GET",
            "HTTP_HOST": "127.0.0.1",
            "wsgi.input": io.BytesIO(),
            **self.headers,
        }
        setup_testing_defaults(environ)
        told: list[str] = []
        body = self.application(environ, lambda status, _headers: told.append(status))
        content = b"".join(body)
        body.close()
        assert told[0].startswith("200"), (told, content[:500])
        return content


def timed(name: str, ask: Callable[[], object], rounds: int) -> Taken:
    """The first request is not counted: it makes what the following ones find."""
    from django.db import connection  # noqa: PLC0415
    from django.test.utils import CaptureQueriesContext  # noqa: PLC0415

    ask()
    with CaptureQueriesContext(connection) as captured:
        ask()
    queries = [q for q in captured.captured_queries if "set_config" not in q["sql"]]
    took, worked = [], time.process_time() + postgres_seconds()
    for _ in range(rounds):
        began = time.perf_counter()
        ask()
        took.append(1_000 * (time.perf_counter() - began))
    worked = 1_000 * (time.process_time() + postgres_seconds() - worked) / rounds
    asked = [q for q in queries if not q["sql"].startswith(("BEGIN", "COMMIT", "SAVEPOINT"))]
    p50, p95 = statistics.median(took), sorted(took)[int(0.95 * rounds)]
    return Taken(name, p50, p95, worked, len(asked))


def deepest(workspace: Any, order: str) -> str:
    """The cursor of the last page."""
    from accounts.tenancy import scope  # noqa: PLC0415
    from scoring.portfolio.pages import PAGE, page  # noqa: PLC0415
    from scoring.portfolio.wanted import Cursor, Wanted  # noqa: PLC0415

    with scope(workspace.pk):
        end = Cursor(order, None, 2**62)
        if order.removeprefix("-") == "name":
            end = Cursor(order, "\U0010ffff", 2**62)
        return str(page(Wanted(sort=order), before=end, size=PAGE).lines[0].cursor)


def told(found: list[Taken], budget: float) -> None:
    for taken in found:
        over = "  <- over" if taken.p95 > budget else ""
        print(
            f"  {taken.name:36} p50 {taken.p50:6.1f}  p95 {taken.p95:6.1f} ms"
            f"  work {taken.work:6.1f} ms  {taken.queries:2} queries{over}"
        )


def page_figures(workspace: Any, user: Any, rounds: int) -> None:
    from django.test import Client  # noqa: PLC0415

    client = Client()
    client.force_login(user)
    cookies = "; ".join(f"{name}={morsel.value}" for name, morsel in client.cookies.items())
    wsgi, path = Wsgi(HTTP_COOKIE=cookies), f"/w/{workspace.slug}/accounts/"
    run = lambda name, query: timed(name, lambda: wsgi.get(path, query), rounds)  # noqa: E731
    first = run("first page", {})
    deep = run("deepest page", {"after": deepest(workspace, "score")})
    print(f"page: deepest / first {deep.p50 / first.p50:.2f}")
    orders = [run(f"by {s}{o}", {"sort": s + o}) for o in ORDERS for s in ("", "-")]
    depths = [
        run(f"by {o}, deepest", {"sort": o, "after": deepest(workspace, o)}) for o in ORDERS[1:]
    ]
    filtered = [run(name, query) for name, query in FILTERS.items()]
    crossed = [
        run(f"{name}, by value", {**FILTERS[name], "sort": "-value"})
        for name in ("band", "segment of a thousandth", "search, many", "all together")
    ]
    ends = [
        run(f"search, many, by {s}name", {"q": "contoso", "sort": s + "name"}) for s in ("", "-")
    ]
    told([first, deep, *orders, *depths, *filtered, *crossed, *ends], 60)
    beside_figures(workspace, wsgi, rounds)


def beside_figures(workspace: Any, wsgi: Wsgi, rounds: int) -> None:
    """The other views of the portfolio, each for everybody."""
    found = [
        timed(name, lambda: wsgi.get(f"/w/{workspace.slug}/{name}/", {"owner": "all"}), rounds)  # noqa: B023
        for name in ("today", "matrix", "movers", "distribution")
    ]
    print("beside the list:")
    told(found, 100)


def api_figures(workspace: Any, rounds: int) -> None:
    from accounts.services.keys import create_api_key  # noqa: PLC0415
    from accounts.tenancy import scope  # noqa: PLC0415

    with scope(workspace.pk):
        _key, secret = create_api_key(name="bench", scopes=["read"], by=None)
    wsgi = Wsgi(HTTP_AUTHORIZATION=f"Bearer {secret}", HTTP_ACCEPT="application/json")
    run = lambda name, query: timed(  # noqa: E731
        name, lambda: wsgi.get("/api/v1/accounts/", {"limit": "50", **query}), rounds
    )
    found = [run("first page", {}), run("deepest page", {"cursor": deepest(workspace, "score")})]
    names = {"value": "contract_value", "renewal": "renewal_on"}
    found += [run(f"by {o}", {"ordering": names.get(o, o)}) for o in ORDERS]
    for name, query in FILTERS.items():
        given = {"search" if key == "q" else key: value for key, value in query.items()}
        if given.keys() <= {"band", "stage", "segment", "search"}:
            found.append(run(name, given))
    print(f"GET /api/v1/accounts/: deepest / first {found[1].p50 / found[0].p50:.2f}")
    told(found, 60)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--accounts", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=20)
    given = parser.parse_args()
    with durable_servers():
        django.setup()
        from django.conf import settings  # noqa: PLC0415
        from django.core.management import call_command  # noqa: PLC0415
        from django.db import connections  # noqa: PLC0415

        settings.ALLOWED_HOSTS = ["127.0.0.1"]
        settings.API_RATE = "1000000/min"
        call_command("migrate", database="owner", verbosity=0)
        workspace, user = filled(given.accounts)
        print(f"{given.accounts:,} accounts, {given.rounds} rounds")
        page_figures(workspace, user, given.rounds)
        api_figures(workspace, given.rounds)
        connections.close_all()


if __name__ == "__main__":
    main()
