"""What the percentile metrics of a scorecard are compared with: the values of all its accounts, by day."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, timedelta

import msgspec
import numpy as np

from accounts.models import Account, Workspace
from scoring.engine.card import Group
from scoring.engine.compiled import Compiled, compile_card
from scoring.engine.fixed import Int64
from scoring.engine.peers import Distribution, percentile_metrics, valid
from scoring.inputs.load import load
from scoring.inputs.others import Scores

MOST_VALUES = 4_000_000
"""In memory at once: the days of a block × accounts × metrics."""
MOST_LOADED = 50_000
"""Account-days of one batch, as in a slice of a run."""
LARGEST_BATCH = 2_000
ABSENT = np.iinfo(np.int64).min
DAY = timedelta(days=1)

Others = Callable[[list[int], date, date], Scores]
"""What other scorecards say of some accounts, where their history does not say it yet."""
Measured = tuple[date, Mapping[str, Distribution]]
"""A day's distributions by the key of the metric."""


def measured_peers(
    card: Compiled,
    *,
    workspace: Workspace,
    scorecard_id: int,
    first: date,
    last: date,
    others: Others | None = None,
) -> Iterator[Measured]:
    """Day after day, of every account that the card applies to. Days come in blocks, so that
    neither their number nor that of the accounts decides how much is in memory."""
    keys = [metric.key for metric in percentile_metrics(card)]
    if not keys:
        return
    part = _only(card, keys)
    ids = list(Account.objects.order_by("pk").values_list("pk", flat=True))
    days = max(1, MOST_VALUES // max(1, len(ids) * len(keys)))
    while first <= last:
        end = first + min(days - 1, (last - first).days) * DAY
        block = _block(part, workspace, scorecard_id, ids, first, end, others)
        for d in range(block.shape[1]):
            rows = zip(keys, block[:, d], strict=True)
            yield first + d * DAY, {key: Distribution.of(row[row != ABSENT]) for key, row in rows}
        first = end + DAY


def _only(card: Compiled, keys: Sequence[str]) -> Compiled:
    """The card with these metrics alone: all else costs reading and tells nothing here."""
    metrics = tuple(card.metrics[card.metric_index[key]].metric for key in keys)
    group = Group(key="peers", name="Peers", weight=1, metrics=metrics)
    pruned = msgspec.structs.replace(card.card, groups=(group,), exceptions=())
    return compile_card(pruned, card.bands)


def _block(
    card: Compiled,
    workspace: Workspace,
    scorecard_id: int,
    ids: Sequence[int],
    first: date,
    last: date,
    others: Others | None,
) -> Int64:
    """[metric, day, account]: the values, ABSENT where there is no valid one."""
    days = (last - first).days + 1
    block = np.full((len(card.metrics), days, len(ids)), ABSENT, np.int64)
    size = max(1, min(LARGEST_BATCH, MOST_LOADED // days))
    for start in range(0, len(ids), size):
        batch = list(ids[start : start + size])
        loaded = load(
            card,
            workspace=workspace,
            scorecard_id=scorecard_id,
            account_ids=batch,
            first=first,
            last=last,
            others=others(batch, first, last) if others else None,
        )
        for metric in card.metrics:
            values, known = valid(loaded.inputs, metric)
            found = np.where(known & loaded.applies, values, ABSENT)
            block[metric.index, :, start : start + size] = found
    return block
