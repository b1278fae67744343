import pytest
import time_machine
from django.test import Client

from scoring.pages.reasons import MetricRow
from tests.factories import make_member
from tests.scoring.scored import DAY, measure, noon, score
from tests.scoring.services.test_others import FIRST, built

pytestmark = pytest.mark.django_db


def test_metric_leads_to_the_scorecard_whose_score_it_is(client: Client) -> None:
    workspace, account = built()
    measure(workspace, account, FIRST, nps=80, logins=40)
    score(workspace, account, FIRST, FIRST + DAY)
    client.force_login(make_member(workspace))
    with time_machine.travel(noon(FIRST + DAY), tick=False):
        page = f"/w/{workspace.slug}/accounts/{account.key}/"
        shown = client.get(f"{page}?scorecard=health&day={FIRST}")
        rows = {
            row.metric.key: row
            for row in shown.context["reasons"].rows
            if isinstance(row, MetricRow)
        }
        assert rows["of-care"].other_url == f"{page}?day={FIRST}&scorecard=care"
        other = client.get(rows["of-care"].other_url)
        assert other.context["reasons"].scorecard.shown == 80
        assert rows["of-care"].metric.other.shown == 80
