"""Scores out: a day's health with its explanation, the ledger of two days, the history."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from accounts.inputs import AccountRow
from accounts.models import Workspace
from accounts.services.accounts import upsert_accounts
from accounts.tenancy import scope
from scoring.services.configuration import publish_scorecard
from scoring.services.stale import evaluate_stale
from tests.scoring.api.conftest import DAY, FIRST, NOW, TODAY, Api, evaluate, judge, paths
from tests.scoring.documents import health
from usage.services.ingest import ingest_events

pytestmark = pytest.mark.usefixtures("scored")

LOGINS = {
    "key": "logins",
    "name": "Logins",
    "value": "18.0000",
    "score": "47.8261",
    "shown": 48,
    "band": "red",
    "status": "ok",
    "reason": None,
    "weight": 2,
    "share": "0.4000",
    "earned": "19.1304",
    "missed": "20.8696",
    "measured_at": None,
    "source": "usage",
    "peers": None,
}
LICENSES = {
    **LOGINS,
    "key": "licenses",
    "name": "License utilization",
    "value": "50.0000",
    "score": "60.0000",
    "shown": 60,
    "band": "yellow",
    "weight": 1,
    "share": "0.2000",
    "earned": "12.0000",
    "missed": "8.0000",
}
SPONSOR = {
    **LOGINS,
    "key": "sponsor",
    "name": "Executive relationship",
    "value": "none",
    "score": "0.0000",
    "shown": 0,
    "weight": 1,
    "earned": "0.0000",
    "missed": "40.0000",
    "measured_at": "2026-06-06T09:00:00+00:00",
    "source": "manual",
}
HEALTH: dict[str, Any] = {
    "account": "acme",
    "scorecard": "health",
    "version": 1,
    "day": "2026-06-10",
    "score": "31.1304",
    "shown": 31,
    "band": "red",
    "label": "Poor",
    "coverage": "1.0000",
    "provisional": False,
    "held": False,
    "restated": False,
    "restated_at": [],
    "recomputed": False,
    "computed": "31.1304",
    "exception": "Sponsor lost",
    "override": None,
    "groups": [
        {
            "key": "usage",
            "name": "Product usage",
            "score": "51.8841",
            "shown": 52,
            "band": "yellow",
            "weight": 60,
            "share": "0.6000",
            "metrics": [LOGINS, LICENSES],
            "groups": [],
        },
        {
            "key": "relationship",
            "name": "Relationship",
            "score": "0.0000",
            "shown": 0,
            "band": "red",
            "weight": 40,
            "share": "0.4000",
            "metrics": [SPONSOR],
            "groups": [],
        },
    ],
}


def added_up(changes: dict[str, Any]) -> Decimal:
    return sum((Decimal(entry["points"]) for entry in changes["entries"]), Decimal(0))


# -- Health ---------------------------------------------------------------------------------------


def test_health_answers_as_the_contract_says(api: Api) -> None:
    assert api.get("accounts/acme/health/").json() == HEALTH
    assert api.get("accounts/acme/health/?scorecard=health&as_of=2026-06-10").json() == HEALTH


def test_health_as_of_a_past_day_is_that_days(scored: Workspace, api: Api) -> None:
    earlier = api.get("accounts/acme/health/?as_of=2026-06-05").json()
    assert (earlier["day"], earlier["score"], earlier["exception"]) == (
        "2026-06-05",
        "51.1304",
        None,
    )
    sponsor = earlier["groups"][1]["metrics"][0]
    assert (sponsor["value"], sponsor["measured_at"]) == ("working", "2026-06-01T09:00:00+00:00")
    # What comes to be known later changes nothing of what the day said.
    with scope(scored.pk):
        judge(scored, "sponsor", TODAY)
    evaluate(scored, TODAY, TODAY)
    assert api.get("accounts/acme/health/?as_of=2026-06-05").json() == earlier


def test_lost_data_lowers_the_coverage(scored: Workspace, api: Api) -> None:
    with scope(scored.pk):
        fresh = AccountRow(key="fresh", name="Fresh", stage="live", seats=10)
        upsert_accounts(rows=[fresh], as_of=FIRST, by=None, moment=NOW)
        events = [
            {**event, "account": "fresh", "event_id": f"fresh-{n}"}
            for n, event in enumerate(several())
        ]
        ingest_events(workspace=scored, events=events, moment=NOW)
    evaluate(scored, TODAY, TODAY)
    found = api.get("accounts/fresh/health/").json()
    statuses = [metric["status"] for group in found["groups"] for metric in group["metrics"]]
    assert (found["coverage"], statuses[2]) == ("0.6000", "missing")
    sponsor = found["groups"][1]["metrics"][0]
    assert [sponsor[name] for name in ("value", "score", "shown", "earned", "measured_at")] == [
        None,
        None,
        None,
        None,
        None,
    ]


def test_day_without_any_data_has_no_score(scored: Workspace, api: Api) -> None:
    evaluate(scored, FIRST - DAY, FIRST - DAY)
    found = api.get(f"accounts/acme/health/?as_of={FIRST - DAY}").json()
    assert [found[name] for name in ("score", "shown", "band", "coverage", "computed")] == [
        None,
        None,
        "unknown",
        "0.0000",
        None,
    ]
    ledger = api.get(f"accounts/acme/health/changes/?from={FIRST - DAY}&to={FIRST}").json()
    assert (ledger["delta"], ledger["from"]["score"]) == (None, None)


def test_account_without_an_evaluation_is_404(api: Api) -> None:
    for path in (
        "accounts/trial/1/health/",
        "accounts/trial/1/health/changes/",
        "accounts/trial/1/health/history/",
        "accounts/acme/health/?as_of=2026-05-31",
        "accounts/acme/health/?scorecard=nothing",
        "accounts/nobody/health/",
        "accounts/a%00b/health/",
        f"accounts/{'x' * 5000}/health/",
    ):
        answer = api.get(path)
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found"), path


@pytest.mark.parametrize("end", ["health/", "health/changes/", "health/history/"])
@pytest.mark.parametrize(
    ("query", "path"),
    [
        ("as_off=2026-06-01", "as_off"),
        ("scorecard=a&x=1", "x"),
        ("format=xml&y=1", "y"),
    ],
)
def test_unknown_parameter_is_refused(api: Api, end: str, query: str, path: str) -> None:
    answer = api.get(f"accounts/acme/{end}?{query}")
    if query.startswith("format"):
        assert answer.status_code in {400, 404, 406}
    else:
        assert paths(answer) == [path]


@pytest.mark.parametrize(
    "as_of", ["2026-06-11", "9999-12-31", "0001-01-01", "yesterday", "2026-02-30", "1e9", "%00"]
)
def test_bad_day_is_refused(api: Api, as_of: str) -> None:
    assert paths(api.get(f"accounts/acme/health/?as_of={as_of}")) == ["as_of"]


# -- Changes --------------------------------------------------------------------------------------


def test_changes_are_the_ledger_of_two_days(api: Api) -> None:
    assert api.get("accounts/acme/health/changes/?from=2026-06-05&to=2026-06-06").json() == {
        "from": {"day": "2026-06-05", "score": "51.1304", "shown": 51, "version": 1},
        "to": {"day": "2026-06-06", "score": "31.1304", "shown": 31, "version": 1},
        "delta": "-20.0000",
        "sentence": "31, down 20 in 1 day: Executive relationship −20.",
        "entries": [
            {"metric": "sponsor", "kind": "behaviour", "points": "-20.0000"},
            {"metric": None, "kind": "exception", "points": "0.0000"},
        ],
    }


def test_changes_of_one_day_are_none(api: Api) -> None:
    same = api.get("accounts/acme/health/changes/?from=2026-06-06&to=2026-06-06").json()
    assert (same["delta"], added_up(same)) == ("0.0000", Decimal(0))


def test_changes_without_days_go_back_one_trend_window(scored: Workspace, api: Api) -> None:
    answer = api.get("accounts/acme/health/changes/")
    assert answer.json()["message"] == (
        "The account was not evaluated on both 2026-05-11 and 2026-06-10."
    )
    evaluate(scored, date(2026, 5, 11), date(2026, 5, 11))
    assert api.get("accounts/acme/health/changes/").json()["from"]["day"] == "2026-05-11"


def test_entries_add_up_to_the_delta_exactly_on_every_pair_of_days(
    scored: Workspace, api: Api
) -> None:
    """With users, judgements and a newly published version between the days."""
    with scope(scored.pk):
        ingest_events(workspace=scored, events=several(), moment=NOW)
        judge(scored, None, FIRST + 2 * DAY)
        document = health()
        document["groups"][0]["weight"] = 37
        document["groups"][0]["metrics"][0]["grade"] = {"type": "linear", "worst": 3, "best": 41}
        document["groups"][1]["metrics"][0]["weight"] = 3
        document["groups"][1]["metrics"].append(
            {
                "key": "value",
                "name": "Contract",
                "weight": 0.7,
                "source": {"type": "attribute", "attribute": "contract_value"},
                "grade": {"type": "linear", "worst": 0, "best": 333_333},
            }
        )
    evaluate(scored, FIRST, TODAY - 4 * DAY)
    with scope(scored.pk):
        publish_scorecard(document=document, by=None, moment=NOW)
    evaluate(scored, TODAY - 3 * DAY, TODAY)
    days = [FIRST + n * DAY for n in range(10)]
    kinds = set()
    for first in days:
        for last in days[days.index(first) :]:
            found = api.get(f"accounts/acme/health/changes/?from={first}&to={last}").json()
            scores = Decimal(found["from"]["score"]), Decimal(found["to"]["score"])
            assert added_up(found) == Decimal(found["delta"]) == scores[1] - scores[0]
            kinds |= {entry["kind"] for entry in found["entries"]}
    assert kinds == {"behaviour", "data", "configuration", "exception"}


def several() -> list[dict[str, Any]]:
    return [
        {
            "event_id": f"more-{n}",
            "account": "acme",
            "user": f"other-{n % 7}",
            "type": "login",
            "occurred_at": f"2026-06-{1 + n % 10:02}T11:00:00Z",
        }
        for n in range(23)
    ]


@pytest.mark.parametrize("end", ["changes/", "history/"])
@pytest.mark.parametrize(
    ("query", "path"),
    [
        ("from=2026-06-06&to=2026-06-05", "from"),
        ("to=2026-06-11", "to"),
        ("to=9999-12-31", "to"),
        ("to=0001-01-01", "to"),
        ("from=0001-01-01", "from"),
        ("from=2000-01-01", "from"),
        ("from=2026-06-11", "from"),
        ("from=first", "from"),
        ("to=2026-13-01", "to"),
        ("step=hour", "step"),
    ],
)
def test_bad_interval_is_refused(api: Api, end: str, query: str, path: str) -> None:
    assert paths(api.get(f"accounts/acme/health/{end}?{query}")) == [path]


# -- History --------------------------------------------------------------------------------------


def test_history_by_day_tells_every_evaluated_day(api: Api) -> None:
    found = api.get("accounts/acme/health/history/?from=2026-05-20").json()
    assert found["next"] is None
    assert [(row["day"], row["score"]) for row in found["results"]] == [
        (str(FIRST + n * DAY), "51.1304" if n < 5 else "31.1304") for n in range(10)
    ]
    assert found["results"][0] == {
        "day": "2026-06-01",
        "score": "51.1304",
        "shown": 51,
        "band": "yellow",
        "coverage": "1.0000",
        "version": 1,
        "marks": [],
    }


def test_history_by_week_tells_the_last_day_of_each(api: Api) -> None:
    found = api.get("accounts/acme/health/history/?step=week&to=2026-06-09").json()["results"]
    assert [(row["day"], row["score"]) for row in found] == [
        ("2026-06-07", "31.1304"),
        ("2026-06-09", "31.1304"),
    ]


def test_history_marks_what_happened(scored: Workspace, api: Api) -> None:
    with scope(scored.pk):
        row = AccountRow(key="acme", contract_value=Decimal("99000.50"))
        upsert_accounts(rows=[row], as_of=TODAY, by=None, moment=NOW)
        judge(scored, "sponsor", TODAY - DAY)
        publish_scorecard(document={**health(), "name": "Health"}, by=None, moment=NOW)
    evaluate_stale(workspace=scored, moment=NOW)
    found = api.get("accounts/acme/health/history/?from=2026-06-08").json()["results"]
    assert [(row["day"], row["version"], row["marks"]) for row in found] == [
        ("2026-06-08", 1, []),
        ("2026-06-09", 1, [mark("2026-06-09", "restated")]),
        (
            "2026-06-10",
            2,
            [
                mark("2026-06-10", "contract", "125000.00", "99000.50"),
                mark("2026-06-10", "version", 1, 2),
            ],
        ),
    ]


def mark(day: str, kind: str, before: Any = None, after: Any = None) -> dict[str, Any]:
    return {"day": day, "kind": kind, "before": before, "after": after}


def test_history_as_csv_has_the_same_rows(api: Api) -> None:
    answer = api.get("accounts/acme/health/history/?from=2026-06-09", HTTP_ACCEPT="text/csv")
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.content.decode().splitlines() == [
        "day,score,shown,band,coverage,version,marks",
        "2026-06-09,31.1304,31,red,1.0000,1,[]",
        "2026-06-10,31.1304,31,red,1.0000,1,[]",
    ]
