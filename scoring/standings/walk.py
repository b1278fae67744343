"""A page of a list that is sorted by the score in a metric: the accounts with a score in its order,
then those without, as far as the list's filters let them through."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple, TypeVar

import numpy as np

from scoring.engine.fixed import NONE, Int32, Int64
from scoring.standings.order import MetricOrder
from scoring.standings.read import account_ids

T = TypeVar("T")
FIRST_LOOK = 4
"""So many pages are looked at before the filters are asked for all that they let through."""


class Place(NamedTuple):
    """`score` is None among the accounts without one."""

    score: int | None
    account_id: int


@dataclass(frozen=True)
class Stretch:
    """Accounts in order; scores are NONE of those without."""

    ids: Int64
    scores: Int32

    def __getitem__(self, rows: slice | Int64) -> "Stretch":
        return Stretch(self.ids[rows], self.scores[rows])


def walk(
    order: MetricOrder,
    after: Place | None,
    limit: int,
    *,
    fetch: Callable[[list[int]], Mapping[int, T]],
    matching: Callable[[], Int64],
    descending: bool = False,
    backward: bool = False,
) -> list[tuple[Place, T]]:
    """At most `limit` from a place on. `fetch` reads those of some accounts that the filters let
    through, `matching` tells the ids of all of them."""
    found: list[tuple[Place, T]] = []
    for stretch in _stretches(order, after, descending=descending, backward=backward):
        for part in _parts(stretch, limit, matching):
            rows = fetch(part.ids.tolist())
            for pk, score in zip(part.ids.tolist(), part.scores.tolist(), strict=True):
                if pk in rows:
                    found.append((Place(None if score == NONE else score, pk), rows[pk]))
            if len(found) >= limit:
                return found[:limit]
    return found


def _parts(stretch: Stretch, limit: int, matching: Callable[[], Int64]) -> Iterator[Stretch]:
    head = FIRST_LOOK * limit
    for part in (stretch[:limit], stretch[limit:head]):
        if len(part.ids):
            yield part
    rest = stretch[head:]
    if len(rest.ids):
        let_through = rest[np.flatnonzero(np.isin(rest.ids, matching()))]
        for start in range(0, len(let_through.ids), limit):
            yield let_through[start : start + limit]


def _stretches(
    order: MetricOrder, after: Place | None, *, descending: bool, backward: bool
) -> Iterator[Stretch]:
    """In the direction of the walk, from the place on; the others are only read if it gets there."""
    falling = descending != backward
    phases: list[Callable[[Place | None, bool], Stretch]] = [
        lambda place, falling: _with_score(order, place, falling),
        lambda place, falling: _without(order, place, falling),
    ]
    if backward:
        phases.reverse()
    if after is not None and (after.score is None) != backward:
        del phases[0]
    for n, phase in enumerate(phases):
        yield phase(after if n == 0 else None, falling)


def _with_score(order: MetricOrder, place: Place | None, falling: bool) -> Stretch:
    whole = Stretch(order.ids, order.scores)
    if place is None or place.score is None:
        return whole[::-1] if falling else whole
    if falling:
        return whole[: order.before(place.score, place.account_id)][::-1]
    return whole[order.after(place.score, place.account_id) :]


def _without(order: MetricOrder, place: Place | None, falling: bool) -> Stretch:
    ids = np.setdiff1d(account_ids(), order.ids)
    if place is not None and place.score is None:
        ids = ids[ids < place.account_id] if falling else ids[ids > place.account_id]
    ids = ids[::-1] if falling else ids
    return Stretch(ids, np.full(len(ids), NONE, np.int32))
