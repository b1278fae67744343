from datetime import UTC, date, datetime, timedelta

import pytest

from accounts.tenancy import scope
from scoring.changes import changes
from scoring.models import Evaluation, Health, Scorecard, SupersededEvaluation
from scoring.sentences import sentence
from scoring.services.configuration import publish_scorecard
from scoring.services.evaluate import evaluate
from scoring.services.measurements import MeasurementRow, record_measurements
from tests.factories import make_account, make_workspace
from usage.services.ingest import ingest_events

pytestmark = pytest.mark.django_db

MONDAY = date(2026, 6, 1)
DAY = timedelta(days=1)

CARD = {
    "key": "health",
    "name": "Customer health",
    "scheme": "ryg",
    "groups": [
        {
            "key": "usage",
            "name": "Usage",
            "weight": 60,
            "metrics": [
                {
                    "key": "logins",
                    "name": "Logins",
                    "weight": 1,
                    "source": {"type": "usage", "measure": "logins", "window_days": 7},
                    "grade": {"type": "linear", "worst": 0, "best": 10},
                }
            ],
        },
        {
            "key": "relationship",
            "name": "Relationship",
            "weight": 40,
            "metrics": [
                {
                    "key": "sponsor",
                    "name": "Sponsor",
                    "weight": 1,
                    "validity_days": 3,
                    "source": {"type": "manual"},
                    "grade": {"type": "number"},
                }
            ],
        },
    ],
}


def noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC)


def logins(day: date, count: int, account: str = "acme") -> list[dict[str, object]]:
    return [
        {
            "event_id": f"{account}-{day}-{i}",
            "account": account,
            "user": f"user-{i}",
            "type": "login",
            "occurred_at": noon(day).isoformat(),
        }
        for i in range(count)
    ]


@pytest.fixture
def world():
    workspace = make_workspace()
    with scope(workspace.pk):
        account = make_account(workspace, "acme")
        publish_scorecard(document=CARD, by=None, moment=noon(MONDAY))
        yield workspace, account


def stored(account) -> list[tuple[date, date, int | None, int, int]]:
    rows = Evaluation.objects.filter(account_id=account.pk).order_by("day")
    return [(r.day, r.to_day, r.score, r.coverage, r.flags) for r in rows]


def run(workspace, account, first: date, last: date, today: date | None = None) -> None:
    evaluate(
        workspace=workspace,
        account_ids=[account.pk],
        first=first,
        last=last,
        moment=noon(today or last),
    )


def test_evaluate_scores_what_was_measured(world):
    workspace, account = world
    ingest_events(workspace=workspace, events=logins(MONDAY, 5), moment=noon(MONDAY))
    record_measurements(
        workspace=workspace,
        rows=[MeasurementRow("acme", "sponsor", 80, measured_at=noon(MONDAY))],
        moment=noon(MONDAY),
    )
    run(workspace, account, MONDAY, MONDAY)
    assert stored(account) == [(MONDAY, MONDAY, 620_000, 10_000, 0)]


def test_evaluate_stores_quiet_days_as_one_row_and_twice_the_same(world):
    workspace, account = world
    ingest_events(workspace=workspace, events=logins(MONDAY, 5), moment=noon(MONDAY))
    run(workspace, account, MONDAY, MONDAY + 8 * DAY)
    once = stored(account)
    assert once == [
        (MONDAY, MONDAY + 6 * DAY, 500_000, 6_000, 0),
        (MONDAY + 7 * DAY, MONDAY + 8 * DAY, 0, 6_000, 0),
    ]
    run(workspace, account, MONDAY, MONDAY + 8 * DAY)
    run(workspace, account, MONDAY + 3 * DAY, MONDAY + 3 * DAY)
    assert stored(account) == once
    assert SupersededEvaluation.objects.count() == 0


def test_evaluate_goes_on_from_night_to_night(world):
    workspace, account = world
    ingest_events(workspace=workspace, events=logins(MONDAY, 5), moment=noon(MONDAY))
    for offset in range(9):
        run(workspace, account, MONDAY + offset * DAY, MONDAY + offset * DAY)
    assert [row[:3] for row in stored(account)] == [
        (MONDAY, MONDAY + 6 * DAY, 500_000),
        (MONDAY + 7 * DAY, MONDAY + 8 * DAY, 0),
    ]


def test_evaluate_restates_past_days_and_keeps_what_was_believed(world):
    workspace, account = world
    ingest_events(workspace=workspace, events=logins(MONDAY, 5), moment=noon(MONDAY))
    run(workspace, account, MONDAY, MONDAY + 5 * DAY)
    late = logins(MONDAY + 2 * DAY, 2)
    ingest_events(workspace=workspace, events=late, moment=noon(MONDAY + 5 * DAY))
    run(workspace, account, MONDAY + 2 * DAY, MONDAY + 5 * DAY)
    assert stored(account) == [
        (MONDAY, MONDAY + DAY, 500_000, 6_000, 0),
        (MONDAY + 2 * DAY, MONDAY + 4 * DAY, 700_000, 6_000, Evaluation.RESTATED),
        (MONDAY + 5 * DAY, MONDAY + 5 * DAY, 700_000, 6_000, 0),
    ]
    believed = SupersededEvaluation.objects.get()
    assert (believed.day, believed.to_day, believed.score) == (MONDAY, MONDAY + 5 * DAY, 500_000)


def test_evaluate_lets_today_change_without_restating(world):
    workspace, account = world
    ingest_events(workspace=workspace, events=logins(MONDAY, 5), moment=noon(MONDAY))
    run(workspace, account, MONDAY, MONDAY)
    more = [{**event, "event_id": f"more-{i}"} for i, event in enumerate(logins(MONDAY, 1))]
    ingest_events(workspace=workspace, events=more, moment=noon(MONDAY))
    run(workspace, account, MONDAY, MONDAY)
    assert stored(account) == [(MONDAY, MONDAY, 600_000, 6_000, 0)]
    assert SupersededEvaluation.objects.count() == 0


def test_evaluate_holds_the_band_where_data_is_lost(world):
    workspace, account = world
    ingest_events(workspace=workspace, events=logins(MONDAY, 9), moment=noon(MONDAY))
    record_measurements(
        workspace=workspace,
        rows=[MeasurementRow("acme", "sponsor", 20, measured_at=noon(MONDAY))],
        moment=noon(MONDAY),
    )
    run(workspace, account, MONDAY, MONDAY + 4 * DAY)
    first, expired = Evaluation.objects.filter(account_id=account.pk).order_by("day")
    assert (first.day, first.score, first.band, first.flags) == (MONDAY, 620_000, 1, 0)
    assert (expired.day, expired.score, expired.band) == (MONDAY + 4 * DAY, 900_000, 1)
    assert expired.flags == Evaluation.HELD


def test_ledger_of_stored_days_adds_up(world):
    workspace, account = world
    ingest_events(workspace=workspace, events=logins(MONDAY, 9), moment=noon(MONDAY))
    record_measurements(
        workspace=workspace,
        rows=[MeasurementRow("acme", "sponsor", 20, measured_at=noon(MONDAY))],
        moment=noon(MONDAY),
    )
    run(workspace, account, MONDAY, MONDAY + 8 * DAY)
    card = Scorecard.objects.get()
    found = changes(account=account, scorecard=card, first=MONDAY, last=MONDAY + 4 * DAY)
    assert found is not None
    assert found.delta == 280_000
    assert [(e.metric, e.kind, e.points) for e in found.entries if e.points] == [
        ("logins", "data", 360_000),
        ("sponsor", "data", -80_000),
    ]


def test_health_is_the_latest_day_only(world):
    workspace, account = world
    ingest_events(workspace=workspace, events=logins(MONDAY, 5), moment=noon(MONDAY))
    run(workspace, account, MONDAY, MONDAY + 8 * DAY)
    run(workspace, account, MONDAY, MONDAY)
    health = Health.objects.get(account_id=account.pk)
    assert (health.day, health.score, health.band_key) == (MONDAY + 8 * DAY, 0, "red")
    assert health.trend == [None] * 10 + [500_000, 0]


def test_health_tells_the_reason_of_its_change(world):
    workspace, account = world
    ingest_events(workspace=workspace, events=logins(MONDAY, 5), moment=noon(MONDAY))
    run(workspace, account, MONDAY, MONDAY + 30 * DAY)
    health = Health.objects.get(account_id=account.pk)
    assert (health.score, health.change) == (0, -500_000)
    assert health.reasons == [
        {
            "metric": "logins",
            "name": "Logins",
            "kinds": ["behaviour"],
            "points": -500_000,
            "status": None,
        }
    ]
    assert sentence(500_000, 0, 30, health.reasons) == "0, down 50 in 30 days: Logins −50."
