"""How often the users of accounts come, week by week, against the workspace's goal."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Segment, Workspace
from accounts.spreadsheets import csv_text
from scoring.engine.fixed import SCALE, to_decimal_string
from scoring.explorer.choice import Choice
from scoring.explorer.groups import Group, segment_groups
from scoring.kept import kept
from scoring.stacked_chart import StackedChart, stacked_chart
from usage.frequency import Mix, mixes

NAMES = ("daily", "frequent", "occasional", "inactive")
MOST_SEGMENTS = 12


@dataclass(frozen=True, slots=True)
class Level:
    """`share` in percent, ten-thousandths; `change` since the first week that is shown, None where
    nobody was known then."""

    name: str
    label: str
    rule: str
    users: int
    share: int
    change: int | None


@dataclass(frozen=True, slots=True)
class Frequencies:
    """`reached` is the share of those who are at least frequent; `goal` likewise, None without."""

    mixes: list[Mix]
    chart: StackedChart
    levels: list[Level]
    reached: int
    goal: int | None
    group: Group

    @property
    def last(self) -> Mix:
        return self.mixes[-1]

    @property
    def known(self) -> bool:
        return any(mix.known for mix in self.mixes)

    @property
    def to_goal(self) -> int | None:
        return None if self.goal is None else self.reached - self.goal


@dataclass(frozen=True, slots=True)
class OfSegment:
    name: str
    url: str
    mix: Mix
    goal: int | None

    @property
    def reached(self) -> int:
        return sum(self.mix.shares[:2])

    @property
    def to_goal(self) -> int | None:
        return None if self.goal is None else self.reached - self.goal


def read_frequencies(choice: Choice, group: Group, workspace: Workspace) -> Frequencies:
    days = weeks(choice.first, choice.last)
    found = mixes_of(group, days)
    goal = None if workspace.frequency_goal is None else workspace.frequency_goal * SCALE
    urls = [choice.url(**{"from": [], "days": choice.days, "to": day}) for day in days]
    chart = stacked_chart(days, [mix.shares for mix in found], NAMES, goal=goal, urls=urls)
    return Frequencies(
        mixes=found,
        chart=chart,
        levels=_levels(found, workspace),
        reached=sum(found[-1].shares[:2]),
        goal=goal,
        group=group,
    )


def read_segments(choice: Choice, whole: Frequencies) -> list[OfSegment]:
    """Each segment on the last day, with the address that shows its weeks, after all accounts."""
    segments = list(Segment.objects.order_by("name", "pk")[:MOST_SEGMENTS])
    if not segments:
        return []
    here = choice.url(segment=[], account=[])
    found = [OfSegment(_("All accounts"), here, whole.last, whole.goal)]
    for segment, group in zip(segments, segment_groups(segments), strict=True):
        (mix,) = mixes_of(group, [choice.last])
        url = choice.url(segment=segment.key, account=[])
        found.append(OfSegment(segment.name, url, mix, whole.goal))
    return found


def weeks(first: date, last: date) -> list[date]:
    """The last day and every seventh before it."""
    count = (last - first).days // 7 + 1
    return [last - timedelta(days=7 * n) for n in range(count - 1, -1, -1)]


def mixes_of(group: Group, days: Sequence[date]) -> list[Mix]:
    """Of a large group those of its sample."""

    def made() -> list[Mix]:
        return mixes(account_ids=group.sample.ids.tolist(), days=days)

    name = f"usage:mixes:{group.token}:{len(group)}:{days[0]}:{days[-1]}"
    return kept(name, made, seconds=group.kept_seconds)


def labels() -> dict[str, str]:
    return {
        "daily": _("Daily"),
        "frequent": _("Frequent"),
        "occasional": _("Occasional"),
        "inactive": _("Inactive"),
    }


def _levels(found: Sequence[Mix], workspace: Workspace) -> list[Level]:
    first, last = found[0], found[-1]
    users = (last.daily, last.frequent, last.occasional, last.inactive)
    least = (
        workspace.frequency_daily,
        workspace.frequency_frequent,
        workspace.frequency_occasional,
    )
    rules = [_at_least(days) for days in least]
    return [
        Level(name, label, rule, count, now, now - before if first.known else None)
        for name, label, rule, count, now, before in zip(
            NAMES,
            labels().values(),
            [*rules, _("known, and less than that")],
            users,
            last.shares,
            first.shares,
            strict=True,
        )
    ]


def _at_least(days: int) -> str:
    return ngettext(
        "on at least %(n)s day of the last 30", "on at least %(n)s days of the last 30", days
    ) % {"n": days}


def frequency_text(found: Frequencies) -> str:
    """A row for each week of the chart."""
    rows = [
        {
            "week_to": mix.day,
            **{name: getattr(mix, name) for name in NAMES},
            **{
                f"{name}_percent": to_decimal_string(share)
                for name, share in zip(NAMES, mix.shares, strict=True)
            },
        }
        for mix in found.mixes
    ]
    return csv_text(rows)
