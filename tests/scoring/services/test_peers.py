"""Percentiles: everybody of a day is ranked among the same peers, whoever is evaluated when."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from threading import Barrier
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection

from accounts.models import Account, Workspace
from accounts.services.stale import mark_stale
from accounts.tenancy import scope
from scoring.distributions import distribution_of
from scoring.engine.compiled import compile_card
from scoring.engine.document import parse
from scoring.explanations import explain, holding
from scoring.inputs import peers as measuring
from scoring.models import Evaluation, PeerValues, RunKind, Scorecard
from scoring.services import peers, runs
from scoring.services.configuration import publish_scorecard
from scoring.services.evaluate import evaluate, evaluated
from scoring.services.peers import Peers, forget_peers
from scoring.services.runs import start_night, start_run, work_run
from scoring.services.stale import evaluate_stale
from tests.factories import make_account, make_workspace
from usage.services.ingest import ingest_events

TODAY = date(2026, 6, 10)
NOW = datetime(2026, 6, 10, 12, tzinfo=UTC)
DAY = timedelta(days=1)
LONG_AGO = TODAY - 20 * DAY
USAGE = {"type": "usage", "measure": "logins", "window_days": 5}
TICKETS = {"type": "attribute", "attribute": "tickets"}


def metric(key: str, source: dict[str, Any] = USAGE, **grade: Any) -> dict[str, Any]:
    graded = {"type": "percentile", **grade}
    return {"key": key, "name": key, "weight": 1, "source": source, "grade": graded}


def card(*metrics: dict[str, Any], **fields: Any) -> dict[str, Any]:
    group = {"key": "g", "name": "G", "weight": 1, "metrics": list(metrics)}
    return {"key": "health", "name": "Health", "groups": [group], **fields}


def publish(workspace: Workspace, document: dict[str, Any]) -> None:
    with scope(workspace.pk):
        publish_scorecard(document=document, by=None, moment=NOW)


def logins(account: str, count: int, day: date = TODAY, name: str = "") -> list[dict[str, Any]]:
    return [
        {
            "event_id": f"{account}-{day}-{name}-{n}",
            "account": account,
            "user": f"u{n}",
            "type": "login",
            "occurred_at": f"{day}T08:00:00Z",
        }
        for n in range(count)
    ]


def used(workspace: Workspace, **counts: int) -> None:
    for key, count in counts.items():
        with scope(workspace.pk):
            ingest_events(workspace=workspace, events=logins(key, count, name="more"), moment=NOW)


def built(counts: tuple[int, ...] = (0, 1, 2, 2, 3, 9)) -> Workspace:
    """Accounts a0, a1, … with so many log-ins today; each was seen once long ago."""
    workspace = make_workspace()
    for n in range(len(counts)):
        make_account(workspace, f"a{n}")
    with scope(workspace.pk):
        events = [event for n, count in enumerate(counts) for event in logins(f"a{n}", count)]
        events += [event for n in range(len(counts)) for event in logins(f"a{n}", 1, LONG_AGO)]
        ingest_events(workspace=workspace, events=events, moment=NOW)
    return workspace


@pytest.fixture
def workspace(db: None) -> Workspace:
    workspace = built()
    publish(workspace, card(metric("logins")))
    return workspace


def run(workspace: Workspace, first: date = TODAY, last: date = TODAY) -> None:
    with scope(workspace.pk):
        started = start_run(kind=RunKind.REQUEST, first=first, last=last)
    for _ in work_run(workspace=workspace, run_id=started.pk, clock=lambda: NOW):
        pass


def night(workspace: Workspace, today: date) -> None:
    started = start_night(workspace=workspace, today=today, last_night=None)
    assert started is not None
    for _ in work_run(workspace=workspace, run_id=started.pk, clock=lambda: NOW):
        pass


def shown(workspace: Workspace, day: date = TODAY, key: str = "health") -> list[float | None]:
    """The scores on the day, in the order of the accounts; None where there is none."""
    with scope(workspace.pk):
        scorecard = Scorecard.objects.get(key=key)
        ids = list(Account.objects.order_by("pk").values_list("pk", flat=True))
        held = holding(scorecard.pk, [(pk, day) for pk in ids])
        rows = [held.get((pk, day)) for pk in ids]
    return [None if row is None or row.score is None else row.score / 10_000 for row in rows]


def kept(workspace: Workspace, day: date = TODAY) -> list[list[int]]:
    """Each metric's distinct values that are kept of the day."""
    with scope(workspace.pk):
        rows = PeerValues.objects.filter(day=day).order_by("metric")
        return [(distribution_of(row.peers).values // 10_000).tolist() for row in rows]


def test_percentile_is_the_rank_among_all_accounts(workspace: Workspace) -> None:
    run(workspace)
    assert shown(workspace) == [8.3333, 25.0, 50.0, 50.0, 75.0, 91.6667]


def test_fewer_than_five_peers_have_no_percentile(db: None) -> None:
    workspace = built((1, 2, 3, 4))
    publish(workspace, card(metric("logins")))
    run(workspace)
    assert shown(workspace) == [None] * 4


def test_peers_are_the_accounts_that_the_scorecard_measures(workspace: Workspace) -> None:
    make_account(workspace, "trial", stage="trial")
    publish(workspace, card(metric("logins"), applies_to={"stage": [""]}))
    run(workspace)
    assert shown(workspace) == [8.3333, 25.0, 50.0, 50.0, 75.0, 91.6667, None]


def test_a_missing_value_is_no_peer(db: None) -> None:
    workspace = make_workspace()
    for n in range(7):
        make_account(workspace, f"a{n}", attributes={"tickets": n} if n < 5 else {})
    publish(workspace, card(metric("tickets", TICKETS, lower_is_better=True)))
    run(workspace)
    assert shown(workspace) == [90.0, 70.0, 50.0, 30.0, 10.0, None, None]


def test_growth_is_ranked_by_its_ratio(db: None) -> None:
    """1 → 2, 2 → 2, 4 → 2, 8 → 2, 0 → 2, and one without any use then or now."""
    workspace = built((2, 2, 2, 2, 2, 0))
    with scope(workspace.pk):
        before = TODAY - 5 * DAY
        for n, count in enumerate((1, 2, 4, 8)):
            events = logins(f"a{n}", count, before)
            ingest_events(workspace=workspace, events=events, moment=NOW)
    publish(workspace, card(metric("growth", {"type": "growth", "source": USAGE, "window": 5})))
    run(workspace)
    assert shown(workspace) == [70.0, 50.0, 30.0, 10.0, 90.0, None]


def test_whoever_is_evaluated_later_meets_the_same_peers(workspace: Workspace) -> None:
    """A second log-in makes a1 equal to a2 and a3 of the morning."""
    run(workspace)
    used(workspace, a1=1)
    evaluate_stale(workspace=workspace, moment=NOW)
    assert shown(workspace) == [8.3333, 50.0, 50.0, 50.0, 75.0, 91.6667]
    assert kept(workspace) == [[0, 1, 2, 3, 9]]


def test_a_later_run_measures_the_peers_again(workspace: Workspace) -> None:
    run(workspace)
    used(workspace, a1=1)
    run(workspace)
    assert shown(workspace) == [8.3333, 41.6667, 41.6667, 41.6667, 75.0, 91.6667]
    assert kept(workspace) == [[0, 2, 3, 9]]


def test_a_run_over_some_accounts_keeps_the_peers_of_the_others(workspace: Workspace) -> None:
    run(workspace)
    used(workspace, a1=1)
    with scope(workspace.pk):
        one = Account.objects.get(key="a1").pk
        part = start_run(kind=RunKind.REQUEST, first=TODAY, last=TODAY, account_ids=[one])
    for _ in work_run(workspace=workspace, run_id=part.pk, clock=lambda: NOW):
        pass
    assert kept(workspace) == [[0, 1, 2, 3, 9]]


def test_slices_share_their_peers(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runs, "LARGEST_SLICE", 1)
    run(workspace)
    assert shown(workspace) == [8.3333, 25.0, 50.0, 50.0, 75.0, 91.6667]


def test_days_have_peers_of_their_own(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However the days are cut into blocks: as one night after the other."""
    with scope(workspace.pk):
        for n in range(6):
            events = logins(f"a{n}", 6 - n, TODAY - 3 * DAY)
            ingest_events(workspace=workspace, events=events, moment=NOW)
    days = [TODAY + n * DAY for n in range(-4, 6)]
    for day in days:
        run(workspace, day, day)
    expected = [shown(workspace, day) for day in days]
    with scope(workspace.pk):
        Evaluation.objects.all().delete()
        PeerValues.objects.all().delete()
    monkeypatch.setattr(measuring, "MOST_VALUES", 6 * 3)
    monkeypatch.setattr(measuring, "MOST_LOADED", 6)
    monkeypatch.setattr(peers, "READ_AT_ONCE", 2 * DAY)
    monkeypatch.setattr(runs, "DAYS_AT_ONCE", 4 * DAY)
    run(workspace, days[0], days[-1])
    assert [shown(workspace, day) for day in days] == expected
    assert len({tuple(scores) for scores in expected}) == 4


def test_late_data_is_ranked_among_the_peers_of_its_day(workspace: Workspace) -> None:
    yesterday = TODAY - DAY
    with scope(workspace.pk):
        for n in range(6):
            events = logins(f"a{n}", n, yesterday)
            ingest_events(workspace=workspace, events=events, moment=NOW)
    run(workspace, yesterday, TODAY)
    before = kept(workspace, yesterday)
    with scope(workspace.pk):
        ingest_events(workspace=workspace, events=logins("a0", 4, yesterday, "late"), moment=NOW)
    evaluate_stale(workspace=workspace, moment=NOW)
    assert kept(workspace, yesterday) == before == [[0, 1, 2, 3, 4, 5]]
    assert shown(workspace, yesterday) == [75.0, 25.0, 41.6667, 58.3333, 75.0, 91.6667]


def test_a_day_without_peers_gets_them_when_it_is_restated(workspace: Workspace) -> None:
    yesterday = TODAY - DAY
    run(workspace, yesterday, yesterday)
    with scope(workspace.pk):
        PeerValues.objects.all().delete()
        account = Account.objects.get(key="a5")
        mark_stale(account_ids=[account.pk], from_day=yesterday, moment=NOW)
    evaluate_stale(workspace=workspace, moment=NOW)
    assert kept(workspace, yesterday) == [[0]]


def test_a_draft_is_ranked_among_its_own_peers_and_keeps_nothing(workspace: Workspace) -> None:
    draft = compile_card(parse(card(metric("logins", lower_is_better=True))))
    with scope(workspace.pk):
        ids = list(Account.objects.order_by("pk").values_list("pk", flat=True))
        found = evaluated(
            draft,
            workspace=workspace,
            scorecard_id=0,
            version_id=0,
            account_ids=ids[:2],
            first=TODAY,
            last=TODAY,
        )
    assert found.fields["score"].tolist() == [[916_667, 750_000]]
    assert kept(workspace) == []


def test_a_draft_that_is_tried_again_is_not_measured_again(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    times = []
    measured = peers.measured_peers

    def counted(*arguments: Any, **options: Any) -> Any:
        times.append(1)
        return measured(*arguments, **options)

    monkeypatch.setattr(peers, "measured_peers", counted)
    draft = compile_card(parse(card(metric("logins"))))
    for _ in range(2):
        with scope(workspace.pk):
            ids = list(Account.objects.values_list("pk", flat=True))
            evaluated(
                draft,
                workspace=workspace,
                scorecard_id=0,
                version_id=0,
                account_ids=ids,
                first=TODAY,
                last=TODAY,
            )
    cache.clear()
    assert len(times) == 1


def test_another_scorecards_score_is_ranked_among_all_of_todays(db: None) -> None:
    """The first slice ranks among accounts whose score the history does not know yet."""
    workspace = built((0, 1, 2, 3, 4, 5))
    linear = metric("logins") | {"grade": {"type": "linear", "worst": 0, "best": 5}}
    publish(workspace, card(linear, key="base", rank=2))
    other = metric("base", {"type": "scorecard", "scorecard": "base"})
    publish(workspace, card(other, key="health"))
    with scope(workspace.pk):
        first = Account.objects.get(key="a1").pk
        evaluate(workspace=workspace, account_ids=[first], first=TODAY, last=TODAY, moment=NOW)
    assert shown(workspace) == [None, 25.0, None, None, None, None]


def test_percentiles_of_several_metrics_and_a_lost_one_hold_the_band(db: None) -> None:
    """A percentile that is lost for want of peers is a lost input: the band is held."""
    workspace = make_workspace()
    ids = [
        make_account(workspace, f"a{n}", attributes={"tickets": n, "fixed": 90}).pk
        for n in range(5)
    ]
    fixed = {
        "key": "fixed",
        "name": "Fixed",
        "weight": 1,
        "source": {"type": "attribute", "attribute": "fixed"},
        "grade": {"type": "ratio"},
    }
    publish(workspace, card(metric("tickets", TICKETS), fixed))
    yesterday = TODAY - DAY
    run(workspace, yesterday, yesterday)
    assert shown(workspace, yesterday)[0] == 50.0
    with scope(workspace.pk):
        Account.objects.filter(pk=ids[4]).delete()
    run(workspace)
    with scope(workspace.pk):
        scorecard = Scorecard.objects.get()
        row = holding(scorecard.pk, [(ids[0], TODAY)])[ids[0], TODAY]
        (told,) = explain([(row, TODAY)])
    assert (row.score, row.band, bool(row.flags & Evaluation.HELD)) == (900_000, 0, True)
    assert told.status_of("tickets").key == "missing"  # type: ignore[union-attr]


def test_old_peers_are_forgotten(workspace: Workspace) -> None:
    old = TODAY - peers.KEEP - DAY
    run(workspace, old, old + DAY)
    with scope(workspace.pk):
        forget_peers(TODAY)
    assert (kept(workspace, old), kept(workspace, old + DAY)) == ([], [[]])


def test_the_night_measures_anew_and_forgets(workspace: Workspace) -> None:
    run(workspace)
    used(workspace, a1=1)
    night(workspace, TODAY)
    assert kept(workspace) == [[0, 2, 3, 9]]
    night(workspace, TODAY + peers.KEEP + DAY)
    assert kept(workspace) == []


def test_workers_at_once_measure_once(committed: None, monkeypatch: pytest.MonkeyPatch) -> None:
    workspace = built()
    publish(workspace, card(metric("logins")))
    monkeypatch.setattr(runs, "LARGEST_SLICE", 1)
    with scope(workspace.pk):
        started = start_run(kind=RunKind.REQUEST, first=TODAY, last=TODAY)
    times = []
    measured = peers.measured_peers
    monkeypatch.setattr(
        peers, "measured_peers", lambda *a, **o: times.append(1) or measured(*a, **o)
    )
    barrier = Barrier(3)

    def work() -> None:
        barrier.wait()
        for _ in work_run(workspace=workspace, run_id=started.pk, clock=lambda: NOW):
            pass
        connection.close()

    with ThreadPoolExecutor(3) as pool:
        for done in [pool.submit(work) for _ in range(3)]:
            done.result()
    assert len(times) == 1
    assert shown(workspace) == [8.3333, 25.0, 50.0, 50.0, 75.0, 91.6667]


def test_a_draft_without_percentiles_asks_for_nothing(workspace: Workspace) -> None:
    plain = metric("logins") | {"grade": {"type": "ratio"}}
    assert not Peers(compile_card(parse(card(plain))), workspace, 0, 0).wanted
