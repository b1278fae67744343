"""The current primary health of accounts, as the portfolio lists it."""

import json
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from django.db import connection

from accounts.tenancy import current_workspace_id
from scoring.engine.ledger import ledger
from scoring.explanations import Dated, explain, holding, told
from scoring.matrix import load_matrix
from scoring.models import Evaluation, Health, Scorecard
from scoring.outcome import Result
from scoring.versions import compiled

WEEKS = 12

UPSERT = """
INSERT INTO scoring_health
    (workspace_id, account_id, scorecard_id, version_id, day, score, band, band_key, coverage,
     flags, change, reasons, trend)
SELECT %s, * FROM json_to_recordset(%s::json) AS new (
    account_id bigint, scorecard_id bigint, version_id bigint, day date, score int, band smallint,
    band_key varchar, coverage int, flags smallint, change int, reasons jsonb, trend jsonb)
ON CONFLICT (workspace_id, account_id) DO UPDATE SET
    scorecard_id = excluded.scorecard_id, version_id = excluded.version_id, day = excluded.day,
    score = excluded.score, band = excluded.band, band_key = excluded.band_key,
    coverage = excluded.coverage, flags = excluded.flags, change = excluded.change,
    reasons = excluded.reasons, trend = excluded.trend
WHERE excluded.day >= scoring_health.day
"""


def refresh_health(results: Sequence[Result], *, account_ids: list[int], day: date) -> None:
    """Make `day` the current one, unless a later day already is. The first card that applies is primary."""
    left = list(account_ids)
    rows: list[dict[str, Any]] = []
    for card, _outcome in results:
        found = _on(card, left, day)
        rows += _rows(card, found, day)
        left = [account_id for account_id in left if account_id not in found]
    Health.objects.filter(account_id__in=left, day__lte=day).delete()
    with connection.cursor() as cursor:
        cursor.execute(UPSERT, [current_workspace_id(), json.dumps(rows)])


def _on(card: Scorecard, account_ids: list[int], day: date) -> dict[int, Evaluation]:
    held = holding(card.pk, [(account_id, day) for account_id in account_ids])
    return {account_id: evaluation for (account_id, _day), evaluation in held.items()}


def _rows(card: Scorecard, found: dict[int, Evaluation], day: date) -> list[dict[str, Any]]:
    if not found:
        return []
    engine_card = compiled(card.current_version)
    earlier = day - timedelta(days=engine_card.card.trend_days)
    before = _on(card, list(found), earlier)
    changes = _changes(found, before, day, earlier)
    trends = _trends(card, list(found), day)
    return [
        _row(card, evaluation, day, before.get(account_id), changes, trends)
        for account_id, evaluation in found.items()
    ]


def _row(
    card: Scorecard,
    evaluation: Evaluation,
    day: date,
    before: Evaluation | None,
    changes: dict[int, list[dict[str, Any]]],
    trends: dict[int, list[int | None]],
) -> dict[str, Any]:
    band = compiled(card.current_version).bands[evaluation.band] if evaluation.band >= 0 else None
    return {
        "account_id": evaluation.account_id,
        "scorecard_id": card.pk,
        "version_id": evaluation.version_id,
        "day": day.isoformat(),
        "score": evaluation.score,
        "band": evaluation.band,
        "band_key": band.key if band else "unknown",
        "coverage": evaluation.coverage,
        "flags": evaluation.flags,
        "change": _change(before, evaluation),
        "reasons": changes.get(evaluation.account_id, []),
        "trend": trends[evaluation.account_id],
    }


def _change(before: Evaluation | None, after: Evaluation) -> int | None:
    if before is None or before.score is None or after.score is None:
        return None
    return after.score - before.score


def _changes(
    found: dict[int, Evaluation], before: dict[int, Evaluation], day: date, earlier: date
) -> dict[int, list[dict[str, Any]]]:
    """The largest entries of each ledger; a row that still holds has none."""
    moved = [
        account_id
        for account_id, evaluation in found.items()
        if account_id in before and before[account_id].day != evaluation.day
    ]
    rows: list[Dated] = [(before[a], earlier) for a in moved] + [(found[a], day) for a in moved]
    explained = explain(rows)
    pairs = zip(moved, explained[: len(moved)], explained[len(moved) :], strict=True)
    return {a: told(ledger(then, now), then, now) for a, then, now in pairs}


def _trends(card: Scorecard, account_ids: list[int], day: date) -> dict[int, list[int | None]]:
    first = day - timedelta(weeks=WEEKS - 1)
    bands = [band.key for band in compiled(card.current_version).bands]
    matrix = load_matrix(card.pk, account_ids, first, day, bands)
    weekly = matrix.scores[::7].T.tolist()
    return {
        account_id: [None if score == -1 else score for score in scores]
        for account_id, scores in zip(account_ids, weekly, strict=True)
    }
