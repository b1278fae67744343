"""The weekly trend of an account's page: boxes that open their week, signs for what happened."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from django.utils.translation import gettext as _

from accounts.models import AccountState, Touchpoint, TouchpointKind
from accounts.templatetags.ui import money
from scoring import histories, trend
from scoring.bands import BandLook
from scoring.histories import DAY, Dated, HistoryPoint, week_end
from scoring.models import Evaluation
from scoring.pages.choice import DAYS, Choice

Steps = Sequence[tuple[date, date]]


def drawn(
    choice: Choice,
    steps: Steps,
    found: Sequence[Dated | None],
    states: Sequence[AccountState],
    looks: Sequence[BandLook],
    currency: str,
    numbers: Mapping[int, int],
    marks: Sequence[trend.Mark] = (),
) -> trend.Trend:
    """`looks` are the bands of the version that is shown, `marks` what else happened."""
    daily = choice.range == DAYS
    points = {point.to: point for point in histories.points(steps, found, states, numbers)}
    weeks, signs, by_hand = [], [], False
    for first, last in steps:
        point, end = points.get(last), last if daily else week_end(last)
        weeks.append(_week(choice, point, first, end, daily))
        signs += [_sign(mark, end, currency, by_hand) for mark in (point.marks if point else ())]
        by_hand = point is not None and bool(point.flags & Evaluation.OVERRIDDEN)
    happened = [*(sign for sign in signs if sign is not None), *marks]
    return trend.trend(weeks, looks, happened, daily=daily)


GLYPHS = {"call": "☎", "meeting": "◎", "email": "✉", "note": "¶"}


def touched(touchpoints: Iterable[Touchpoint]) -> list[trend.Mark]:
    kinds = {value: str(label) for value, label in TouchpointKind.choices}
    return [
        trend.Mark(
            each.happened_on,
            GLYPHS.get(each.kind, "•"),
            f"{kinds.get(each.kind, each.kind)}: {each.title}",
        )
        for each in touchpoints
    ]


def _week(
    choice: Choice, point: HistoryPoint | None, first: date, end: date, daily: bool
) -> trend.Week:
    if point is None:
        return trend.Week(day=end, score=None, note=_("not evaluated"))
    return trend.Week(
        day=end,
        score=point.score,
        band=point.band,
        url=_url(choice, end, daily),
        current=_open(choice, first, end, daily),
        note=", ".join(_notes(point)),
    )


def _url(choice: Choice, end: date, daily: bool) -> str:
    """A week opens its reasons, a day what it changed against the day before."""
    if daily:
        return choice.query(week=None, first=end - DAY, last=end, metric="")
    return choice.query(week=end, first=None, last=None, metric="")


def _open(choice: Choice, first: date, end: date, daily: bool) -> bool:
    if choice.first and choice.last:
        alone = daily and choice.last - choice.first == DAY
        compared = [choice.last] if alone else [choice.first, choice.last]
        return any(first <= day <= end for day in compared)
    if choice.week is None:
        return False
    return end == week_end(choice.week)


def _notes(point: HistoryPoint) -> list[str]:
    notes = []
    if point.flags & Evaluation.PROVISIONAL:
        notes.append(_("provisional"))
    if point.flags & Evaluation.HELD:
        notes.append(_("band held: data was lost"))
    if point.flags & Evaluation.RESTATED:
        notes.append(_("restated"))
    if point.flags & Evaluation.OVERRIDDEN:
        notes.append(_("set by hand"))
    return notes


def _sign(mark: histories.Mark, end: date, currency: str, by_hand: bool) -> trend.Mark | None:
    """Flags are notes of their week; what happened gets a sign of its own, inside its week.

    `by_hand`: the week before was overridden already.
    """
    day = min(mark.day, end)
    if mark.kind == "version":
        return trend.Mark(day, f"v{mark.after}", _("Scorecard version %s") % mark.after)
    if mark.kind == "contract":
        return trend.Mark(day, "$", contract_text(mark.before, mark.after, currency))
    if mark.kind == "stage":
        stage = _("Stage %(stage)s") % {"stage": mark.after or "–"}
        return trend.Mark(day, "⚑", stage)
    if mark.kind == "override" and not by_hand:
        return trend.Mark(day, "✎", _("Score set by hand"))
    return None


def contract_text(before: str | int | None, after: str | int | None, currency: str) -> str:
    if not isinstance(before, int) or not isinstance(after, int):
        value = after if isinstance(after, int) else None
        return _("Contract %(value)s") % {"value": money(value, currency)}
    apart = after - before
    sign = "+" if apart > 0 else ""
    values = {"change": sign + str(money(apart, currency)), "value": money(after, currency)}
    return _("Contract %(change)s to %(value)s") % values
