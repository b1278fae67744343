"""Rows into arrays: everything that one scorecard needs of some accounts over some days."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from accounts.models import Workspace
from scoring.engine.card import Attribute, Growth, Metric, Milestone, Source, usage_of
from scoring.engine.card import Manual as ManualSource
from scoring.engine.compiled import Compiled
from scoring.engine.evaluate import Inputs
from scoring.engine.measures import COUNTS
from scoring.engine.status import Status
from scoring.inputs.manual import NEVER, Manual, load_manual
from scoring.inputs.milestones import join_conditions, reached
from scoring.inputs.others import Scores, load_others
from scoring.inputs.states import States, load_states, unknown_states
from usage.measures import Measure, measured


@dataclass(frozen=True)
class Loaded:
    """Leading axes (days, accounts). `measured` is the ordinal of a manual value's day, or −1."""

    inputs: Inputs
    applies: NDArray[np.bool_]
    measured: NDArray[np.int32]


def load(
    compiled: Compiled,
    *,
    workspace: Workspace,
    scorecard_id: int,
    account_ids: list[int],
    first: date,
    last: date,
    others: Scores | None = None,
) -> Loaded:
    """A constant number of queries, whatever the number of accounts, days and metrics.

    `others` are the scores of other scorecards that are known already; the rest is read.
    """
    days = np.arange(first.toordinal(), last.toordinal() + 1, dtype=np.int32)
    metrics = [compiled_metric.metric for compiled_metric in compiled.metrics]
    shape = (len(days), len(account_ids), len(metrics))
    columns = Manual(
        values=np.zeros(shape, np.int64),
        status=np.full(shape, Status.MISSING, np.uint8),
        measured=np.full(shape, NEVER, np.int32),
    )
    previous = np.zeros(shape, np.int64)
    states = (load_states if _asks_for_states(compiled) else unknown_states)(account_ids, days)
    _load_attributes(columns, previous, states, account_ids, metrics)
    _load_usage(columns, previous, account_ids, days, metrics)
    conditions = reached(columns, metrics)
    load_manual(
        columns,
        workspace=workspace,
        scorecard_id=scorecard_id,
        account_ids=account_ids,
        metrics={j: metric for j, metric in enumerate(metrics) if by_hand(metric)},
        first=first,
        last=last,
    )
    join_conditions(columns, conditions)
    load_others(columns, others or {}, metrics, account_ids=account_ids, first=first, last=last)
    _exempt(columns, states, metrics)
    age = np.where(columns.measured == NEVER, 0, days[:, None, None] - columns.measured)
    inputs = Inputs(
        values=columns.values,
        status=columns.status,
        age_days=age.astype(np.int32),
        previous=previous,
        stage=states.gather("stage"),
        age_months=age_months(states) if _by_age(metrics) else None,
        attributes={name: states.gather(name) for name in compiled.attributes},
    )
    return Loaded(inputs, states.applies(compiled.card.applies_to), columns.measured)


def _asks_for_states(compiled: Compiled) -> bool:
    """Reading them costs as much as the use of the product; many a scorecard has no need."""
    card = compiled.card
    return bool(card.applies_to or compiled.attributes) or any(
        _asks_for_state(metric.metric) for metric in compiled.metrics
    )


def _asks_for_state(metric: Metric) -> bool:
    source = observed(metric)
    source = source.source if isinstance(source, Growth) else source
    by = getattr(metric.grade, "by", None)
    return bool(isinstance(source, Attribute) or metric.not_applicable or by)


def by_hand(metric: Metric) -> bool:
    return isinstance(metric.source, ManualSource | Milestone)


def observed(metric: Metric) -> Source:
    """The source that is read: of a milestone that of its condition."""
    source = metric.source
    return source.when.source if isinstance(source, Milestone) and source.when else source


def _exempt(columns: Manual, states: States, metrics: list[Metric]) -> None:
    """By rule, whatever was measured."""
    for j, metric in enumerate(metrics):
        if metric.not_applicable is not None:
            exempt = states.held(metric.not_applicable.when)
            columns.values[:, :, j][exempt] = 0
            columns.status[:, :, j][exempt] = Status.NOT_APPLICABLE


def _load_attributes(
    columns: Manual,
    previous: NDArray[np.int64],
    states: States,
    account_ids: list[int],
    metrics: list[Metric],
) -> None:
    for j, source in enumerate(map(observed, metrics)):
        if isinstance(source, Attribute):
            values, status = states.measured(source)
            columns.values[:, :, j], columns.status[:, :, j] = values, status
        elif isinstance(source, Growth) and isinstance(source.source, Attribute):
            of = source.source
            earlier = load_states(account_ids, states.days - source.window)
            then, then_status = earlier.measured(of)
            now, status = states.measured(of)
            columns.values[:, :, j], previous[:, :, j] = now, then
            columns.status[:, :, j] = np.maximum(status, then_status)


def _load_usage(
    columns: Manual,
    previous: NDArray[np.int64],
    account_ids: list[int],
    days: NDArray[np.int32],
    metrics: list[Metric],
) -> None:
    """All plain usage metrics in one go; a growth once more for each of its windows."""
    now = dict(_usage(metrics))
    for j, values, known in _measured(now, account_ids, days):
        columns.values[:, :, j] = values
        columns.status[:, :, j] = np.where(known, Status.OK, Status.MISSING)
    windows = {m.source.window for m in metrics if isinstance(m.source, Growth)}
    for window in sorted(windows):
        then = {j: m for j, m in now.items() if _window(metrics[j]) == window}
        for j, values, known in _measured(then, account_ids, days - window):
            previous[:, :, j] = values
            if now[j].measure not in COUNTS:
                columns.status[:, :, j][~known] = Status.MISSING


def _window(metric: Metric) -> int | None:
    return metric.source.window if isinstance(metric.source, Growth) else None


def _usage(metrics: list[Metric]) -> Iterator[tuple[int, Measure]]:
    for j, metric in enumerate(metrics):
        source = usage_of(metric.source)
        if source is not None:
            yield (
                j,
                Measure(
                    measure=source.measure,
                    window_days=source.window_days,
                    features=source.features,
                    min_uses=source.min_uses,
                    frequency=source.frequency,
                ),
            )


def _measured(
    wanted: dict[int, Measure], account_ids: list[int], days: NDArray[np.int32]
) -> Iterator[tuple[int, NDArray[np.int64], NDArray[np.bool_]]]:
    if not wanted:
        return
    first = date.fromordinal(int(days[0]))
    consecutive = [first + timedelta(days=d) for d in range(len(days))]
    results = measured(account_ids=account_ids, days=consecutive, requests=list(wanted.values()))
    for j, (values, known) in zip(wanted, results, strict=True):
        yield j, values, known


def _by_age(metrics: list[Metric]) -> bool:
    return any(getattr(metric.grade, "by", None) == "age_months" for metric in metrics)


def age_months(states: States) -> NDArray[np.int32]:
    """Whole months since the account began; −1 where that is not known."""
    began = states.gather("created_on")
    months = np.full(began.shape, -1, np.int32)
    for d, ordinal in enumerate(states.days):
        day = date.fromordinal(int(ordinal))
        for n, start in enumerate(began[d]):
            if start is not None:
                months[d, n] = _months_between(start, day)
    return months


def _months_between(start: date, day: date) -> int:
    return (day.year - start.year) * 12 + day.month - start.month - (day.day < start.day)
