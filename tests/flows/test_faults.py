"""Parts are killed in the middle of ingestion: nothing acknowledged is lost, nothing counts twice."""

import json
import os
import shutil
import signal
import socket
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any

import pytest

from scorecard_project.embedded.processes import wait_until
from tests.flows.installation import Installation, children, manage, query, running
from tests.flows.senders import Sender, batches

pytestmark = pytest.mark.xdist_group("installation")

ENVIRONMENT = {"API_RATE": "1000000/min", "BODY_TIMEOUT": "1", "INGEST_TIMEOUT": "2"}
FEW = ("web worker", "backend", "worker", "postgres")
MANY = (*["web worker"] * 20, *["backend"] * 20, *["worker"] * 3, *["postgres"] * 4, *["web"] * 3)


@pytest.fixture(scope="module")
def installed() -> Iterator[Installation]:
    home = Path(tempfile.mkdtemp(prefix="scorecard-faults-"))
    home.chmod(0o711)
    with pytest.MonkeyPatch.context() as patch:
        for name, value in ENVIRONMENT.items():
            patch.setenv(name, value)
        with running(home) as installation:
            yield installation
    shutil.rmtree(home)


def made_key(installation: Installation, slug: str) -> str:
    """Of a new workspace."""
    words = ("create_workspace", slug, "--name", slug, "--owner", f"{slug}@example.com")
    made = manage(installation.home, *words, "--password-stdin", typed="a long phrase\n")
    assert made.returncode == 0, made.stderr
    return manage(installation.home, "create_api_key", slug, "--scopes", "ingest").stdout.strip()


# -- Killing --------------------------------------------------------------------------------------


def pids(installation: Installation, part: str) -> list[int]:
    match part:
        case "web worker":
            return list(children(installation.pid("gunicorn")))
        case "backend":
            below = children(installation.pid("bin/postgres")).items()
            return [pid for pid, line in below if "scorecard_login" in line]
        case "worker":
            return [installation.pid("celery --app scorecard_project worker")]
        case "postgres":
            return [installation.pid("bin/postgres")]
        case _:
            return [installation.pid("gunicorn")]


def killed(installation: Installation, part: str, random: Random) -> bool:
    try:
        os.kill(random.choice(pids(installation, part)), signal.SIGKILL)
    except (StopIteration, IndexError, ProcessLookupError):
        return False  # it is just being started
    return True


def survive(installation: Installation, key: str, parts: tuple[str, ...]) -> list[Sender]:
    senders = [Sender(f"sender-{n}", installation, key, 5 * 4**n) for n in range(4)]
    for sender in senders:
        sender.start()
    random = Random(len(parts))  # noqa: S311

    def moved(before: list[int]) -> bool:
        now = [len(sender.acknowledged) for sender in senders]
        return any(sender.problem for sender in senders) or all(
            n > b for n, b in zip(now, before, strict=True)
        )

    for part in random.sample(parts, len(parts)):
        before = [len(sender.acknowledged) for sender in senders]
        assert wait_until(lambda before=before: moved(before), seconds=120)  # type: ignore[misc]
        assert wait_until(lambda part=part: killed(installation, part, random), seconds=60)  # type: ignore[misc]
    for sender in senders:
        sender.enough.set()
    for sender in senders:
        sender.join(120)
    assert [(sender.is_alive(), sender.problem) for sender in senders] == [(False, None)] * 4
    return senders


# -- What is there, and what was sent -------------------------------------------------------------


def stored(installation: Installation, slug: str, statement: str) -> list[Any]:
    inside = f"""SET ROLE scorecard_app; SELECT set_config('app.workspace_id', id::text, false)
        FROM accounts_workspace WHERE slug = '{slug}'; """
    return query(installation.url("DATABASE_URL"), inside + statement)


ACCOUNT_DAYS = """
SELECT a.key, day, events, logins, feature_uses, session_seconds,
    (SELECT jsonb_object_agg(f.key, used.count)
     FROM unnest(feature_ids, feature_counts) AS used(id, count) JOIN usage_feature f USING (id))
FROM usage_accountday d JOIN accounts_account a ON a.id = account_id
"""
USER_MONTHS = """
SELECT a.key, u.key, month, active_days, m.login_days, logins, feature_uses, session_seconds,
    (SELECT jsonb_object_agg(f.key, used.days)
     FROM unnest(feature_ids, feature_days) AS used(id, days) JOIN usage_feature f USING (id))
FROM usage_usermonth m JOIN accounts_account a ON a.id = m.account_id
JOIN usage_enduser u ON u.id = end_user_id
"""


def account_days(events: list[dict[str, Any]]) -> list[Any]:
    sums: dict[Any, Counter[str]] = defaultdict(Counter)
    features: dict[Any, Counter[str]] = defaultdict(Counter)
    for event in events:
        place = event["account"], date.fromisoformat(event["occurred_at"][:10])
        uses = event.get("count", 1)
        login = event["type"] == "login"
        sums[place].update(
            events=1,
            logins=uses if login else 0,
            features=0 if login else uses,
            seconds=event.get("duration_seconds", 0),
        )
        if not login:
            features[place][event["feature"]] += uses
    return [
        (*place, *number.values(), dict(features[place]) or None) for place, number in sums.items()
    ]


def user_months(events: list[dict[str, Any]]) -> list[Any]:
    sums: dict[Any, Counter[str]] = defaultdict(Counter)
    masks: dict[Any, Counter[str]] = defaultdict(Counter)
    for event in events:
        day = date.fromisoformat(event["occurred_at"][:10])
        place = event["account"], event["user"], day.replace(day=1)
        bit, uses, login = 1 << (day.day - 1), event.get("count", 1), event["type"] == "login"
        for name in ("active", "login" if login else f"feature {event['feature']}"):
            masks[place][name] |= bit
        sums[place].update(
            logins=uses if login else 0,
            features=0 if login else uses,
            seconds=event.get("duration_seconds", 0),
        )
    return [
        (
            *(*place, masks[place]["active"], masks[place]["login"], *number.values()),
            {n[8:]: mask for n, mask in masks[place].items() if n.startswith("feature ")} or None,
        )
        for place, number in sums.items()
    ]


def in_order(rows: list[Any]) -> list[Any]:
    return sorted(rows, key=lambda row: row[:3])


def check(installation: Installation, slug: str, senders: list[Sender]) -> None:
    events = [event for sender in senders for event in sender.acknowledged]
    ids = sorted(event["event_id"] for event in events)
    for table in ("usage_usageevent", "usage_eventkey"):
        kept = stored(installation, slug, f"SELECT event_id FROM {table}")
        assert sorted(event_id for (event_id,) in kept) == ids
    accepted = stored(installation, slug, "SELECT sum(accepted)::int FROM usage_intakehour")
    assert accepted == [(len(ids),)]
    assert in_order(stored(installation, slug, ACCOUNT_DAYS)) == in_order(account_days(events))
    assert in_order(stored(installation, slug, USER_MONTHS)) == in_order(user_months(events))
    assert set().union(*(sender.answers for sender in senders)) <= {200, 503}


def test_killed_parts_lose_and_double_no_event(installed: Installation) -> None:
    check(installed, "few", survive(installed, made_key(installed, "few"), FEW))


@pytest.mark.heavy
def test_parts_killed_many_times_lose_and_double_no_event(installed: Installation) -> None:
    check(installed, "many", survive(installed, made_key(installed, "many"), MANY))


# -- Servers and clients that hang ----------------------------------------------------------------


def answered(installation: Installation, sent: bytes, *, half_closed: bool = False) -> bytes:
    with socket.create_connection(("127.0.0.1", installation.port), timeout=60) as client:
        client.sendall(sent)
        if half_closed:
            client.shutdown(socket.SHUT_WR)
        with client.makefile("rb") as answer:
            return answer.readline() + answer.read(1000)


@pytest.mark.parametrize("half_closed", [False, True])
def test_client_that_stops_sending_is_told(installed: Installation, half_closed: bool) -> None:
    """One that hangs within the second that it has, one that ends at once."""
    head = b"POST /api/v1/events/ HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer sk_x\r\n"
    request = head + b"Content-Length: 100\r\n\r\n" + b'{"events": ['
    answer = answered(installed, request, half_closed=half_closed)
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert b"shorter than its Content-Length" in answer


@pytest.mark.heavy
def test_hanging_database_is_503_until_it_goes_on(installed: Installation) -> None:
    """Also for a new connection, which the kernel takes in the server's name."""
    key = made_key(installed, "hanging")
    sender = Sender("hanging", installed, key, 5)
    first, second = islice(batches("hanging", 5), 2)
    sender.deliver(first)
    postmaster = installed.pid("bin/postgres")
    stopped = [postmaster, *children(postmaster)]
    for pid in stopped:
        os.kill(pid, signal.SIGSTOP)
    try:
        begun = time.monotonic()
        body = json.dumps({"events": second}).encode()
        assert [sender.delivered(body, 5) for _ in range(2)] == [False, False]
        assert sender.answers == {200, 503}
        assert time.monotonic() - begun < 20
    finally:
        for pid in stopped:
            os.kill(pid, signal.SIGCONT)
    sender.deliver(second)
    sender.acknowledged = [*first, *second]
    check(installed, "hanging", [sender])
