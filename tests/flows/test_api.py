"""The main path over HTTP against a running installation: configuration and data in, scores out."""

import http.client
import json
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from scorecard_project.embedded.processes import wait_until
from tests.flows.installation import Installation, manage
from tests.scoring.documents import DROP, HEALTH_YAML

pytestmark = pytest.mark.xdist_group("installation")

TODAY = datetime.now(UTC).date()
DAY = timedelta(days=1)
PASSWORD = "a long enough pass phrase\n"
JSON, YAML = "application/json", "application/yaml"


@dataclass
class Api:
    port: int
    key: str

    def __call__(self, method: str, path: str, body: Any = None, media_type: str = JSON) -> Any:
        """The answer of a call that succeeds; text is sent as it is."""
        content = body if isinstance(body, str) else json.dumps(body)
        headers = {"Authorization": f"Bearer {self.key}", "Content-Type": media_type}
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)) as web:
            web.request(method, f"/api/v1/{path}", content.encode() if body else None, headers)
            answer = web.getresponse()
            text = answer.read().decode()
        assert answer.status in {200, 202}, (answer.status, text)
        return json.loads(text)


@pytest.fixture(scope="module")
def api(installation: Installation) -> Api:
    """The commands make the workspace and its key, beside the running server."""
    owner = ("--owner", "ann@example.com", "--password-stdin")
    made = manage(
        installation.home, "create_workspace", "acme", "--name", "Acme", *owner, typed=PASSWORD
    )
    assert (made.returncode, made.stdout.strip()[-8:]) == (0, "/w/acme/"), made.stderr
    key = manage(installation.home, "create_api_key", "acme", "--scopes", "ingest,read,write,admin")
    return Api(installation.port, key.stdout.strip())


def logins(day: Any, count: int, name: str = "e") -> list[dict[str, Any]]:
    return [
        {
            "event_id": f"{name}-{day}-{n}",
            "account": "acme",
            "user": f"user-{n % 5}",
            "type": "login",
            "occurred_at": f"{day}T00:{n:02}:00Z",
            "duration_seconds": 60 * n,
        }
        for n in range(count)
    ]


def judged(level: str, day: Any) -> dict[str, Any]:
    row = {"account": "acme", "metric": "sponsor", "value": level}
    return {"measurements": [{**row, "measured_at": f"{day}T00:00:01Z"}]}


def finished(api: Api, job: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}

    def over() -> bool:
        found.update(api("GET", f"jobs/{job['id']}/"))
        return found["state"] in {"done", "failed"}

    assert wait_until(over, seconds=60), found
    return found


@pytest.fixture(scope="module")
def fed(api: Api) -> Api:
    """Configuration and ten days of data, evaluated since the first."""
    first = TODAY - 9 * DAY
    assert api("PUT", "scorecards/health/", HEALTH_YAML, YAML)["key"] == "health"
    assert api("PUT", "rules/drop/", DROP)["key"] == "drop"
    account = {"key": "acme", "name": "Acme", "stage": "live", "seats": 10, "contract_value": 5000}
    answer = api("POST", "accounts/", {"accounts": [account]})
    assert answer == {"created": 1, "updated": 0, "unchanged": 0}
    seats = {"seats": [{"account": "acme", "seats": 10, "from": str(first - 90 * DAY)}]}
    api("POST", "seats/", seats)
    sent = api("POST", "events/", {"events": logins(first, 18)})
    assert sent == {"accepted": 18, "duplicates": 0, "rejected": []}
    assert api("POST", "measurements/", judged("working", first))["created"] == 1
    assert api("POST", "measurements/", judged("none", TODAY - 4 * DAY))["created"] == 1

    job = api("POST", "evaluations/", {"from": str(first)})
    assert finished(api, job) == {
        "id": job["id"],
        "state": "done",
        "done": 10,
        "total": 10,
        "error": None,
    }
    return api


def test_scores_come_out_with_their_explanation(fed: Api) -> None:
    api, first = fed, TODAY - 9 * DAY
    health = api("GET", f"accounts/acme/health/?as_of={first}")
    assert (health["score"], health["shown"], health["band"]) == ("51.1304", 51, "yellow")
    health = api("GET", "accounts/acme/health/")
    assert (health["day"], health["exception"]) == (str(TODAY), "Sponsor lost")
    earned = sum(Decimal(m["earned"]) for group in health["groups"] for m in group["metrics"])
    assert earned == Decimal(health["computed"])
    for before in range(10):
        ledger = api("GET", f"accounts/acme/health/changes/?from={first + before * DAY}")
        points = sum((Decimal(entry["points"]) for entry in ledger["entries"]), Decimal(0))
        assert points == Decimal(ledger["delta"])


def test_lists_tell_the_same_scores(fed: Api) -> None:
    api, first = fed, TODAY - 9 * DAY
    health = api("GET", "accounts/acme/health/")
    history = api("GET", f"accounts/acme/health/history/?from={first}")["results"]
    assert [row["day"] for row in history] == [str(first + n * DAY) for n in range(10)]
    assert history[-1]["score"] == health["score"]
    (listed,) = api("GET", "accounts/?ordering=-score&band=red")["results"]
    assert [listed[name] for name in ("key", "score", "band")] == ["acme", health["score"], "red"]
    (alert,) = api("GET", "alerts/?state=open")["results"]
    assert (alert["account"], alert["rule"], alert["delta"]) == ("acme", "drop", "-20.0000")
    assert alert["sentence"].endswith("down 20 in 3 days: Executive relationship −20.")


def score_of(api: Api) -> str:
    score: str = api("GET", "accounts/acme/health/")["score"]
    return score


def seconds_until(condition: Callable[[], bool]) -> float:
    started = time.monotonic()
    assert wait_until(condition, seconds=30)
    return time.monotonic() - started


def test_event_of_today_is_in_the_score_within_seconds(fed: Api) -> None:
    taken = []
    for n in range(5):
        before = score_of(fed)
        fed("POST", "events/", {"events": logins(TODAY, 1, f"now-{n}")})
        taken.append(seconds_until(lambda before=before: score_of(fed) != before))  # type: ignore[misc]
    assert max(taken) <= 5, taken


def test_late_event_restates_its_days(fed: Api) -> None:
    api = fed
    day = TODAY - 6 * DAY
    path = f"accounts/acme/health/?as_of={day}"
    before = api("GET", path)
    api("POST", "events/", {"events": logins(day, 2, "late")})
    seconds_until(lambda: api("GET", path)["score"] != before["score"])
    after = api("GET", path)
    assert (before["restated"], after["restated"], after["version"]) == (False, True, 1)
    earlier = api("GET", f"accounts/acme/health/?as_of={day - DAY}")
    assert earlier["restated"] is False
