"""A measure over time: of one account, or how it is spread over a group."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from scoring.engine.peers import FEWEST_PEERS
from scoring.explorer.groups import Group
from scoring.kept import kept
from usage.measures import Measure, measured
from usage.windows import Bools, Ints

DAILY_UP_TO = 120
"""Days; a longer period is told by weeks."""
QUARTERS = (0.25, 0.5, 0.75)

Line = list[int | None]


@dataclass(frozen=True, slots=True)
class Spread:
    """At each point the quartiles in ten-thousandths, None where fewer than five accounts have a
    value; `total` is the sum, which of a sample is an estimate."""

    low: Line
    median: Line
    high: Line
    total: Line
    group: Group


def points(first: date, last: date) -> list[date]:
    """The last day and each day or week before it."""
    step = 1 if (last - first).days < DAILY_UP_TO else 7
    count = (last - first).days // step + 1
    return [last - timedelta(days=step * n) for n in range(count - 1, -1, -1)]


def line_of(account_id: int, days: Sequence[date], request: Measure) -> Line:
    values, known = _measured([account_id], days, request)
    return [int(v) if k else None for v, k in zip(values[:, 0], known[:, 0], strict=True)]


def spread_of(group: Group, days: Sequence[date], request: Measure) -> Spread:
    def made() -> list[Line]:
        return _spread(group, days, request)

    name = f"usage:series:{group.token}:{len(group)}:{days[0]}:{days[-1]}:{request}"
    low, median, high, total = kept(name, made, seconds=group.kept_seconds)
    return Spread(low, median, high, total, group)


def _spread(group: Group, days: Sequence[date], request: Measure) -> list[Line]:
    few = group.sample
    values, known = _measured(few.ids.tolist(), days, request)
    factor = len(group) / max(len(few), 1)
    quarters = [quartiles(row[has]) for row, has in zip(values, known, strict=True)]
    totals: Line = [
        round(float(row[has].sum()) * factor) if has.any() else None
        for row, has in zip(values, known, strict=True)
    ]
    low, median, high = ([each[at] for each in quarters] for at in range(3))
    return [low, median, high, totals]


def quartiles(values: Ints) -> tuple[int | None, int | None, int | None]:
    if len(values) < FEWEST_PEERS:
        return None, None, None
    low, median, high = np.quantile(values, QUARTERS)
    return round(low), round(median), round(high)


def _measured(account_ids: list[int], days: Sequence[date], request: Measure) -> tuple[Ints, Bools]:
    """The values [days, n]."""
    (values,) = measured(account_ids=account_ids, days=days, requests=[request])
    return values
