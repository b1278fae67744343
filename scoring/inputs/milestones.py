"""Milestones that a condition can reach: done where it holds, or where a person says so."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from scoring.engine.card import Metric, Milestone
from scoring.engine.fixed import SCALE
from scoring.engine.grade import condition_holds
from scoring.engine.status import Status
from scoring.inputs.manual import NEVER, Manual


@dataclass(frozen=True)
class Reached:
    """Of one metric, shaped (days, accounts): whether its condition holds, and the source's status."""

    holds: NDArray[np.bool_]
    status: NDArray[np.uint8]


def reached(columns: Manual, metrics: list[Metric]) -> dict[int, Reached]:
    """By column, from the values of the conditions' sources; the columns are emptied."""
    found = {}
    for j, metric in enumerate(metrics):
        if isinstance(metric.source, Milestone) and metric.source.when is not None:
            status = columns.status[:, :, j].copy()
            holds = condition_holds(metric.source.when, columns.values[:, :, j])
            holds &= status == Status.OK
            # Without data yet it is not reached, as one that nobody set is not done.
            status[status == Status.MISSING] = Status.OK
            found[j] = Reached(holds, status)
            columns.values[:, :, j] = 0
    return found


def join_conditions(columns: Manual, found: dict[int, Reached]) -> None:
    """Into what was set by hand: who is not said to be exempt is done as soon as the condition holds.

    A condition is looked at every day anew, so that what it reached does not grow old.
    """
    for j, of in found.items():
        unset = columns.measured[:, :, j] == NEVER
        columns.status[:, :, j] = np.where(unset, of.status, columns.status[:, :, j])
        done = of.holds & (columns.status[:, :, j] != Status.NOT_APPLICABLE)
        columns.values[:, :, j] = np.where(done, SCALE, columns.values[:, :, j])
        columns.status[:, :, j] = np.where(done, Status.OK, columns.status[:, :, j])
        columns.measured[:, :, j] = np.where(done, NEVER, columns.measured[:, :, j])
