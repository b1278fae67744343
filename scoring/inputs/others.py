"""The scores of other scorecards, as metrics of this one."""

from collections.abc import Mapping
from datetime import date

import numpy as np
from numpy.typing import NDArray

from scoring.engine.card import Metric, OtherScorecard
from scoring.engine.fixed import NONE
from scoring.engine.status import Status
from scoring.inputs.manual import Manual
from scoring.models import Scorecard
from scoring.spans import spanning_several

Scores = Mapping[str, NDArray[np.int32]]
"""By the scorecard's key, shaped (days, accounts): the published score, NONE where there is none."""


def load_others(
    into: Manual,
    given: Scores,
    metrics: list[Metric],
    *,
    account_ids: list[int],
    first: date,
    last: date,
) -> None:
    """Those that are not `given` are read from the history: what was published for each day."""
    wanted = {
        j: metric.source.scorecard
        for j, metric in enumerate(metrics)
        if isinstance(metric.source, OtherScorecard)
    }
    unknown = set(wanted.values()) - given.keys()
    scores = {**given, **published(sorted(unknown), account_ids, first, last)}
    for j, key in wanted.items():
        known = scores[key] != NONE
        into.values[:, :, j] = np.where(known, scores[key], 0)
        into.status[:, :, j] = np.where(known, Status.OK, Status.MISSING)


def published(
    keys: list[str], account_ids: list[int], first: date, last: date
) -> dict[str, NDArray[np.int32]]:
    """What the history holds, in two queries."""
    if not keys:
        return {}
    shape = ((last - first).days + 1, len(account_ids))
    scores = {key: np.full(shape, NONE, np.int32) for key in keys}
    cards = dict(Scorecard.objects.filter(key__in=keys).values_list("pk", "key"))
    column = {account_id: n for n, account_id in enumerate(account_ids)}
    rows = spanning_several(
        "asked.account_id, of.scorecard_id, day, to_day, score",
        scorecard_ids=list(cards),
        account_ids=account_ids,
        first=first,
        last=last,
    )
    for account_id, scorecard_id, day, to_day, score in rows:
        span = slice(max(0, (day - first).days), (to_day - first).days + 1)
        scores[cards[scorecard_id]][span, column[account_id]] = NONE if score is None else score
    return scores
