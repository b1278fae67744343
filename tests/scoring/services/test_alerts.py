from datetime import date

import pytest

from scoring.models import Alert
from scoring.services.configuration import save_rule
from tests.scoring.services.test_evaluate import DAY, MONDAY, logins, noon, run, world  # noqa: F401
from usage.services.ingest import ingest_events

pytestmark = pytest.mark.django_db

DROP = {
    "key": "drop",
    "name": "Significant drop",
    "scorecard": "health",
    "when": {"type": "score_change", "direction": "drop", "points": 20, "days": 3},
    "severity": "risk",
    "cooldown_days": 30,
}


def told() -> list[tuple[date, date | None, int | None, str]]:
    alerts = Alert.objects.order_by("day")
    return [(a.day, a.recovered_on, a.delta, a.state) for a in alerts]


@pytest.fixture
def busy(world):  # noqa: F811
    """Five log-ins on Monday: 50 for a week, then 0."""
    workspace, account = world
    ingest_events(workspace=workspace, events=logins(MONDAY, 5), moment=noon(MONDAY))
    save_rule(document=DROP)
    return workspace, account


def test_alert_is_raised_once_and_recovers(busy):
    workspace, account = busy
    run(workspace, account, MONDAY, MONDAY + 12 * DAY)
    assert told() == [(MONDAY + 7 * DAY, MONDAY + 10 * DAY, -500_000, "open")]


def test_alert_is_the_same_night_by_night_and_twice(busy):
    workspace, account = busy
    for offset in range(13):
        run(workspace, account, MONDAY + offset * DAY, MONDAY + offset * DAY)
    run(workspace, account, MONDAY, MONDAY + 12 * DAY)
    run(workspace, account, MONDAY + 8 * DAY, MONDAY + 8 * DAY)
    assert told() == [(MONDAY + 7 * DAY, MONDAY + 10 * DAY, -500_000, "open")]


def test_alert_comes_again_after_it_recovered(busy):
    workspace, account = busy
    ingest_events(
        workspace=workspace, events=logins(MONDAY + 12 * DAY, 5), moment=noon(MONDAY + 12 * DAY)
    )
    run(workspace, account, MONDAY, MONDAY + 20 * DAY)
    assert [row[0] for row in told()] == [MONDAY + 7 * DAY, MONDAY + 19 * DAY]


@pytest.mark.parametrize(("cooldown", "days"), [(2, [7, 9]), (3, [7]), (30, [7])])
def test_alert_comes_again_while_it_lasts_only_after_its_cooldown(busy, cooldown, days):
    workspace, account = busy
    save_rule(document={**DROP, "cooldown_days": cooldown})
    run(workspace, account, MONDAY, MONDAY + 12 * DAY)
    assert [row[0] for row in told()] == [MONDAY + day * DAY for day in days]


def test_alert_keeps_the_ledger_that_caused_it(busy):
    workspace, account = busy
    run(workspace, account, MONDAY, MONDAY + 8 * DAY)
    alert = Alert.objects.get()
    assert (alert.compared_day, alert.score, alert.band_key) == (MONDAY + 4 * DAY, 0, "red")
    assert [(e["name"], e["points"]) for e in alert.entries] == [("Logins", -500_000)]


def test_band_change_raises_an_alert(busy):
    workspace, account = busy
    when = {"type": "band_change", "direction": "worse"}
    save_rule(document={**DROP, "key": "band", "when": when})
    ingest_events(workspace=workspace, events=logins(MONDAY, 9)[5:], moment=noon(MONDAY))
    run(workspace, account, MONDAY, MONDAY + 8 * DAY)
    alert = Alert.objects.get(rule__key="band")
    assert (alert.day, alert.band_key) == (MONDAY + 7 * DAY, "red")
