"""The days whose evaluations an account's page needs, so that one query brings them all."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from scoring.histories import Dated, steps_between, week_end
from scoring.pages.choice import DAYS, Choice
from scoring.pages.reasons import SPARK_WEEKS, Mode

DAY, WEEK = timedelta(days=1), timedelta(days=7)
ZOOM, AROUND = 42 * DAY, 14 * DAY
"""How many days the trend shows by the day, and how many of them after the week that is open."""
LENGTHS = {"26w": 26, "1y": 52}

Step = tuple[date, date]
"""An interval that its last evaluated day stands for."""
Rows = Mapping[Step, Dated | None]


@dataclass(frozen=True)
class Plan:
    """`day` is the evaluated day that the page shows, `began` the account's first one, `key_days`
    are those of the key metrics."""

    choice: Choice
    day: date
    trend_days: int
    began: date
    key_days: Sequence[date] = ()

    @property
    def mode(self) -> Mode:
        if self.choice.comparing:
            return "compare"
        return "week" if self.choice.week else "now"

    @property
    def steps(self) -> list[Step]:
        single = [(day, day) for day in self.key_days]
        return list(dict.fromkeys([*self.weeks, *self.sparks, self.earlier, *self.pair, *single]))

    @property
    def daily(self) -> bool:
        return self.choice.range == DAYS

    @property
    def weeks(self) -> list[Step]:
        """Of the trend; single days where it is by the day."""
        if self.daily:
            last = self._zoomed
            return steps_between(last - ZOOM + DAY, last, "day")
        length = LENGTHS.get(self.choice.range)
        first = self.began if length is None else self.day - (length - 1) * WEEK
        return steps_between(first, self.day, "week")

    @property
    def _zoomed(self) -> date:
        asked = self.choice.last or (self.choice.week and week_end(self.choice.week))
        return min(asked + AROUND, self.day) if asked else self.day

    @property
    def sparks(self) -> list[Step]:
        last = min(self.day, self.pair[1][1])
        return steps_between(last - (SPARK_WEEKS - 1) * WEEK, last, "week")

    @property
    def earlier(self) -> Step:
        """One trend window before."""
        day = self.day - timedelta(days=self.trend_days)
        return day, day

    @property
    def pair(self) -> tuple[Step, Step]:
        """What the reasons compare."""
        choice = self.choice
        if choice.first and choice.last:
            return (date.min, choice.first), (date.min, choice.last)
        if choice.week:
            end = week_end(choice.week)
            return self._week(end - WEEK), self._week(end)
        return self.earlier, (self.day, self.day)

    def _week(self, end: date) -> Step:
        return end - 6 * DAY, min(end, self.day)
