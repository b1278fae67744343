"""Stored evaluations read back as what the engine knew: the ground of ledgers, pages and the API."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np
from django.db import connection

from accounts.tenancy import current_workspace_id
from scoring.detail import Packed, unpack
from scoring.engine.compiled import Compiled
from scoring.engine.evaluate import Results, results
from scoring.engine.exceptions import effect
from scoring.engine.explained import Explained
from scoring.engine.fixed import NONE, Int32
from scoring.engine.ledger import Ledger, Reason, reasons
from scoring.inputs.load import age_months
from scoring.inputs.states import load_states
from scoring.models import Evaluation
from scoring.versions import compiled_versions

Dated = tuple[Evaluation, date]
Situations = Mapping[tuple[int, date], tuple[str | None, int | None]]
"""Stage and age in months, by account and day."""
MOST_TOLD = 3
FIELDS = [field.attname for field in Evaluation._meta.concrete_fields if field.name != "pk"]


HOLDING = f"""
SELECT wanted.day, {", ".join(f"e.{name}" for name in FIELDS)}
FROM unnest(%s::bigint[], %s::date[]) AS wanted (account_id, day)
CROSS JOIN LATERAL (
    SELECT * FROM scoring_evaluation AS every
    WHERE every.workspace_id = %s AND every.account_id = wanted.account_id
      AND every.scorecard_id = %s AND every.day <= wanted.day
    ORDER BY every.day DESC LIMIT 1
) AS e
WHERE e.to_day >= wanted.day
"""


def holding(
    scorecard_id: int, wanted: Collection[tuple[int, date]]
) -> dict[tuple[int, date], Evaluation]:
    """By account and day the evaluation that holds on it, in one query."""
    ids, days = [account_id for account_id, _ in wanted], [day for _, day in wanted]
    with connection.cursor() as cursor:
        cursor.execute(HOLDING, [ids, days, current_workspace_id(), scorecard_id])
        found = [
            (day, Evaluation(**dict(zip(FIELDS, values, strict=True))))
            for day, *values in cursor.fetchall()
        ]
    return {(evaluation.account_id, day): evaluation for day, evaluation in found}


def explain(rows: Sequence[Dated]) -> list[Explained]:
    """For each evaluation what it says on the day: a value ages while its row stays the same."""
    cards = compiled_versions({evaluation.version_id for evaluation, _ in rows})
    by_version: dict[int, list[int]] = defaultdict(list)
    for i, (evaluation, _) in enumerate(rows):
        by_version[evaluation.version_id].append(i)
    situations = _situations(rows, cards)
    found: dict[int, Explained] = {}
    for version_id, positions in by_version.items():
        mine = [rows[i] for i in positions]
        told = _of_version(cards[version_id], mine, situations)
        found |= zip(positions, told, strict=True)
    return [found[i] for i in range(len(rows))]


def _situations(rows: Sequence[Dated], cards: Mapping[int, Compiled]) -> Situations:
    """Asked for only where limits may be by stage or age, and another version may have others."""
    grades = [metric.grade for card in cards.values() for metric in card.metrics]
    if len(cards) < 2 or not any(getattr(grade, "by", None) for grade in grades):
        return {}
    account_ids = sorted({evaluation.account_id for evaluation, _ in rows})
    days = sorted({day for _, day in rows})
    states = load_states(account_ids, np.array([day.toordinal() for day in days], np.int32))
    stages, ages = states.gather("stage"), age_months(states)
    return {
        (account_id, day): (stages[d, n], int(ages[d, n]))
        for d, day in enumerate(days)
        for n, account_id in enumerate(account_ids)
    }


def rolled_up(card: Compiled, rows: Sequence[Dated]) -> tuple[np.ndarray[Any, Any], Results, Any]:
    """The records, the results again, and the ages in days, shaped (rows, metrics)."""
    days = np.array([day.toordinal() for _, day in rows], dtype=np.int32)
    details = Packed.of([evaluation.detail for evaluation, _ in rows])
    return rolled_details(card, details, days[:, None])


def rolled_details(
    card: Compiled, details: Packed, days: Int32 | int
) -> tuple[np.ndarray[Any, Any], Results, Any]:
    """The same of what is packed; `days` are ordinals."""
    records = unpack(card, details)
    measured = records["measured"]
    age = np.where(measured == NONE, 0, days - measured).astype(np.int32)
    known = np.ascontiguousarray(records["known"])
    return records, results(card, known, np.ascontiguousarray(records["status"]), age), age


def _of_version(card: Compiled, rows: Sequence[Dated], situations: Situations) -> list[Explained]:
    records, rolled, age = rolled_up(card, rows)
    of = [situations.get((evaluation.account_id, day), (None, None)) for evaluation, day in rows]
    return [
        Explained(
            compiled=card,
            version=evaluation.version_id,
            values=records["value"][i],
            status=rolled.status[i],
            scores=rolled.scores[i],
            counts=rolled.counts[i],
            computed=_or_none(evaluation.computed),
            adjusted=adjusted(card, evaluation),
            final=_or_none(evaluation.score),
            band=evaluation.band,
            held=bool(evaluation.flags & Evaluation.HELD),
            exception=_exception(card, evaluation.exception),
            override=bool(evaluation.flags & Evaluation.OVERRIDDEN),
            age_days=age[i],
            stage=of[i][0],
            age_months=of[i][1],
        )
        for i, (evaluation, _) in enumerate(rows)
    ]


def adjusted(card: Compiled, evaluation: Evaluation) -> int:
    """After the exception and before an override."""
    if not evaluation.flags & Evaluation.OVERRIDDEN:
        return _or_none(evaluation.score)
    computed = _or_none(evaluation.computed)
    if evaluation.exception == NONE:
        return computed
    rule = card.card.exceptions[evaluation.exception]
    return int(effect(card, rule, np.array([computed], dtype=np.int32))[0])


def _or_none(score: int | None) -> int:
    return NONE if score is None else score


def _exception(card: Compiled, index: int) -> str | None:
    return None if index == NONE else card.card.exceptions[index].name


def told(found: Ledger, before: Explained, after: Explained) -> list[dict[str, Any]]:
    """The reasons that say most about the change."""
    names = metric_names(before) | metric_names(after)
    return [told_reason(reason, names) for reason in reasons(found.entries)[:MOST_TOLD]]


def told_reason(reason: Reason, names: Mapping[str, str]) -> dict[str, Any]:
    """As it is stored and shown: `points` in ten-thousandths, `status` the metric's where it is
    another than before."""
    return {
        "metric": reason.metric,
        "name": names.get(reason.metric or "", reason.name),
        "kinds": list(reason.kinds),
        "points": reason.points,
        "status": None if reason.status is None else reason.status.key,
    }


def metric_names(explained: Explained) -> dict[str, str]:
    return {metric.key: metric.metric.name for metric in explained.compiled.metrics}
