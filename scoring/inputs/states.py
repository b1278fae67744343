"""What evaluations read of accounts, as of each day: stage, attributes, whether a card applies."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from accounts.models import Account, AccountState
from accounts.money import to_units
from scoring.engine.attributes import all_hold
from scoring.engine.card import AppliesTo, Attribute, AttributeCondition
from scoring.engine.fixed import SCALE, to_fixed
from scoring.engine.status import Status
from scoring.inputs.segments import load_segments

Bools = NDArray[np.bool_]
Conditions = Sequence[AttributeCondition]
Values = tuple[NDArray[np.int64], NDArray[np.uint8]]

FIELDS = ("stage", "status", "created_on", "renewal_on")
CURRENT = ("contract_value_cents", "currency", "attributes", *FIELDS)
"""What of an account itself says the same as its latest state."""


@dataclass(frozen=True)
class States:
    """`rows` of account states; `index[d, n]` says which row holds for account n on day d."""

    rows: list[dict[str, Any]]
    index: NDArray[np.int32]
    days: NDArray[np.int32]

    def attribute(self, name: str) -> list[Any]:
        """The raw value for each row; an attribute of one's own before a field of the account."""
        return [value_of(row, name) for row in self.rows]

    def gather(self, name: str) -> NDArray[np.object_]:
        column = np.array([*self.attribute(name), None], dtype=object)
        gathered: NDArray[np.object_] = column[self.index]
        return gathered

    def measured(self, source: Attribute) -> Values:
        """Fixed-point values and statuses, shaped (days, accounts)."""
        encoded = [_encode(raw, source) for raw in self.attribute(source.attribute)]
        values = np.array([*(e[0] for e in encoded), 0], dtype=np.int64)[self.index]
        status = np.array([*(e[1] for e in encoded), Status.MISSING], dtype=np.uint8)[self.index]
        if source.measure is not None:
            apart = values - self.days[:, None]
            values = (apart if source.measure == "days_until" else -apart) * SCALE
            values[status != Status.OK] = 0
        return values, status

    def applies(self, card: AppliesTo | None) -> Bools:
        """Which accounts the scorecard measures on which day; segments as they are defined now."""
        if card is None:
            return np.ones(self.index.shape, dtype=bool)
        segments = [segment.conditions for segment in load_segments(card.segment)]
        return self._where(lambda row: _applies(row, card, segments))

    def held(self, conditions: Conditions) -> Bools:
        """Where all of them hold."""
        return self._where(lambda row: all_hold(conditions, partial(value_of, row)))

    def _where(self, holds: Callable[[dict[str, Any]], bool]) -> Bools:
        """False for accounts of which nothing is known."""
        by_row = np.array([*map(holds, self.rows), False], dtype=bool)
        found: Bools = by_row[self.index]
        return found


def load_states(account_ids: list[int], days: NDArray[np.int32]) -> States:
    """An account's earliest state also holds before its day: nothing older is known."""
    fields = ("account_id", "from_day", "contract_value_cents", "attributes", *FIELDS)
    found = AccountState.objects.filter(account_id__in=account_ids)
    rows = list(found.order_by("account_id", "from_day").values(*fields))
    currencies = dict(Account.objects.filter(pk__in=account_ids).values_list("pk", "currency"))
    column = {account_id: n for n, account_id in enumerate(account_ids)}
    index = np.full((len(days), len(account_ids)), -1, dtype=np.int32)
    for i, row in enumerate(rows):
        n = column[row["account_id"]]
        row["currency"] = currencies[row["account_id"]]
        start = int(np.searchsorted(days, row["from_day"].toordinal()))
        index[start if index[-1, n] != -1 else 0 :, n] = i
    return States(rows, index, days)


def unknown_states(account_ids: list[int], days: NDArray[np.int32]) -> States:
    """For what asks nothing about accounts."""
    return States([], np.full((len(days), len(account_ids)), -1, dtype=np.int32), days)


def value_of(row: dict[str, Any], name: str) -> Any:
    """A field or attribute of the account, by the row of its state."""
    if name in row["attributes"]:
        return row["attributes"][name]
    if name == "contract_value":
        minor = row["contract_value_cents"]
        return None if minor is None else to_units(minor, row["currency"])
    return row[name] if name in FIELDS else None


def _encode(raw: Any, source: Attribute) -> tuple[int, Status]:
    if raw is None or raw == "":
        return 0, Status.MISSING
    try:
        if source.measure is not None:
            return _day(raw).toordinal(), Status.OK
        if isinstance(raw, bool):
            return SCALE * raw, Status.OK
        return to_fixed(raw), Status.OK
    except (ValueError, TypeError, ArithmeticError):
        return 0, Status.ERROR


def _day(raw: Any) -> date:
    if isinstance(raw, date):
        return raw
    return datetime.fromisoformat(raw).date()


def _applies(row: dict[str, Any], card: AppliesTo, segments: Sequence[Conditions]) -> bool:
    """In one of the stages, in one of the segments, and with one of each attribute's values."""
    if card.stage and row["stage"] not in card.stage:
        return False
    told = partial(value_of, row)
    if card.segment and not any(all_hold(conditions, told) for conditions in segments):
        return False
    wanted = (card.attributes or {}).items()
    return all(value_of(row, name) in choices for name, choices in wanted)
