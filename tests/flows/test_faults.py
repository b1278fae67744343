"""Parts are killed in the middle of ingestion: nothing acknowledged is lost, nothing counts twice."""

import os
import shutil
import signal
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from random import Random
from typing import Any

import pytest

from scorecard_project.embedded.processes import wait_until
from tests.flows.installation import Installation, children, manage, query, running
from tests.flows.senders import Sender

pytestmark = pytest.mark.xdist_group("installation")

OWNER = ("--owner", "ann@example.com", "--password-stdin")
FEW = ("web worker", "backend", "worker", "postgres")
MANY = (*["web worker"] * 20, *["backend"] * 20, *["worker"] * 3, *["postgres"] * 4, *["web"] * 3)


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> Iterator[Installation]:
    monkeypatch.setenv("API_RATE", "1000000/min")
    home = Path(tempfile.mkdtemp(prefix="scorecard-faults-"))
    home.chmod(0o711)
    with running(home) as installation:
        yield installation
    shutil.rmtree(home)


@pytest.fixture
def key(installed: Installation) -> str:
    made = manage(
        installed.home,
        "create_workspace",
        "acme",
        "--name",
        "Acme",
        *OWNER,
        typed="a long phrase\n",
    )
    assert made.returncode == 0, made.stderr
    return manage(installed.home, "create_api_key", "acme", "--scopes", "ingest").stdout.strip()


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


def stored(installation: Installation, statement: str) -> list[Any]:
    inside = "SET ROLE scorecard_app; SELECT set_config('app.workspace_id', '1', false); "
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


def check(installation: Installation, senders: list[Sender]) -> None:
    events = [event for sender in senders for event in sender.acknowledged]
    ids = sorted(event["event_id"] for event in events)
    for table in ("usage_usageevent", "usage_eventkey"):
        assert sorted(i for (i,) in stored(installation, f"SELECT event_id FROM {table}")) == ids
    assert stored(installation, "SELECT sum(accepted)::int FROM usage_intakehour") == [(len(ids),)]
    assert in_order(stored(installation, ACCOUNT_DAYS)) == in_order(account_days(events))
    assert in_order(stored(installation, USER_MONTHS)) == in_order(user_months(events))
    assert set().union(*(sender.answers for sender in senders)) <= {200, 503}


def test_killed_parts_lose_and_double_no_event(installed: Installation, key: str) -> None:
    check(installed, survive(installed, key, FEW))


@pytest.mark.heavy
def test_parts_killed_many_times_lose_and_double_no_event(
    installed: Installation, key: str
) -> None:
    check(installed, survive(installed, key, MANY))
