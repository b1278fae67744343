"""Values that a person or another system sets: append-only, idempotent by content and moment."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from accounts.errors import InvalidInput, Problem
from accounts.models import Account, User, Workspace
from accounts.services.stale import mark_stale_from
from scoring.engine.card import Metric
from scoring.engine.values import encode
from scoring.inputs.load import by_hand
from scoring.kept import forget_scores
from scoring.models import Measurement, Scorecard
from scoring.versions import compiled

FIRST = datetime(1990, 1, 1, tzinfo=UTC)
# Other systems' clocks are not quite ours.
AHEAD = timedelta(minutes=5)


@dataclass(frozen=True)
class MeasurementRow:
    """`value` a number, level key or boolean; None with a reason: not applicable."""

    account: str
    metric: str
    value: float | int | str | bool | Decimal | None
    scorecard: str | None = None
    measured_at: datetime | None = None
    comment: str = ""
    reason: str = ""


@dataclass(frozen=True)
class Known:
    """What rows may name; `metrics` by the scorecard that a row names, or None."""

    accounts: dict[str, int]
    cards: dict[str, Scorecard]
    metrics: dict[str | None, dict[str, Metric]]


def record_measurements(
    *,
    workspace: Workspace,
    rows: list[MeasurementRow],
    moment: datetime,
    by: User | None = None,
    source: str = "",
) -> int:
    """The number of new measurements; the same one sent again is none. Raises InvalidInput."""
    known = _known(rows)
    problems = [
        problem
        for i, row in enumerate(rows)
        if (problem := _problem(row, f"measurements[{i}]", known, moment))
    ]
    if problems:
        raise InvalidInput(problems)
    new = _new([_measurement(row, known, moment, by, source) for row in rows])
    Measurement.objects.bulk_create(new, batch_size=500)
    from_days: dict[int, date] = {}
    for measurement in new:
        day = workspace.day_of(measurement.measured_at)
        from_days[measurement.account_id] = min(day, from_days.get(measurement.account_id, day))
    mark_stale_from(from_days=from_days, moment=moment)
    if by is not None:
        forget_scores()
    return len(new)


def _known(rows: list[MeasurementRow]) -> Known:
    keys = {row.account for row in rows}
    # Accounts are locked before they are marked stale, as everywhere.
    accounts = Account.objects.filter(key__in=keys).order_by("key").select_for_update(no_key=True)
    cards = list(Scorecard.objects.active())
    return Known(
        accounts=dict(accounts.values_list("key", "pk")),
        cards={card.key: card for card in cards},
        metrics={
            None: manual_metrics(cards),
            **{card.key: manual_metrics([card]) for card in cards},
        },
    )


def manual_metrics(cards: list[Scorecard]) -> dict[str, Metric]:
    """What may be set by hand, by key; of the same key in several cards the primary's."""
    return {
        metric.key: metric.metric
        for card in reversed(cards)
        for metric in compiled(card.current_version).metrics
        if by_hand(metric.metric)
    }


def _problem(row: MeasurementRow, path: str, known: Known, moment: datetime) -> Problem | None:
    if row.account not in known.accounts:
        return Problem(
            f"{path}.account", _("There is no account “%(key)s”.") % {"key": row.account}
        )
    if row.scorecard not in known.metrics:
        return Problem(
            f"{path}.scorecard", _("There is no scorecard “%(key)s”.") % {"key": row.scorecard}
        )
    metric = known.metrics[row.scorecard].get(row.metric)
    if metric is None:
        return Problem(
            f"{path}.metric",
            _("There is no metric “%(key)s” that is set by hand.") % {"key": row.metric},
        )
    if row.measured_at is not None:
        if row.measured_at > moment + AHEAD:
            return Problem(f"{path}.measured_at", _("This moment lies in the future."))
        if row.measured_at < FIRST:
            return Problem(f"{path}.measured_at", _("This moment lies too far in the past."))
    return _value_problem(row, path, metric)


def _value_problem(row: MeasurementRow, path: str, metric: Metric) -> Problem | None:
    if row.value is None:
        if row.reason:
            return None
        return Problem(f"{path}.reason", _("“Not applicable” needs a reason."))
    try:
        encode(metric, row.value)
    except ValueError as error:
        return Problem(f"{path}.value", str(error))
    return None


def _measurement(
    row: MeasurementRow, known: Known, moment: datetime, by: User | None, source: str
) -> Measurement:
    return Measurement(
        account_id=known.accounts[row.account],
        scorecard=known.cards[row.scorecard] if row.scorecard else None,
        metric=row.metric,
        value=row.value,
        not_applicable=row.value is None,
        measured_at=row.measured_at or moment,
        recorded_by=by,
        source=source,
        comment=row.comment,
        reason=row.reason,
    )


def _identity(measurement: Measurement) -> tuple[Any, ...]:
    return (
        measurement.account_id,
        measurement.scorecard_id,
        measurement.metric,
        measurement.measured_at,
        measurement.value,
        measurement.comment,
        measurement.reason,
    )


def _new(found: list[Measurement]) -> list[Measurement]:
    held = Measurement.objects.filter(
        account_id__in={m.account_id for m in found},
        measured_at__in={m.measured_at for m in found},
    )
    seen = {_identity(measurement) for measurement in held}
    new = []
    for measurement in found:
        if _identity(measurement) not in seen:
            seen.add(_identity(measurement))
            new.append(measurement)
    return new
