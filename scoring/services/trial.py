"""A document tried on the whole portfolio, in steps that each fit into a request.

What is done so far waits in the cache: arrays of a few bytes for each account. The same document on
the same day goes on where it stopped, and a finished trial answers every page of its lists.
"""

import hashlib
import io
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from django.core.cache import cache

from accounts.models import Account, Workspace
from scoring.bands import BandLook, look
from scoring.engine.document import export
from scoring.engine.fixed import NONE, Bools
from scoring.moves import (
    NO_VALUE,
    OUTSIDE,
    Matrix,
    Portfolio,
    index_of,
    look_of,
    matrix,
    moved,
)
from scoring.services.preview import Sides, judged, sides, standing

BATCH = 500
KEPT_SECONDS = 1800
ACCOUNT = np.dtype(
    [
        ("id", "<i8"),
        ("value", "<i8"),
        ("currency", "<i2"),
        ("before", "i1"),
        ("after", "i1"),
        ("score_before", "<i4"),
        ("score_after", "<i4"),
    ]
)


@dataclass(frozen=True)
class Move:
    """An account and what becomes of it; scores are None where there is none."""

    account: Account
    before: BandLook
    after: BandLook
    score_before: int | None
    score_after: int | None

    @property
    def change(self) -> int | None:
        if self.score_before is None or self.score_after is None:
            return None
        return self.score_after - self.score_before


@dataclass
class Trial:
    """The first `done` of `rows`, which are in the order of the accounts' names, are judged.

    `moment` is when it began: accounts and days are those of then.
    """

    sides: Sides
    moment: datetime
    currencies: list[str]
    rows: "np.ndarray[Any, np.dtype[np.void]]"
    done: int = 0

    @property
    def total(self) -> int:
        return len(self.rows)

    @property
    def complete(self) -> bool:
        return self.done >= self.total

    @property
    def old(self) -> tuple[BandLook, ...]:
        return look(self.sides.published.bands) if self.sides.published else ()

    @property
    def new(self) -> tuple[BandLook, ...]:
        return look(self.sides.draft.bands)

    @property
    def portfolio(self) -> Portfolio:
        """Of the accounts that are judged."""
        rows = self.rows[: self.done]
        value, currency = rows["value"].astype(np.int64), rows["currency"].astype(np.int16)
        return Portfolio(rows["before"], rows["after"], value, currency, self.currencies)

    def matrix(self) -> Matrix:
        return matrix(self.old, self.new, self.portfolio)

    def moving(self) -> Bools:
        return moved(self.old, self.new, self.portfolio)

    def between(self, before: str, after: str) -> Bools:
        """Those that go from one band to another, by the keys; nobody for a key that is none."""
        indices = index_of(self.old, before), index_of(self.new, after)
        portfolio = self.portfolio
        if indices[0] is None or indices[1] is None:
            return np.zeros(self.done, dtype=np.bool_)
        found: Bools = (portfolio.before == indices[0]) & (portfolio.after == indices[1])
        return found

    def moves(self, wanted: Bools, start: int, count: int) -> list[Move]:
        """Some of the wanted accounts, by name; those that are gone meanwhile are left out."""
        at = np.flatnonzero(wanted)[start : start + count]
        found = Account.objects.in_bulk(self.rows["id"][at].tolist())
        rows = [row for row in self.rows[at] if int(row["id"]) in found]
        return [self._move(found[int(row["id"])], row) for row in rows]

    def _move(self, account: Account, row: Any) -> Move:
        scores = [None if row[name] == NONE else int(row[name]) for name in _SCORES]
        before, after = look_of(self.old, row["before"]), look_of(self.new, row["after"])
        return Move(account, before, after, *scores)


_SCORES = ("score_before", "score_after")


def trial(
    *,
    workspace: Workspace,
    document: object,
    moment: datetime,
    seconds: float,
    afresh: bool = False,
) -> Trial:
    """Goes on for about so many seconds; ask again until it is complete. Raises InvalidInput.

    `afresh` forgets an earlier one, for data that changed since.
    """
    given = sides(workspace=workspace, document=document, moment=moment)
    name = _name(given)
    found = None if afresh else _kept(name, given)
    if found is None:
        found = _begun(given, moment)
    elif found.complete:
        return found
    until = time.monotonic() + seconds
    for _step in _steps(found):
        if time.monotonic() >= until:
            break
    _keep(name, found)
    return found


def _begun(given: Sides, moment: datetime) -> Trial:
    wanted = ("pk", "contract_value_cents", "currency")
    found = list(Account.objects.order_by("name", "pk").values_list(*wanted))
    currencies = sorted({currency for _pk, _value, currency in found})
    place = {currency: n for n, currency in enumerate(currencies)}
    rows = np.zeros(len(found), ACCOUNT)
    rows["id"] = [pk for pk, _value, _currency in found]
    rows["value"] = [NO_VALUE if value is None else value for _pk, value, _currency in found]
    rows["currency"] = [place[currency] for _pk, _value, currency in found]
    rows["before"] = rows["after"] = OUTSIDE
    return Trial(given, moment, currencies, rows)


def _steps(found: Trial) -> Iterator[int]:
    """Judges one batch after the other."""
    while not found.complete:
        rows = found.rows[found.done : found.done + BATCH]
        ids = rows["id"].tolist()
        given = found.sides
        seen_by = {"before": standing(given, ids), "after": judged(given, given.draft, ids)}
        for side, seen in seen_by.items():
            rows[side], rows[f"score_{side}"] = seen.band, seen.score
        found.done += len(rows)
        yield found.done


def _name(given: Sides) -> str:
    """Of everything that decides what a trial says but the data."""
    bands = [(band.key, band.min) for band in given.draft.bands]
    parts = [export(given.draft.card), bands, given.version_id, given.day.isoformat()]
    digest = hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()
    return f"trial:{given.workspace.pk}:{digest}"


def _keep(name: str, found: Trial) -> None:
    packed = io.BytesIO()
    np.savez_compressed(packed, rows=found.rows)
    kept = {
        "moment": found.moment,
        "currencies": found.currencies,
        "done": found.done,
        "rows": packed.getvalue(),
    }
    cache.set(name, kept, KEPT_SECONDS)


def _kept(name: str, given: Sides) -> Trial | None:
    kept = cache.get(name)
    if kept is None:
        return None
    with np.load(io.BytesIO(kept["rows"]), allow_pickle=False) as packed:
        rows = packed["rows"]
    return Trial(given, kept["moment"], kept["currencies"], rows, kept["done"])
