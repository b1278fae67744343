"""Some accounts on some days, and what is stored of them. Days are ordinals."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

import numpy as np

from accounts.tenancy import current_workspace_id
from usage import packed, windows
from usage.models import Feature
from usage.windows import Ints

DAY_NUMBER = "({} - DATE '0001-01-01' + 1)"
BUCKET = "width_bucket({}, %(points)s::int[]) - 1"
OWN = "workspace_id = %(workspace)s AND account_id = ANY(%(accounts)s::bigint[])"

MANY = 200
"""Accounts, from which on pages are read in their order."""


def feature_ids(keys: Iterable[str]) -> dict[str, int]:
    """Of the features that there are."""
    return dict(Feature.objects.filter(key__in=keys).order_by("key").values_list("key", "id"))


class Asked:
    """`days` ascend; a point of time lies between two of a window's ends."""

    def __init__(self, account_ids: Sequence[int], days: Ints) -> None:
        self.account_ids = np.asarray(account_ids, np.int64)
        self.days = days
        self.order = np.argsort(self.account_ids)

    @property
    def accounts(self) -> int:
        return len(self.account_ids)

    @property
    def last(self) -> date:
        return date.fromordinal(int(self.days[-1]))

    def points(self, spans: Iterable[int]) -> Ints:
        return windows.points_of(self.days, spans)

    def first(self, span: int) -> date:
        """The first day of the first day's window."""
        return date.fromordinal(max(int(self.days[0]) - span + 1, 1))

    def read(
        self, select: str, names: str, *, single: bool = False, **parameters: Any
    ) -> list[Ints]:
        """The named columns; the first one, account ids, as places in `account_ids`.

        `single`: a single row of each account, found by an index.
        """
        shared = {
            "workspace": current_workspace_id(),
            "accounts": packed.literal(self.account_ids),
            "last": self.last,
        }
        ids, *values = packed.columns(
            select, shared | parameters, names, by_page=self.accounts >= MANY and not single
        )
        places = self.order[np.searchsorted(self.account_ids, ids, sorter=self.order)]
        return [places, *values]
