import csv
import io
from collections import Counter
from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Account, Role, User, Workspace
from accounts.tenancy import scope
from scoring.analysis import accounts as sizes
from scoring.engine.fixed import divide_half_up
from scoring.models import Evaluation, Scorecard
from scoring.scorecards import read_scorecard
from scoring.services.segments import save_segment
from tests.factories import make_account, make_member, make_workspace
from tests.scoring.analysis.walked import TODAY, WEEK_AGO, judge, walk, walked
from tests.scoring.scored import publish

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_noon")]


def get(client: Client, query: str = "") -> Any:
    response = client.get(f"/w/northwind/distribution/{query}")
    assert response.status_code == 200
    return response


def found(client: Client, query: str = "") -> Any:
    return get(client, query).context["found"]


def scores_on(workspace: Workspace, day: date) -> dict[str, int | None]:
    """Read account by account; today what was said of yesterday counts, too."""
    with scope(workspace.pk):
        card = Scorecard.objects.get()
        told = {}
        for account in Account.objects.all():
            row = Evaluation.objects.of(account.pk, card.pk).between(day, day).last()
            if row is not None:
                told[account.key] = row.score
        return told


@pytest.mark.parametrize("day", [WEEK_AGO, TODAY])
def test_counts_money_and_mean_are_the_sums_over_the_accounts(
    client: Client, workspace: Workspace, admin: User, day: date
) -> None:
    made = walked(workspace)
    scores = scores_on(workspace, day)
    counts: Counter[str] = Counter()
    money: dict[str, Counter[str]] = {}
    for key, score in scores.items():
        band = "unknown" if score is None else "red" if score < 505_000 else "yellow"
        band = "green" if score is not None and score >= 755_000 else band
        counts[band] += 1
        value = made[key].contract_value_cents
        if value is not None:
            money.setdefault(band, Counter())[made[key].currency] += value
    page = found(client, f"?to={day}")
    assert {row.band.key: row.accounts for row in page.bands if row.accounts} == counts
    assert {
        row.band.key: {each.currency: each.minor for each in row.money}
        for row in page.bands
        if row.money
    } == money
    known = [score for score in scores.values() if score is not None]
    assert page.mean[1] == divide_half_up(sum(known), len(known))
    assert (page.last.total, sum(row.share for row in page.bands)) == (len(scores), 1_000_000)


def test_weeks_are_those_of_each_seventh_day(
    client: Client, workspace: Workspace, admin: User
) -> None:
    walked(workspace)
    page = found(client, "?days=91")
    assert len(page.weeks) == 14
    assert [week.total for week in page.weeks[-3:]] == [0, 6, 6]
    assert page.weeks[-2].accounts == (2, 0, 3, 1)
    assert page.weeks[-1].accounts == (1, 2, 2, 1)
    assert page.mean_change is None
    later = found(client, f"?from={WEEK_AGO}&to={TODAY}")
    assert [(row.band.key, row.change) for row in later.bands] == [
        ("green", -166_667),
        ("yellow", 333_333),
        ("red", -166_666),
        ("unknown", 0),
    ]


def test_shares_are_of_money_in_one_currency(
    client: Client, workspace: Workspace, admin: User
) -> None:
    walked(workspace)
    page = found(client, "?money=EUR")
    assert (page.currency, page.currencies) == ("EUR", ["USD", "EUR"])
    # 500 of 507 euros are red, 7 are green; what stays has no known value, what is gone does not count.
    assert page.chart.columns[-1].shares == (986_193, 0, 13_807, 0)
    assert found(client, "?money=XXX").currency == ""


def test_groups_count_their_own(client: Client, workspace: Workspace, admin: User) -> None:
    walked(workspace)
    with scope(workspace.pk):
        Account.objects.filter(key__in=["fell", "rose"]).update(owner=admin, stage="live")
        conditions = [{"attribute": "stage", "op": "eq", "value": "live"}]
        save_segment(document={"key": "s", "name": "Live", "conditions": conditions}, today=TODAY)

    def groups(query: str) -> list[tuple[str, int, dict[str, int]]]:
        return [
            (
                group.name,
                group.spread.total,
                {part["band"].key: part["count"] for part in group.bar if part["count"]},
            )
            for group in found(client, query).groups
        ]

    two = {"red": 1, "green": 1}
    rest = {"yellow": 2, "green": 1, "unknown": 1}
    assert groups("?group=stage") == [("No stage", 4, rest), ("live", 2, two)]
    assert groups("?group=owner") == [("Nobody", 4, rest), (str(admin), 2, two)]
    assert groups("?group=segment") == [("Live", 2, two)]
    assert groups("?group=owner&owner=me") == [(str(admin), 2, two)]


def test_metrics_have_their_means_and_the_share_that_fails(
    client: Client, workspace: Workspace, admin: User
) -> None:
    walked(workspace)
    extra = [
        walk(workspace, f"x{n}", 10 * n, 10 * n, stage="early" if n < 6 else "late")
        for n in range(11)
    ]
    judge(workspace, extra, first=TODAY, last=TODAY)
    sums: dict[str, list[int]] = {}
    with scope(workspace.pk):
        for account in Account.objects.exclude(key="gone"):
            card = read_scorecard(workspace=workspace, account=account, day=TODAY)
            assert card is not None
            for metric in card.metrics:
                if metric.score is not None:
                    sums.setdefault(metric.key, []).append(metric.score)
    rows = {row.average.metric.key: row for row in found(client).metrics}
    for key, scores in sums.items():
        average = rows[key].average
        low = sum(score < 505_000 for score in scores)
        assert (average.count, average.mean) == (
            len(scores),
            divide_half_up(sum(scores), len(scores)),
        )
        assert average.lowest == divide_half_up(low * 1_000_000, len(scores))
        assert (average.where.name, average.where.lowest) == ("early", 1_000_000)


def test_many_accounts_are_told_from_a_sample_that_is_named(
    client: Client, workspace: Workspace, admin: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sizes, "SAMPLE", 3)
    walked(workspace)
    response = get(client)
    page = response.context["found"]
    assert (page.last.total, page.weeks[-1].total) == (6, 2)
    assert b"evenly chosen" in response.content
    monkeypatch.undo()
    assert b"evenly chosen" not in get(client).content


def test_file_has_a_row_for_each_week_and_band(
    client: Client, workspace: Workspace, admin: User
) -> None:
    walked(workspace)
    text = b"".join(get(client, "?format=csv").streaming_content).decode()
    rows = list(csv.DictReader(io.StringIO(text)))
    assert len(rows) == 14 * 4
    assert rows[-4] == {
        "week_to": "2026-03-10",
        "band": "Poor",
        "accounts": "1",
        "accounts_percent": "16.6667",
        "money_USD": "0.00",
        "money_EUR": "500.00",
        "money_percent_USD": "0",
        "money_percent_EUR": "98.6193",
    }


@pytest.mark.parametrize("role", Role.values)
def test_every_member_may_look(client: Client, workspace: Workspace, role: str) -> None:
    make_account(workspace, "contoso")
    publish(workspace, WEEK_AGO)
    client.force_login(make_member(workspace, role))
    assert b"Nobody was scored on this day" in get(client).content


def test_nobody_else_may_look(client: Client, workspace: Workspace) -> None:
    assert client.get("/w/northwind/distribution/")["Location"].startswith("/login/")
    client.force_login(make_member(make_workspace()))
    assert client.get("/w/northwind/distribution/").status_code == 404


def test_number_of_queries_is_the_same_for_few_and_many(
    client: Client, workspace: Workspace, admin: User
) -> None:
    publish(workspace, WEEK_AGO)

    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            get(client, "?group=owner")
        return len(queries)

    judge(workspace, [walk(workspace, "a", 90, 10)], first=WEEK_AGO, last=TODAY)
    get(client)
    few = count()
    made = [walk(workspace, f"b{n}", 90 - n, 10, owner=make_member(workspace)) for n in range(9)]
    judge(workspace, made, first=WEEK_AGO, last=TODAY)
    assert count() == few
