"""The current primary health of accounts, as the portfolio lists it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import msgspec
import numpy as np
from django.db import connection
from numpy.typing import NDArray

from accounts.tenancy import current_workspace_id, tenant_rows
from scoring import recent
from scoring.comparisons import Comparison
from scoring.detail import running
from scoring.engine.fixed import NONE, Bools, Int32, Int64
from scoring.engine.status import Status
from scoring.matrix import load_matrix
from scoring.models import Health, Scorecard
from scoring.outcome import Outcome, Result
from scoring.versions import compiled
from usage.packed import literal

UNCHANGED = -(2**31)
"""Stands for no change that is known: no score differs by as much."""

HELD = """
SELECT string_agg(int4send((asked.place - 1)::int), ''::bytea),
       string_agg(int8send(h.scorecard_id), ''::bytea),
       string_agg(int4send(h.day - DATE '0001-01-01' + 1), ''::bytea),
       string_agg(int4send((h.recent IS NOT NULL)::int), ''::bytea),
       string_agg(coalesce(h.recent, %(nothing)s::bytea), ''::bytea)
FROM unnest(%(accounts)s::bigint[]) WITH ORDINALITY AS asked (account_id, place)
JOIN scoring_health AS h ON h.workspace_id = %(workspace)s AND h.account_id = asked.account_id
"""

UPSERT = """
INSERT INTO scoring_health
    (workspace_id, scorecard_id, version_id, day, account_id, score, band, band_key, coverage,
     flags, change, reasons, recent)
SELECT %(workspace)s, %(scorecard)s, %(version)s, %(day)s, account_id, nullif(score, -1), band,
    (%(keys)s::text[])[band + 2], coverage, flags, nullif(change, %(unchanged)s),
    convert_from(substring(%(reasons)s::bytea FROM place FOR length), 'UTF8')::jsonb,
    substring(%(recent)s::bytea FROM (n::int - 1) * %(size)s + 1 FOR %(size)s)
FROM unnest(%(accounts)s::bigint[], %(scores)s::int[], %(bands)s::int[], %(coverages)s::int[],
            %(flags)s::int[], %(changes)s::int[], %(places)s::int[], %(lengths)s::int[])
    WITH ORDINALITY AS new (account_id, score, band, coverage, flags, change, place, length, n)
ON CONFLICT (workspace_id, account_id) DO UPDATE SET
    scorecard_id = excluded.scorecard_id, version_id = excluded.version_id, day = excluded.day,
    score = excluded.score, band = excluded.band, band_key = excluded.band_key,
    coverage = excluded.coverage, flags = excluded.flags, change = excluded.change,
    reasons = excluded.reasons, recent = excluded.recent
"""

RESTATE = """
UPDATE scoring_health AS h
SET recent = substring(%(recent)s::bytea FROM (n::int - 1) * %(size)s + 1 FOR %(size)s)
FROM unnest(%(accounts)s::bigint[]) WITH ORDINALITY AS new (account_id, n)
WHERE h.workspace_id = %(workspace)s AND h.account_id = new.account_id
"""


@dataclass(frozen=True)
class Held:
    """What was current, by account: 0 for no scorecard; days are ordinals; `kept` where `recent` is."""

    scorecard: Int64
    day: Int64
    kept: Bools
    recent: Int32


def refresh_health(results: Sequence[Result], *, account_ids: list[int], day: date) -> Int64:
    """Make `day` the current one, unless a later day already is. The first card that applies is primary.

    Returns the scorecard that is now primary, by account; 0 for none.
    """
    held = _held(account_ids)
    later = held.day > day.toordinal()
    primary = np.where(later, held.scorecard, 0)
    left = ~later
    for card, outcome in results:
        _restate(card, outcome, held, later)
        places = np.flatnonzero(left & outcome.applies[-1])
        if len(places):
            _store(card, outcome, places, held)
        primary[places] = card.pk
        left[places] = False
    gone = [account_ids[n] for n in np.flatnonzero(left & (held.scorecard != 0)).tolist()]
    if gone:
        Health.objects.filter(account_id__in=gone).delete()
    return primary


def forget_recent(outcome: Outcome) -> None:
    """Days of the past were evaluated again: the next refresh reads the scores from the history."""
    rows = Health.objects.filter(account_id__in=outcome.account_ids)
    rows.filter(scorecard_id=outcome.scorecard_id).update(recent=None)


def _held(account_ids: list[int]) -> Held:
    (found,) = tenant_rows(HELD, accounts=literal(account_ids), nothing=bytes(recent.SIZE))
    places, cards, days, kept, scores = (bytes(column or b"") for column in found)
    at = np.frombuffer(places, ">i4")
    count = len(account_ids)
    held = Held(
        np.zeros(count, np.int64),
        np.zeros(count, np.int64),
        np.zeros(count, np.bool_),
        np.full((count, recent.DAYS), NONE, np.int32),
    )
    held.scorecard[at] = np.frombuffer(cards, ">i8")
    held.day[at] = np.frombuffer(days, ">i4")
    held.kept[at] = np.frombuffer(kept, ">i4") != 0
    held.recent[at] = np.frombuffer(scores, recent.SCORES).reshape(-1, recent.DAYS)
    return held


def _restate(card: Scorecard, outcome: Outcome, held: Held, later: Bools) -> None:
    """A later day is current: only what it remembers of these days may be different."""
    places = np.flatnonzero(later & (held.scorecard == card.pk) & held.kept)
    if not len(places):
        return
    ago = held.day[places] - outcome.last.toordinal()
    scores = recent.with_days(held.recent[places], outcome.scores[:, places], ago)
    tenant_rows(
        RESTATE,
        recent=recent.packed(scores),
        size=recent.SIZE,
        accounts=literal([outcome.account_ids[n] for n in places.tolist()]),
    )


def _store(card: Scorecard, outcome: Outcome, places: Int64, held: Held) -> None:
    window = timedelta(days=outcome.card.card.trend_days)
    compared = Comparison.of(outcome, outcome.last - window, places)
    now, then = compared.now, compared.scores_before()
    known = (now["score"] != NONE) & (then != NONE)
    change = np.where(known, now["score"] - then, UNCHANGED)
    texts = [msgspec.json.encode(told) for told in compared.reasons(known)]
    starts = running([len(text) for text in texts])
    given: dict[str, Any] = {
        "workspace": current_workspace_id(),
        "scorecard": card.pk,
        "version": outcome.version_id,
        "day": outcome.last,
        "keys": ["unknown", *(band.key for band in outcome.card.bands)],
        "unchanged": UNCHANGED,
        "reasons": b"".join(texts),
        "recent": recent.packed(_recent(card, outcome, places, held)),
        "size": recent.SIZE,
        "accounts": literal([outcome.account_ids[n] for n in places.tolist()]),
        "scores": _array(now["score"]),
        "bands": _array(now["band"]),
        "coverages": _array(now["coverage"]),
        "flags": _array(now["flags"] | Health.STALE * _stale(outcome, places)),
        "changes": _array(change),
        "places": _array(starts[:-1] + 1),
        "lengths": _array(np.diff(starts)),
    }
    with connection.cursor() as cursor:
        cursor.execute(UPSERT, given)


def _stale(outcome: Outcome, places: Int64) -> NDArray[np.int16]:
    """1 where a metric of the last day is not what it was measured to be: expired, failed, or lost."""
    last = outcome.detail[-1, places]
    status = last["status"]
    weighted = np.array([metric.weight > 0 for metric in outcome.card.metrics], np.bool_)
    lost = (status == Status.MISSING) & (last["known"] != NONE)
    stale = lost | (status == Status.EXPIRED) | (status == Status.ERROR)
    found: NDArray[np.int16] = (stale & weighted).any(axis=1).astype(np.int16)
    return found


def _array(numbers: NDArray[np.signedinteger[Any]]) -> str:
    return literal(numbers.tolist())


def _recent(card: Scorecard, outcome: Outcome, places: Int64, held: Held) -> Int32:
    """The scores that were kept, moved on to the last day; read anew where they do not reach it."""
    first, last = outcome.first.toordinal(), outcome.last.toordinal()
    reaches = held.kept & (held.scorecard == card.pk) & (held.day >= first - 1)
    kept = reaches[places]
    scores = recent.moved_on(held.recent[places], np.where(kept, last - held.day[places], 0))
    today = np.zeros(len(places), np.int64)
    scores = recent.with_days(scores, outcome.scores[:, places], today)
    if not kept.all():
        ids = [outcome.account_ids[n] for n in places[~kept].tolist()]
        since = outcome.last - timedelta(days=recent.DAYS - 1)
        bands = [band.key for band in compiled(card.current_version).bands]
        scores[~kept] = load_matrix(card.pk, ids, since, outcome.last, bands).scores.T
    return scores
