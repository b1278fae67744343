"""A score against the one a trend window earlier, never just last night's."""

import numpy as np

from scoring.engine.fixed import NONE, Bools, Int32


def trend(scores: Int32, window: int) -> tuple[Int32, Bools]:
    """[day, …] scores of consecutive days → the change over the window, and where both days have a score."""
    change = np.zeros_like(scores)
    known = np.zeros(scores.shape, dtype=np.bool_)
    now, then = scores[window:], scores[: max(len(scores) - window, 0)]
    known[window:] = (now != NONE) & (then != NONE)
    change[window:] = np.where(known[window:], now - then, 0)
    return change, known
