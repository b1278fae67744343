"""From values to what is published: exceptions, held bands, confirmation, overrides; day after day.

Lost data must not look like improvement. Where a day's band is better than the last published one and
an input that was once known is lost (missing, error, expired), the day is evaluated a second time as if each
lost input still had its last known score. The published band is never better than both the earlier one
and the band of that second evaluation; the score stays as computed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from scoring.engine.compiled import Compiled
from scoring.engine.evaluate import BLOCK, Inputs, Results, own_scores, results
from scoring.engine.exceptions import adjust
from scoring.engine.fixed import NONE, SCALE, Bools, Int8, Int16, Int32
from scoring.engine.schemes import band_index, nearest_in_band
from scoring.engine.timeline import State, Timeline

FEWEST_ACCOUNTS = 64
"""In one piece of work, however many days it has."""


@dataclass(frozen=True)
class Overrides:
    """[day, account], NONE where there is none; a score wins over a band."""

    score: Int32
    band: Int8


@dataclass(frozen=True)
class Published:
    """[day, account, …]; reference, pending and pending_count are the State after the day."""

    results: Results
    adjusted: Int32
    """After exceptions."""
    exception: Int16
    """The index of the one that applied."""
    score: Int32
    """After overrides: the final one."""
    band: Int8
    held: Bools
    overridden: Bools
    reference: Int8
    pending: Int8
    pending_count: Int16


def evaluate_days(
    compiled: Compiled,
    inputs: Inputs,
    state: State,
    overrides: Overrides | None = None,
) -> tuple[Published, State]:
    """Consecutive days, at least one, in order: all of `inputs` has the day as its first axis, then the account."""
    days, accounts = inputs.values.shape[:2]
    step = max(BLOCK // days, FEWEST_ACCOUNTS)
    parts = []
    for start in range(0, max(accounts, 1), step):
        rows = slice(start, start + step)
        chosen = None if overrides is None else _chosen(overrides, rows)
        flat = _flat(inputs, rows)
        parts.append(_publish(compiled, days, flat, state.rows(rows), chosen))
    published: Published = _joined([part for part, _ in parts], axis=1)
    after: State = _joined([state for _, state in parts], axis=0)
    return published, after


def _flat(inputs: Inputs, rows: slice) -> Inputs:
    """These accounts, with days and accounts flattened into rows."""

    def flat(array: Any) -> Any:
        if array is None:
            return None
        part = array[:, rows]
        return part.reshape(part.shape[0] * part.shape[1], *part.shape[2:])

    given = {f.name: getattr(inputs, f.name) for f in fields(Inputs)}
    whole: dict[str, Any] = {
        name: {key: flat(column) for key, column in content.items()}
        if isinstance(content, Mapping)
        else flat(content)
        for name, content in given.items()
    }
    return Inputs(**whole).rows(slice(None))


def _chosen(overrides: Overrides, rows: slice) -> Overrides:
    return Overrides(overrides.score[:, rows], overrides.band[:, rows])


def _joined(parts: Sequence[Any], axis: int) -> Any:
    """Dataclasses of arrays put together along the accounts."""
    first = parts[0]
    if len(parts) == 1:
        return first
    if isinstance(first, np.ndarray):
        return np.concatenate(parts, axis=axis)
    names = [f.name for f in fields(first)]
    return type(first)(**{n: _joined([getattr(part, n) for part in parts], axis) for n in names})


def _publish(
    compiled: Compiled,
    days: int,
    inputs: Inputs,
    state: State,
    overrides: Overrides | None,
) -> tuple[Published, State]:
    shape = (days, len(state.band))
    own, status = own_scores(compiled, inputs)
    evaluated = results(compiled, _carry(own, state.carried, days), status, inputs.age_days)
    flat, exception = adjust(compiled, evaluated, inputs.attributes)
    adjusted = flat.reshape(shape)
    bands = Timeline(compiled, inputs, evaluated, adjusted).walk(state)
    score, band, overridden = _override(compiled, adjusted, bands.band, overrides)
    published = Published(
        results=_by_day(evaluated, shape),
        adjusted=adjusted,
        exception=exception.reshape(shape),
        score=score,
        band=band,
        held=bands.held & ~overridden,
        overridden=overridden,
        reference=bands.reference,
        pending=bands.pending,
        pending_count=bands.pending_count,
    )
    known = published.results.known[-1]
    return published, State(bands.reference[-1], known, bands.pending[-1], bands.pending_count[-1])


def _carry(own: Int32, carried: Int32, days: int) -> Int32:
    """The last known scores, day after day."""
    if days == 1:
        return np.where(own == NONE, carried, own)
    by_day = own.reshape(days, *carried.shape).copy()
    for day in range(days):
        before = carried if day == 0 else by_day[day - 1]
        by_day[day] = np.where(by_day[day] == NONE, before, by_day[day])
    return np.asfortranarray(by_day.reshape(own.shape))


def _by_day(evaluated: Results, shape: tuple[int, int]) -> Results:
    arrays = {f.name: getattr(evaluated, f.name) for f in fields(Results)}
    return Results(**{n: array.reshape(*shape, *array.shape[1:]) for n, array in arrays.items()})


def _override(
    compiled: Compiled, adjusted: Int32, band: Int8, overrides: Overrides | None
) -> tuple[Int32, Int8, Bools]:
    """A band that a person sets brings the nearest score that shows it."""
    if overrides is None:
        return adjusted, band, np.zeros(adjusted.shape, dtype=np.bool_)
    by_score = overrides.score != NONE
    by_band = ~by_score & (overrides.band != NONE)
    minima = SCALE * np.array([b.min for b in compiled.bands], dtype=np.int32)
    start = np.where(adjusted == NONE, minima[overrides.band], adjusted)
    nearest = nearest_in_band(start, overrides.band.astype(np.int64), compiled.bands)
    score = np.where(by_score, overrides.score, np.where(by_band, nearest, adjusted))
    shown_band = np.where(by_band, overrides.band, band_index(overrides.score, compiled.bands))
    overridden = by_score | by_band
    return (
        score.astype(np.int32),
        np.where(overridden, shown_band, band).astype(np.int8),
        overridden,
    )
