"""How often an account's known users come: daily, frequent, occasional or inactive."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from usage import windows
from usage.asked import Asked
from usage.measures import KNOWN_DAYS, Frequency, Measure, activity_of, week_ends
from usage.windows import Ints

SPAN = 30
SLICE = 2000
WHOLE = 100 * windows.SCALE
LEVELS: tuple[Frequency, ...] = ("daily", "frequent", "occasional")


@dataclass(frozen=True, slots=True)
class Mix:
    """Known users of a day, each counted once, at the highest frequency that they reach."""

    day: date
    daily: int
    frequent: int
    occasional: int
    inactive: int

    @property
    def known(self) -> int:
        return self.daily + self.frequent + self.occasional + self.inactive

    @property
    def shares(self) -> tuple[int, int, int, int]:
        """In percent, ten-thousandths, that add up to exactly 100; all 0 where nobody is known.

        Each is the difference of two rounded sums, so that the first ones add up to what the
        measure `frequency` says of users who are at least so frequent.
        """
        if not self.known:
            return 0, 0, 0, 0
        sums = np.cumsum([self.daily, self.frequent, self.occasional])
        upto, _known = windows.ratio(sums, np.full(3, self.known), 100)
        daily, frequent, occasional, inactive = np.diff(upto, prepend=0, append=WHOLE).tolist()
        return daily, frequent, occasional, inactive


def mixes(*, account_ids: Sequence[int], days: Sequence[date]) -> list[Mix]:
    """Of all these accounts together, on each of the days, which ascend; in bounded memory."""
    ordinals = np.asarray([day.toordinal() for day in days], np.int64)
    if not len(ordinals):
        return []
    totals = np.zeros((len(LEVELS) + 1, len(ordinals)), np.int64)
    for start in range(0, len(account_ids), SLICE):
        asked = Asked(account_ids[start : start + SLICE], ordinals)
        totals += np.stack([users.sum(axis=1) for users in _at_least(asked)])
    disjoint = np.diff(totals, axis=0, prepend=0).T.tolist()
    return [Mix(day, *numbers) for day, numbers in zip(days, disjoint, strict=True)]


def weekly_mixes(*, account_ids: Sequence[int], as_of: date, weeks: int) -> list[Mix]:
    """At the end of each of the last weeks, the oldest first; the last ends `as_of`."""
    return mixes(account_ids=account_ids, days=week_ends(as_of, weeks))


def _at_least(asked: Asked) -> Iterator[Ints]:
    """Users [d, n] who are at least daily, frequent, occasional; then all that are known."""
    activity = activity_of(asked, [Measure("frequency", SPAN, frequency=level) for level in LEVELS])
    for level in LEVELS:
        yield activity.people.frequent(activity.limits[level], SPAN, KNOWN_DAYS)
    yield activity.people.distinct("active", KNOWN_DAYS)
