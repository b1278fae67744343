"""What is packed says the same as the evaluations, whatever happened since it was packed."""

from datetime import date, timedelta

import numpy as np
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Account, Workspace
from accounts.tenancy import scope
from scoring.engine.fixed import NONE
from scoring.models import Evaluation, Scorecard, StandingsChange, StandingsPart
from scoring.scorecards import read_scorecard
from scoring.services.standings import pack_changes, pack_run, read_or_pack
from scoring.standings.metrics import read_metric_scores
from scoring.standings.order import metric_order, primary_metric_order
from scoring.standings.packed import DayStandings, pack, unpack
from scoring.standings.read import read_days
from tests.factories import make_workspace
from tests.scoring.analysis.walked import TODAY, WEEK_AGO, judge, walk, walked
from tests.scoring.scored import document, measure, metric, publish

pytestmark = pytest.mark.django_db
Told = dict[int, tuple[int, int, int | None, date]]


@pytest.fixture
def workspace() -> Workspace:
    return make_workspace("northwind")


def naive(day: date, today: date) -> Told:
    """Account by account from its rows: version, band, score and the day that was told."""
    since = day - timedelta(days=1) if day == today else day
    found: Told = {}
    for row in Evaluation.objects.filter(day__lte=day).order_by("day"):
        found.pop(row.account_id, None)
        if row.to_day >= since:
            told = min(row.to_day, day)
            found[row.account_id] = row.version_id, row.band, row.score, told
    return found


def plain(found: DayStandings | None) -> Told:
    assert found is not None
    columns = (found.ids, found.version, found.band, found.score, found.told)
    return {
        pk: (version, band, None if score == NONE else score, date.fromordinal(told))
        for pk, version, band, score, told in zip(*(c.tolist() for c in columns), strict=True)
    }


def read(day: date, today: date = TODAY) -> Told:
    card = Scorecard.objects.get()
    return plain(read_days(card.pk, [day], today=today)[day])


def packed(day: date, today: date = TODAY) -> None:
    read_or_pack(scorecard_id=Scorecard.objects.get().pk, days=[day], today=today)


def test_packed_and_unpacked_is_the_same() -> None:
    found = DayStandings(
        np.array([3, 9, 2**32], np.int64),
        np.array([7, 5, 7], np.int64),
        np.array([0, -1, 2], np.int8),
        np.array([123_456, NONE, 1_000_000], np.int32),
        np.array([TODAY.toordinal(), TODAY.toordinal() - 1, TODAY.toordinal()], np.int32),
    )
    for each in (found, DayStandings.empty()):
        again = unpack(pack(each, TODAY), TODAY)
        for name, column in vars(each).items():
            assert getattr(again, name).tolist() == column.tolist()


@pytest.mark.parametrize("day", [TODAY, TODAY - timedelta(days=1), WEEK_AGO, date(2020, 1, 1)])
def test_a_day_is_packed_as_its_evaluations_say(workspace: Workspace, day: date) -> None:
    walked(workspace)
    with scope(workspace.pk):
        assert read_days(Scorecard.objects.get().pk, [day], today=TODAY)[day] is None
        packed(day)
        assert read(day) == naive(day, TODAY)


def test_what_is_evaluated_later_is_told_at_once(workspace: Workspace) -> None:
    made = walked(workspace)
    with scope(workspace.pk):
        for day in (WEEK_AGO, TODAY):
            packed(day)
        before = read(TODAY)
    measure(workspace, made["fell"], TODAY, usage=100, support=100, nps=100)
    judge(workspace, [made["fell"]], first=TODAY, last=TODAY)
    judge(workspace, [made["new"]], first=WEEK_AGO, last=WEEK_AGO)
    with scope(workspace.pk):
        assert read(TODAY) == naive(TODAY, TODAY)
        assert read(TODAY) != before
        assert read(WEEK_AGO) == naive(WEEK_AGO, TODAY)
        assert made["new"].pk in read(WEEK_AGO)


def test_a_day_of_nobody_is_filled_later(workspace: Workspace) -> None:
    publish(workspace, WEEK_AGO)
    account = walk(workspace, "a", 40, 50)
    with scope(workspace.pk):
        packed(TODAY)
        assert read(TODAY) == {}
    judge(workspace, [account], first=TODAY, last=TODAY)
    with scope(workspace.pk):
        assert set(read(TODAY)) == {account.pk}


def test_packing_the_changes_leaves_nothing_to_read_beside(workspace: Workspace) -> None:
    made = walked(workspace)
    with scope(workspace.pk):
        packed(WEEK_AGO)
    judge(workspace, [made["new"]], first=WEEK_AGO, last=WEEK_AGO)
    with scope(workspace.pk):
        pack_changes(scorecard=Scorecard.objects.get(), today=TODAY)
        assert not StandingsChange.objects.exists()
        for day in (WEEK_AGO, TODAY):
            assert read(day) == naive(day, TODAY)
        with CaptureQueriesContext(connection) as queries:
            read(TODAY)
    assert not [each for each in queries.captured_queries if "scoring_evaluation" in each["sql"]]


def test_today_goes_on_from_yesterday_until_it_is_evaluated(workspace: Workspace) -> None:
    made = walked(workspace)
    tomorrow = TODAY + timedelta(days=1)
    with scope(workspace.pk):
        pack_changes(scorecard=Scorecard.objects.get(), today=TODAY)
        assert read(tomorrow, tomorrow) == naive(tomorrow, tomorrow)
        assert made["fell"].pk in read(tomorrow, tomorrow)
    judge(workspace, [made["slid"]], first=tomorrow, last=tomorrow)
    with scope(workspace.pk):
        assert read(tomorrow, tomorrow) == naive(tomorrow, tomorrow)
        packed(tomorrow, tomorrow)
        later = tomorrow + timedelta(days=1)
        assert set(read(tomorrow, later)) == set(naive(tomorrow, later)) == {made["slid"].pk}


def test_a_run_packs_its_days_and_the_metrics_of_the_newest(workspace: Workspace) -> None:
    walked(workspace)
    with scope(workspace.pk):
        pack_run(first=WEEK_AGO, last=TODAY, today=TODAY)
        days = set(StandingsPart.objects.filter(metric="").values_list("day", flat=True))
        assert days == {WEEK_AGO + timedelta(days=n) for n in range(8)}
        metrics = StandingsPart.objects.exclude(metric="").values_list("day", "metric")
        assert set(metrics) == {(TODAY, key) for key in ("usage", "support", "nps")}
        for day in days:
            assert read(day) == naive(day, TODAY)


def test_metrics_stay_with_a_day_that_told_of_the_day_before(workspace: Workspace) -> None:
    made = walked(workspace)
    tomorrow, later = TODAY + timedelta(days=1), TODAY + timedelta(days=2)
    judge(workspace, [made["slid"]], first=tomorrow, last=tomorrow)
    with scope(workspace.pk):
        card = Scorecard.objects.get()
        pack_changes(scorecard=card, today=tomorrow)
    judge(workspace, [made["new"]], first=WEEK_AGO, last=WEEK_AGO)
    with scope(workspace.pk):
        pack_changes(scorecard=card, today=later)
        found = metric_order(card, "usage", today=later)
        assert found.ids.tolist() == [made["slid"].pk]


def test_day_that_another_packed_meanwhile_is_left_as_it_is(workspace: Workspace) -> None:
    made = walked(workspace)
    with scope(workspace.pk):
        card = Scorecard.objects.get()
        pack_changes(scorecard=card, today=TODAY)
    late = walk(workspace, "late", 50, 50)
    judge(workspace, [late], first=TODAY, last=TODAY)
    with scope(workspace.pk):
        packed(TODAY)  # of a request that began before the others' packing ended
        found = metric_order(card, "usage", today=TODAY)
        assert {late.pk, made["new"].pk} <= set(found.ids.tolist())
        assert read(TODAY) == naive(TODAY, TODAY)


def scores(workspace: Workspace, key: str) -> dict[str, int]:
    """As each account's page tells them."""
    found = {}
    for account in Account.objects.all():
        card = read_scorecard(workspace=workspace, account=account, day=TODAY)
        if card is not None and card.day == TODAY:
            score = next(each.score for each in card.metrics if each.metric.key == key)
            if score is not None:
                found[account.key] = score
    return found


def ordered(order: tuple[list[int], list[int]]) -> list[tuple[str, int]]:
    names = dict(Account.objects.values_list("pk", "key"))
    return [(names[pk], score) for pk, score in zip(*order, strict=True)]


def test_the_order_by_a_metric_is_that_of_the_pages(workspace: Workspace) -> None:
    made = walked(workspace)
    ids = {key: account.pk for key, account in made.items()}
    with scope(workspace.pk):
        card = Scorecard.objects.get()
        for _attempt in ("packed by the read", "as packed"):
            found = metric_order(card, "usage", today=TODAY)
            expected = sorted(
                scores(workspace, "usage").items(), key=lambda each: (each[1], ids[each[0]])
            )
            assert ordered((found.ids.tolist(), found.scores.tolist())) == expected
    measure(workspace, made["rose"], TODAY, usage=1)
    judge(workspace, [made["rose"]], first=TODAY, last=TODAY)
    with scope(workspace.pk):
        found = metric_order(card, "usage", today=TODAY)
        assert ordered((found.ids.tolist()[:1], found.scores.tolist()[:1])) == [("rose", 10_000)]
        place = found.ids.tolist().index(ids["rose"])
        assert found.before(10_000, ids["rose"]) == place == found.after(10_000, ids["rose"]) - 1


def test_a_metric_without_data_orders_nobody(workspace: Workspace) -> None:
    publish(workspace, WEEK_AGO)
    walk(workspace, "a", None, None)
    with scope(workspace.pk):
        cards = list(Scorecard.objects.active())
        assert len(primary_metric_order(cards, "usage", today=TODAY).ids) == 0
        assert len(primary_metric_order(cards, "unheard", today=TODAY).ids) == 0


def test_a_new_metric_is_known_when_it_is_evaluated(workspace: Workspace) -> None:
    made = walked(workspace)
    with scope(workspace.pk):
        pack_changes(scorecard=Scorecard.objects.get(), today=TODAY)
    publish(workspace, TODAY, document(metric("usage", 1), metric("calls", 1)))
    measure(workspace, made["fell"], TODAY, calls=40)
    with scope(workspace.pk):
        card = Scorecard.objects.get()
        assert len(metric_order(card, "calls", today=TODAY).ids) == 0
    judge(workspace, [made["fell"]], first=TODAY, last=TODAY)
    with scope(workspace.pk):
        card = Scorecard.objects.get()
        assert metric_order(card, "calls", today=TODAY).ids.tolist() == [made["fell"].pk]
        assert read_metric_scores(card, today=TODAY).keys == ("usage", "calls")
