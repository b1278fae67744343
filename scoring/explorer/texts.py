"""Measures and their values as a page on usage tells them."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from scoring.engine.fixed import SCALE
from scoring.engine.measures import COUNTS
from scoring.sentences import days_text
from scoring.wording import MEASURES, plain
from usage.measures import Measure

PERCENTS = {"stickiness", "license_utilization", "features_adopted", "frequency"}
MINUTES = {"session_minutes", "minutes_per_active_user"}
WITHOUT_WINDOW = {"days_since_last_login"}
LESS_IS_BETTER = {"days_since_last_login"}
MILLION = 1_000_000
ADDED_UP = COUNTS - {"active_days"}
"""What all accounts of a group have together says something."""


@dataclass(frozen=True, slots=True)
class Change:
    """`css` colours it; `rises` says which way the arrow points, None for no change."""

    text: str
    css: str
    rises: bool | None


def title(request: Measure) -> str:
    return str(MEASURES[request.measure])


def window_text(request: Measure) -> str:
    """Over which days each value of the course is measured."""
    if request.measure in WITHOUT_WINDOW:
        return ""
    return _("each over %(days)s") % {"days": days_text(request.window_days)}


def figure(request: Measure, value: int | None) -> str:
    return "–" if value is None else _with_unit(request, _number(request, value))


def axis(request: Measure, value: int) -> str:
    """Short, for a scale."""
    if value >= MILLION * SCALE:
        return _("%(n)s M") % {"n": number_format(value // SCALE / MILLION)}
    return _with_unit(request, plain(value) if value % SCALE else _grouped(value // SCALE))


def _grouped(number: int) -> str:
    return number_format(number, force_grouping=True)


def decimal(value: int | None) -> str:
    """With one place."""
    if value is None:
        return "–"
    exact = Decimal(value).scaleb(-4).quantize(Decimal("0.1"), ROUND_HALF_UP)
    return number_format(exact, decimal_pos=1, force_grouping=True)


def _number(request: Measure, value: int) -> str:
    """Counts are whole but for the middle of two; shares and minutes always have one place."""
    if request.measure in PERCENTS | MINUTES or value % SCALE:
        return decimal(value)
    return _grouped(value // SCALE)


def _with_unit(request: Measure, text: str) -> str:
    if request.measure in PERCENTS:
        return _("%(n)s %%") % {"n": text}
    if request.measure in MINUTES:
        return _("%(n)s min") % {"n": text}
    return text


def change(request: Measure, now: int | None, before: int | None) -> Change | None:
    """None where one of the two is not known; of percentages in points, which have no sign."""
    if now is None or before is None:
        return None
    size = _number(request, abs(now - before))
    if request.measure in MINUTES:
        size = _with_unit(request, size)
    if now == before or size.strip("0.,") == "":
        return Change(size, "same", None)
    rises = now > before
    better = rises != (request.measure in LESS_IS_BETTER)
    return Change(f"{'+' if rises else '−'}{size}", "up" if better else "down", rises)
