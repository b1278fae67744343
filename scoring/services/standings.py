"""Packs the standings of all accounts, so that a page reads a portfolio as it reads one account."""

from collections.abc import Collection, Sequence
from datetime import date, timedelta

import numpy as np

from accounts.models import Account
from accounts.tenancy import current_workspace_id, tenant_rows
from scoring.engine.fixed import NONE
from scoring.models import Scorecard, StandingsPart
from scoring.standings.evaluated import DAY, read_evaluated, read_scores
from scoring.standings.packed import DayStandings, pack, pack_scores, unpack
from scoring.standings.read import (
    WHOLE,
    Change,
    account_ids,
    base_of,
    change_of,
    changed_on,
    read_parts,
)
from scoring.versions import compiled, compiled_versions

KEPT_DAYS = timedelta(days=364)
"""Days of a run that are packed at once; of older ones those that somebody asks for."""
STANDINGS_AT_ONCE = 50_000
"""Of accounts on days: few accounts have many days read in one statement."""
MANY_CHANGES = 300
NOTE = """
INSERT INTO scoring_standingschange (workspace_id, scorecard_id, first_day, last_day, account_ids)
VALUES (%(workspace)s, %(scorecard)s, %(first)s, %(last)s, %(ids)s)
"""
# One packs at a time: what it does not see is still told as a change.
LOCK = "SELECT pg_try_advisory_xact_lock(hashtextextended(%(name)s, 0))"
TAKE = """
DELETE FROM scoring_standingschange
WHERE workspace_id = %(workspace)s AND scorecard_id = %(scorecard)s
RETURNING first_day, last_day, account_ids
"""
STORE = """
INSERT INTO scoring_standingspart (workspace_id, scorecard_id, day, metric, packed)
VALUES (%(workspace)s, %(scorecard)s, %(day)s, %(metric)s, %(packed)s)
ON CONFLICT (workspace_id, scorecard_id, day, metric) DO UPDATE SET packed = excluded.packed
"""
MANY = """
SELECT count(*) FROM (SELECT FROM scoring_standingschange
    WHERE workspace_id = %(workspace)s AND scorecard_id = %(scorecard)s LIMIT %(many)s) AS changes
"""


def note_change(*, scorecard_id: int, ids: Sequence[int], first: date, last: date) -> None:
    """Their evaluations of these days were written, in this transaction."""
    packed = np.array(ids, "<i8").tobytes()
    tenant_rows(NOTE, scorecard=scorecard_id, first=first, last=last, ids=packed)


def read_or_pack(
    *, scorecard_id: int, days: Collection[date], today: date
) -> dict[date, DayStandings]:
    """Days that were not packed yet: read from the evaluations, and packed unless another does."""
    if not days:
        return {}
    mine = _locked(scorecard_id)
    ids = account_ids()
    found = read_evaluated(scorecard_id, dict.fromkeys(days, ids), today=today)
    found = {day: found.get(day, DayStandings.empty()) for day in days}
    if mine:
        # What another packed meanwhile stays, and its metrics in the same places.
        packed = _packed_days(scorecard_id)
        for day, standings in found.items():
            if day not in packed:
                _store(scorecard_id, day, WHOLE, pack(standings, day))
    return found


def pack_changes(*, scorecard: Scorecard, today: date) -> None:
    """Bring what is packed to what was evaluated since, and the metrics to the newest day."""
    if not _locked(scorecard.pk):
        return
    changes = [change_of(*row) for row in tenant_rows(TAKE, scorecard=scorecard.pk)]
    if not changes:
        return
    last = min(max(change.last for change in changes), today)
    packed = _packed_days(scorecard.pk)
    days = sorted({*packed, last})
    for day in days:
        if day not in packed or any(change.touches(day, today) for change in changes):
            _pack_day(scorecard.pk, day, changes, today)
    _pack_metrics(scorecard, days[-1], today)


def pack_run(*, first: date, last: date, today: date) -> None:
    """After a run over all accounts: its days, as far as they may be asked for."""
    at_once = max(1, STANDINGS_AT_ONCE // max(1, Account.objects.count()))
    for card in Scorecard.objects.active():
        pack_changes(scorecard=card, today=today)
        packed = _packed_days(card.pk)
        since = max(first, last - KEPT_DAYS)
        days = [since + n * DAY for n in range((last - since).days + 1)]
        missing = [day for day in days if day not in packed]
        for start in range(0, len(missing), at_once):
            some = missing[start : start + at_once]
            read_or_pack(scorecard_id=card.pk, days=some, today=today)


def pack_many_changes(*, today: date) -> None:
    """Before reading them costs more than packing them once."""
    for card in Scorecard.objects.active():
        ((found,),) = tenant_rows(MANY, scorecard=card.pk, many=MANY_CHANGES)
        if found >= MANY_CHANGES:
            pack_changes(scorecard=card, today=today)


def pack_metrics(*, scorecard: Scorecard, today: date) -> None:
    """Where nothing is packed of today, nor of yesterday."""
    read_or_pack(scorecard_id=scorecard.pk, days=[today], today=today)
    if _locked(scorecard.pk):
        _pack_metrics(scorecard, today, today)


def _pack_metrics(scorecard: Scorecard, day: date, today: date) -> None:
    """The scores in each metric, of this day alone."""
    parts = read_parts(scorecard.pk, [day])
    if (day, WHOLE) not in parts:
        return
    found = unpack(parts[day, WHOLE], day)  # with what no longer holds: in the same places
    version = int(found.version.max()) if len(found) else scorecard.current_version.pk
    version, scores = read_scores(
        scorecard.pk, found.ids.tolist(), day, today=today, version=version
    )
    StandingsPart.objects.filter(scorecard_id=scorecard.pk).exclude(metric=WHOLE).delete()
    none = np.full(len(found), NONE, np.int32)
    columns = {metric.key: none for metric in compiled(scorecard.current_version).metrics}
    for metric in compiled_versions({version})[version].metrics:
        columns[metric.key] = scores[:, metric.index]
    for key, column in columns.items():
        _store(scorecard.pk, day, key, pack_scores(column))


def _pack_day(scorecard_id: int, day: date, changes: Sequence[Change], today: date) -> None:
    base = base_of(read_parts(scorecard_id, [day, day - DAY]), day, today)
    ids = changed_on(changes, day, today) if base is not None else account_ids()
    if not len(ids):
        return
    new = read_evaluated(scorecard_id, {day: ids}, today=today).get(day, DayStandings.empty())
    merged = new if base is None else base.replaced(ids, new)
    _store(scorecard_id, day, WHOLE, pack(merged, day))


def _packed_days(scorecard_id: int) -> set[date]:
    parts = StandingsPart.objects.filter(scorecard_id=scorecard_id, metric=WHOLE)
    return set(parts.values_list("day", flat=True))


def _locked(scorecard_id: int) -> bool:
    name = f"standings:{current_workspace_id()}:{scorecard_id}"
    ((mine,),) = tenant_rows(LOCK, name=name)
    return bool(mine)


def _store(scorecard_id: int, day: date, metric: str, packed: bytes) -> None:
    tenant_rows(STORE, scorecard=scorecard_id, day=day, metric=metric, packed=packed)
