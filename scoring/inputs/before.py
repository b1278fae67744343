"""What an evaluation goes on from: held bands, pending ones and last known scores of the day before."""

from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from scoring.engine.compiled import Compiled
from scoring.engine.timeline import State
from scoring.stored import Stored, stored


def state_before(
    card: Compiled, latest: Stored, *, scorecard_id: int, account_ids: list[int], first: date
) -> State:
    """What the last evaluation before `first` left; of another version, by the keys.

    `latest` are the accounts' last rows: only where one begins later an earlier one is read.
    """
    state = State.initial(len(account_ids), len(card.metrics))
    later = latest.day >= first.toordinal()
    _take(state, card, latest.chosen(~later), np.arange(len(account_ids)))
    if later.any():
        places = latest.places[later]
        ids = [account_ids[n] for n in places.tolist()]
        _take(state, card, stored(scorecard_id, ids, first - timedelta(days=1)), places)
    return state


def _take(state: State, card: Compiled, rows: Stored, places: NDArray[np.int64]) -> None:
    for _version, earlier, mine in rows.by_version():
        at = places[rows.places[mine]]
        fields, known = rows.fields[mine], rows.records(earlier, mine)["known"]
        bands = _band_map(earlier, card)
        state.band[at] = bands[fields["reference_band"]]
        state.pending[at] = bands[fields["pending_band"]]
        state.pending_count[at] = fields["pending_count"]
        for metric in card.metrics:
            if metric.key in earlier.metric_index:
                state.carried[at, metric.index] = known[:, earlier.metric_index[metric.key]]


def _band_map(earlier: Compiled, card: Compiled) -> NDArray[np.int8]:
    """Index of a band of the earlier version → index in this one, −1 where it is gone; [-1] is −1."""
    keys = [band.key for band in card.bands]
    mapped = [keys.index(b.key) if b.key in keys else -1 for b in earlier.bands]
    return np.array([*mapped, -1], dtype=np.int8)
