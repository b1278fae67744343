"""The accounts of a group by their value of a measure on one day, and against an earlier day."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Self

import numpy as np

from accounts.models import Account
from scoring.explorer.groups import Group
from scoring.explorer.series import quartiles
from scoring.kept import kept
from usage.measures import Measure, measured
from usage.windows import Bools, Ints

PAGE = 50
MOST = 200_000
"""Accounts; a larger group is ranked by its sample."""
PLACE = re.compile(r"(-?\d{1,18}|x)\.(\d{1,18})")

Values = tuple[Ints, Bools]


@dataclass(frozen=True, slots=True)
class Place:
    """A place in the order: the value, None among those without one, and the account's id."""

    value: int | None
    account_id: int

    def __str__(self) -> str:
        return f"{'x' if self.value is None else self.value}.{self.account_id}"

    @classmethod
    def read(cls, text: str) -> Self | None:
        found = PLACE.fullmatch(text)
        if found is None:
            return None
        return cls(None if found[1] == "x" else int(found[1]), int(found[2]))


@dataclass(frozen=True, slots=True)
class Ranked:
    account_id: int
    key: str
    name: str
    value: int | None
    before: int | None

    @property
    def change(self) -> int | None:
        if self.value is None or self.before is None:
            return None
        return self.value - self.before


@dataclass(frozen=True, slots=True)
class Page:
    rows: list[Ranked]
    previous: Place | None
    following: Place | None
    first: int
    """The rank of the first row, from 1; `previous` is None on the second page, which the first
    precedes."""


@dataclass(frozen=True)
class Ranking:
    """Values in ten-thousandths, and whether they are known, by the group's accounts."""

    group: Group
    now: Values
    before: Values
    sort: str

    @cached_property
    def sorted_by(self) -> Values:
        if not self.sort.endswith("change"):
            return self.now
        return self.now[0] - self.before[0], self.now[1] & self.before[1]

    @cached_property
    def order(self) -> Ints:
        """The accounts without a value come last; ties by the account's id."""
        values, known = self.sorted_by
        ascending = -values if self.sort.startswith("-") else values
        return np.lexsort((self.group.ids, np.where(known, ascending, 0), ~known))

    @property
    def known(self) -> int:
        return int(self.now[1].sum())

    @property
    def greatest(self) -> int:
        return int(self.now[0].max(initial=0))

    @property
    def total(self) -> int:
        return int(self.now[0][self.now[1]].sum())

    @property
    def total_before(self) -> int:
        return int(self.before[0][self.before[1]].sum())

    @property
    def quartiles(self) -> tuple[int | None, int | None, int | None]:
        return quartiles(self.now[0][self.now[1]])

    @property
    def median_before(self) -> int | None:
        return quartiles(self.before[0][self.before[1]])[1]

    def below(self, value: int) -> int:
        """How many accounts have less."""
        return int((self.now[0][self.now[1]] < value).sum())

    def page(self, after: Place | None) -> Page:
        start = self._start(after)
        places = self.order[start : start + PAGE]
        more = start + PAGE < len(self.order)
        back = start - PAGE - 1
        return Page(
            rows=self._rows(places),
            previous=self._place(back) if back >= 0 else None,
            following=self._place(start + PAGE - 1) if more else None,
            first=start + 1,
        )

    def batches(self, size: int) -> Iterator[list[Ranked]]:
        for start in range(0, len(self.order), size):
            yield self._rows(self.order[start : start + size])

    def _place(self, at: int) -> Place:
        n = self.order[at]
        values, known = self.sorted_by
        return Place(int(values[n]) if known[n] else None, int(self.group.ids[n]))

    def _start(self, after: Place | None) -> int:
        """How many accounts stand up to the place, whatever is stored meanwhile."""
        if after is None:
            return 0
        values, known = self.sorted_by
        same_last = self.group.ids <= after.account_id
        if after.value is None:
            return int((known | same_last).sum())
        sooner = values > after.value if self.sort.startswith("-") else values < after.value
        return int((known & (sooner | ((values == after.value) & same_last))).sum())

    def _rows(self, places: Ints) -> list[Ranked]:
        ids = self.group.ids[places].tolist()
        found = Account.objects.filter(pk__in=ids).values_list("pk", "key", "name")
        named = {pk: (key, name) for pk, key, name in found}
        return [
            Ranked(pk, *named[pk], _known(self.now, n), _known(self.before, n))
            for pk, n in zip(ids, places.tolist(), strict=True)
            if pk in named
        ]


def _known(values: Values, n: int) -> int | None:
    return int(values[0][n]) if values[1][n] else None


def ranking(group: Group, *, day: date, before: date, request: Measure, sort: str) -> Ranking:
    group = group if len(group) <= MOST else group.sample
    now, earlier = (_values(group, each, request) for each in (day, before))
    return Ranking(group, now, earlier, sort)


def _values(group: Group, day: date, request: Measure) -> Values:
    def made() -> tuple[bytes, bytes]:
        numbers = np.zeros(len(group), np.int64)
        known = np.zeros(len(group), np.bool_)
        start = 0
        for ids in group.slices():
            ((values, has),) = measured(account_ids=ids, days=[day], requests=[request])
            numbers[start : start + len(ids)] = values[0]
            known[start : start + len(ids)] = has[0]
            start += len(ids)
        return numbers.tobytes(), known.tobytes()

    ends = f"{group.ids[0]}-{group.ids[-1]}" if len(group) else ""
    name = f"usage:values:{group.token}:{len(group)}:{ends}:{day}:{request}"
    packed, has = kept(name, made, seconds=group.kept_seconds)
    return np.frombuffer(packed, np.int64), np.frombuffer(has, np.bool_)
