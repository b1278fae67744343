"""Grading schemes: views of a score as one of a few bands."""

from collections.abc import Mapping, Sequence

import msgspec
import numpy as np

from scoring.engine.fixed import NONE, Int8, Ints, shown, shown_array
from scoring.engine.problems import gettext_noop


class Band(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The scores whose shown integer is at least `min` and under the next band's."""

    key: str
    label: str
    min: int
    color: str | None = None
    shape: str | None = None


def _band(key: str, label: str, least: int) -> Band:
    return Band(key=key, label=label, min=least)


SHIPPED: Mapping[str, tuple[Band, ...]] = {
    "numeric": (
        _band("low", gettext_noop("Low"), 0),
        _band("medium", gettext_noop("Medium"), 51),
        _band("high", gettext_noop("High"), 76),
    ),
    "letter": (
        _band("f", gettext_noop("F"), 0),
        _band("d", gettext_noop("D"), 60),
        _band("c", gettext_noop("C"), 70),
        _band("b", gettext_noop("B"), 80),
        _band("a", gettext_noop("A"), 90),
    ),
    "ryg": (
        _band("red", gettext_noop("Poor"), 0),
        _band("yellow", gettext_noop("At risk"), 51),
        _band("green", gettext_noop("Good"), 76),
    ),
}


def band_index(scores: Ints, bands: Sequence[Band]) -> Int8:
    """0 is the lowest band; NONE where there is no score."""
    minima = np.array([band.min for band in bands[1:]])
    index = np.searchsorted(minima, shown_array(scores), side="right")
    return np.where(scores == NONE, NONE, index).astype(np.int8)


def band_of(score: int, bands: Sequence[Band]) -> int:
    if score == NONE:
        return NONE
    return sum(shown(score) >= band.min for band in bands[1:])


def nearest_in_band(scores: Ints, target: Ints, bands: Sequence[Band]) -> Ints:
    """The nearest whole score that shows the target band, the score itself where it already does."""
    least = np.array([band.min for band in bands])
    most = np.array([*(band.min - 1 for band in bands[1:]), 100])
    at = np.clip(target, 0, len(bands) - 1)
    inside = band_index(scores, bands) == at
    whole = np.clip(shown_array(scores), least[at], most[at])
    moved = np.where(inside, scores, whole * 10_000)
    return np.where((scores == NONE) | (target == NONE), scores, moved)
