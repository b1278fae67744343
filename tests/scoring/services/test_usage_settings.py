"""Users of features and how often people come, from the event to the score."""

from datetime import date, timedelta

import pytest

from accounts.tenancy import scope
from scoring.models import Evaluation, Run
from scoring.services.runs import work_run
from scoring.services.usage_settings import change_usage_settings
from tests.factories import make_account, make_workspace
from tests.scoring.scored import DAY, document, metric, noon, publish, score
from tests.usage.naive import Happening
from tests.usage.recording import record

pytestmark = pytest.mark.django_db

TODAY = date(2026, 3, 10)
SETTINGS = {
    "frequency_frequent": 4,
    "frequency_occasional": 1,
    "frequency_goal": None,
    "login_names": "",
    "event_months": None,
}


def test_frequency_is_scored_and_other_limits_score_today_again() -> None:
    workspace = make_workspace()
    account = make_account(workspace, "a", from_day=TODAY - timedelta(days=99))
    events = [
        Happening("a", user, TODAY - timedelta(days=number), "feature", "reports")
        for user, often in (("ann", 9), ("bob", 8), ("eve", 6), ("joe", 1))
        for number in range(1, often + 1)
    ]
    record(workspace, events)
    often = {"type": "usage", "measure": "frequency", "frequency": "daily"}
    users = {"type": "usage", "measure": "feature_users", "features": ["reports"]}
    ratio = {"type": "ratio"}
    card = document(
        metric("often", 3, source=often, grade=ratio),
        metric("users", 1, source=users, grade={"type": "linear", "worst": 0, "best": 8}),
    )
    limits = SETTINGS | {"frequency_daily": 8}
    with scope(workspace.pk):
        change_usage_settings(workspace=workspace, today=TODAY, **limits)
        assert not Run.objects.exists()
    publish(workspace, TODAY - DAY, card)
    for day in (TODAY - DAY, TODAY):
        score(workspace, account, day)
    with scope(workspace.pk):
        # Half of the users come daily, and there are four of the eight that are best.
        assert set(Evaluation.objects.values_list("score", flat=True)) == {500_000}
        change_usage_settings(workspace=workspace, today=TODAY, **(limits | {"frequency_daily": 6}))
        run = Run.objects.get()
    for _ in work_run(workspace=workspace, run_id=run.pk, clock=lambda: noon(TODAY)):
        pass
    with scope(workspace.pk):
        scores = dict(Evaluation.objects.order_by("pk").values_list("day", "score"))
    assert scores == {TODAY - DAY: 500_000, TODAY: 687_500}
