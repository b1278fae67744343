"""The weekly trend of an account's page: boxes that open their week, signs for what happened."""

from collections.abc import Mapping, Sequence
from datetime import date

from django.utils.translation import gettext as _

from accounts.models import AccountState, Touchpoint
from accounts.templatetags.ui import money
from scoring import histories, trend
from scoring.bands import BandLook
from scoring.histories import Dated, HistoryPoint, week_end
from scoring.models import Evaluation
from scoring.pages.choice import Choice

Steps = Sequence[tuple[date, date]]


def drawn(
    choice: Choice,
    steps: Steps,
    found: Sequence[Dated | None],
    states: Sequence[AccountState],
    looks: Sequence[BandLook],
    currency: str,
    numbers: Mapping[int, int],
    touchpoints: Sequence[Touchpoint] = (),
) -> trend.Trend:
    """`looks` are the bands of the version that is shown."""
    points = {point.to: point for point in histories.points(steps, found, states, numbers)}
    chosen = week_end(choice.week) if choice.week else None
    weeks, signs, by_hand = [], [], False
    for _first, last in steps:
        point, end = points.get(last), week_end(last)
        weeks.append(_week(choice, point, end, current=end == chosen))
        signs += [_sign(mark, end, currency, by_hand) for mark in (point.marks if point else ())]
        by_hand = point is not None and bool(point.flags & Evaluation.OVERRIDDEN)
    signs += [_touched(touchpoint) for touchpoint in touchpoints]
    return trend.trend(weeks, looks, [sign for sign in signs if sign is not None])


GLYPHS = {"call": "☎", "meeting": "◎", "email": "✉", "note": "¶"}


def _touched(touchpoint: Touchpoint) -> trend.Mark:
    label = f"{touchpoint.get_kind_display()}: {touchpoint.title}"
    return trend.Mark(touchpoint.happened_on, GLYPHS.get(touchpoint.kind, "•"), label)


def _week(choice: Choice, point: HistoryPoint | None, end: date, current: bool) -> trend.Week:
    if point is None:
        return trend.Week(day=end, score=None, note=_("not evaluated"))
    return trend.Week(
        day=end,
        score=point.score,
        band=point.band,
        url=choice.query(week=end, first=None, last=None, metric=""),
        current=current,
        note=", ".join(_notes(point)),
    )


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
