"""The ordered exceptions of a scorecard: the first whose conditions hold changes the score."""

from collections.abc import Mapping

import numpy as np

from scoring.engine.card import ExceptionRule
from scoring.engine.compiled import Compiled
from scoring.engine.conditions import all_hold
from scoring.engine.evaluate import Objects, Results
from scoring.engine.fixed import NONE, Int16, Int32, Ints, to_fixed
from scoring.engine.schemes import band_index, nearest_in_band


def adjust(
    compiled: Compiled, results: Results, attributes: Mapping[str, Objects]
) -> tuple[Int32, Int16]:
    """The scores after exceptions, and which one applied (NONE: none)."""
    scores = results.computed.copy()
    applied = np.full(len(scores), NONE, dtype=np.int16)
    for index, rule in enumerate(compiled.card.exceptions):
        matches = (applied == NONE) & all_hold(compiled, rule.when, results, attributes)
        if matches.any():
            applied[matches] = index
            scores[matches] = effect(compiled, rule, results.computed[matches])
    return scores, applied


def effect(compiled: Compiled, rule: ExceptionRule, scores: Int32) -> Ints:
    """Only `set` gives a score to what has none."""
    if rule.effect == "shift":
        bands = band_index(scores, compiled.bands).astype(np.int64)
        return nearest_in_band(
            scores, np.where(bands == NONE, NONE, _moved(compiled, rule, bands)), compiled.bands
        )
    value = np.int32(to_fixed(rule.value or 0))
    if rule.effect == "set":
        return np.full_like(scores, value)
    changed = np.minimum(scores, value) if rule.effect == "cap" else np.maximum(scores, value)
    return np.where(scores == NONE, scores, changed)


def _moved(compiled: Compiled, rule: ExceptionRule, bands: Ints) -> Ints:
    return np.clip(bands + (rule.bands or 0), 0, len(compiled.bands) - 1)
