"""Comparisons of metrics, groups and attributes over rows: the conditions of exceptions."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from scoring.engine.attributes import column_holds
from scoring.engine.card import Condition
from scoring.engine.compiled import Compiled
from scoring.engine.evaluate import Objects, Results
from scoring.engine.fixed import NONE, Bools, Ints, to_fixed
from scoring.engine.grade import COMPARE
from scoring.engine.schemes import band_index
from scoring.engine.status import BY_KEY


def all_hold(
    compiled: Compiled,
    conditions: Sequence[Condition],
    results: Results,
    attributes: Mapping[str, Objects],
) -> Bools:
    held = np.ones(len(results.computed), dtype=np.bool_)
    for condition in conditions:
        held &= _holds(compiled, condition, results, attributes)
    return held


def _holds(
    compiled: Compiled, condition: Condition, results: Results, attributes: Mapping[str, Objects]
) -> Bools:
    if condition.attribute is not None:
        column = attributes.get(condition.attribute)
        if column is None:
            return np.zeros(len(results.computed), dtype=np.bool_)
        return column_holds(condition.op, condition.value, column)
    if condition.status is not None:
        status = results.status[:, compiled.metric_index[condition.metric or ""]]
        return _compare(condition.op, status, _each(condition.status, lambda key: BY_KEY[key]))
    scores = _scores(compiled, condition, results)
    if condition.band is None:
        holds = _compare(condition.op, scores, _each(condition.value, to_fixed))
    else:
        keys = [band.key for band in compiled.bands]
        bands = band_index(scores, compiled.bands)
        holds = _compare(condition.op, bands, _each(condition.band, keys.index))
    # What has no score fulfils nothing, not even `ne`.
    known: Bools = holds & (scores != NONE)
    return known


def _scores(compiled: Compiled, condition: Condition, results: Results) -> Ints:
    if condition.group is not None:
        return results.groups[:, compiled.group_index[condition.group]]
    index = compiled.metric_index[condition.metric or ""]
    return np.where(results.counts[:, index], results.scores[:, index], np.int32(NONE))


def _each(thing: object, translate: Any) -> Any:
    return [translate(t) for t in thing] if isinstance(thing, tuple) else translate(thing)


def _compare(op: str, column: Any, wanted: Any) -> Bools:
    found: Bools = np.isin(column, wanted) if op == "in" else COMPARE[op](column, wanted)
    return found
