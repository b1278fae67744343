"""Accounts whose data changed are evaluated within seconds: today, and the past days it touches."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import groupby, pairwise

from accounts.models import Workspace
from accounts.tenancy import scope, tenant_rows
from scoring.engine.compiled import Compiled
from scoring.engine.dependencies import in_order, needed
from scoring.models import Evaluation, Scorecard
from scoring.services.alerts import raise_alerts
from scoring.services.evaluate import evaluate, evaluated
from scoring.services.health import forget_recent
from scoring.services.history import record
from scoring.services.peers import Peers
from scoring.services.segment_members import renew_members
from scoring.services.standings import pack_many_changes
from scoring.versions import compiled_versions

BATCH = 200
DAY = timedelta(days=1)

# Both are locked until the evaluation commits: data that comes meanwhile waits and marks the account
# anew; an account that is evaluated at this moment keeps its mark for the next nudge.
CLAIM = """
DELETE FROM accounts_staleaccount WHERE workspace_id = %(workspace)s AND account_id IN (
    SELECT mark.account_id FROM accounts_staleaccount mark
    JOIN accounts_account account
        ON account.workspace_id = mark.workspace_id AND account.id = mark.account_id
    WHERE mark.workspace_id = %(workspace)s
    ORDER BY mark.marked_at LIMIT %(most)s
    FOR UPDATE OF mark SKIP LOCKED FOR NO KEY UPDATE OF account SKIP LOCKED)
RETURNING account_id, from_day
"""

Interval = tuple[date, date]


@dataclass(frozen=True)
class Stretch:
    """Consecutive days on which one version of a scorecard evaluated an account."""

    first: date
    last: date
    scorecard_id: int
    version_id: int


def evaluate_stale(*, workspace: Workspace, moment: datetime) -> int:
    """Work off the marks; the number of accounts. A mark and its evaluation are one transaction."""
    total = 0
    while done := _evaluate_batch(workspace, moment):
        total += done
    if total:
        with scope(workspace.pk):
            pack_many_changes(today=workspace.day_of(moment))
    return total


def _evaluate_batch(workspace: Workspace, moment: datetime) -> int:
    today = workspace.day_of(moment)
    with scope(workspace.pk):
        marks: dict[int, date] = dict(tenant_rows(CLAIM, most=BATCH))
        account_ids = sorted(marks)
        renew_members(account_ids)
        late = {account_id: day for account_id, day in marks.items() if day < today}
        if late:
            _restate(workspace, _stretches(late, today - DAY), moment)
        evaluate(
            workspace=workspace, account_ids=account_ids, first=today, last=today, moment=moment
        )
    return len(marks)


def _stretches(late: Mapping[int, date], last: date) -> dict[Stretch, list[int]]:
    """The evaluated days from each account's day on, with the accounts: only these are restated."""
    rows = (
        Evaluation.objects.filter(account_id__in=late)
        .between(min(late.values()), last)
        .order_by("account_id", "scorecard_id", "day")
        .values_list("account_id", "scorecard_id", "version_id", "day", "to_day")
    )
    found: dict[Stretch, list[int]] = defaultdict(list)
    for (account_id, *of), same in groupby(rows, key=lambda row: row[:3]):
        since = late[account_id]
        days = [(max(day, since), min(to_day, last)) for *_, day, to_day in same if to_day >= since]
        for first, end in _joined(days):
            found[Stretch(first, end, *of)].append(account_id)
    return found


def _joined(intervals: Iterable[Interval]) -> Iterator[Interval]:
    """Intervals in order, those that touch as one."""
    before: Interval | None = None
    for first, last in intervals:
        if before is not None and before[1] + DAY == first:
            before = before[0], last
            continue
        if before is not None:
            yield before
        before = first, last
    if before is not None:
        yield before


def _in_order(
    stretches: Mapping[Stretch, list[int]], cards: Mapping[int, Compiled]
) -> Iterator[tuple[Stretch, list[int]]]:
    """By day, and what a scorecard needs of others before it.

    Each version has needs of its own, so the days are cut where a version begins.
    """
    firsts: dict[int, date] = {}
    for days in stretches:
        before = firsts.get(days.version_id, days.first)
        firsts[days.version_id] = min(days.first, before)
    for since, until in pairwise([*sorted(set(firsts.values())), date.max]):
        part: dict[Stretch, list[int]] = defaultdict(list)
        for days, account_ids in stretches.items():
            clipped = replace(days, first=max(days.first, since), last=min(days.last, until - DAY))
            if clipped.first <= clipped.last:
                part[clipped] += account_ids
        places = _places({days.version_id for days in part}, cards)
        yield from sorted(
            part.items(), key=lambda pair: (places[pair[0].version_id], pair[0].first)
        )


def _places(version_ids: Iterable[int], cards: Mapping[int, Compiled]) -> dict[int, int]:
    """By version the place of its scorecard behind those that it needs."""
    needs: dict[str, list[str]] = defaultdict(list)
    for version_id in sorted(version_ids):
        card = cards[version_id].card
        needs[card.key] += needed(card)
    order = in_order(needs)
    return {version_id: order.index(cards[version_id].card.key) for version_id in version_ids}


def _restate(
    workspace: Workspace, stretches: Mapping[Stretch, list[int]], moment: datetime
) -> None:
    """Each day with the version that it was evaluated with: a late event publishes nothing."""
    cards = compiled_versions({days.version_id for days in stretches})
    active = {card.pk: card for card in Scorecard.objects.active()}
    for days, account_ids in _in_order(stretches, cards):
        peers = Peers(cards[days.version_id], workspace, days.scorecard_id, days.version_id)
        peers.keep(days.first, days.last, moment)
        outcome = evaluated(
            cards[days.version_id],
            workspace=workspace,
            scorecard_id=days.scorecard_id,
            version_id=days.version_id,
            account_ids=account_ids,
            first=days.first,
            last=days.last,
        )
        record(outcome, today=workspace.day_of(moment), moment=moment)
        forget_recent(outcome)
        if days.scorecard_id in active:
            raise_alerts([(active[days.scorecard_id], outcome)])
