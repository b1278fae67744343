"""Scores, bands and their charts in templates."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from django import template
from django.utils import formats
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from accounts.templatetags.ui import DASH, MINUS
from scoring import charts
from scoring.bands import UNKNOWN, BandLook
from scoring.engine.fixed import SCALE, divide_half_up
from scoring.trend import Trend

register = template.Library()


def _rounded(fixed: int, places: int) -> Decimal:
    return Decimal(divide_half_up(fixed, SCALE // 10**places)).scaleb(-places)


def _text(fixed: int, places: int) -> str:
    value = _rounded(fixed, places)
    text = formats.number_format(abs(value), decimal_pos=places)
    return f"{MINUS}{text}" if value < 0 else text


@register.filter
def score(fixed: int | None) -> str:
    """401228 → "40"; None → "–"."""
    return DASH if fixed is None else _text(fixed, 0)


@register.filter
def points(fixed: int | None, places: int = 1) -> str:
    """82000 → "8.2"."""
    return DASH if fixed is None else _text(fixed, places)


@register.filter
def signed(fixed: int | None, places: int = 1) -> str:
    """−71000 → "−7.1", 10000 → "+1.0"; what rounds to zero has no sign."""
    if fixed is None:
        return DASH
    plus = "+" if _rounded(fixed, places) > 0 else ""
    return plus + _text(fixed, places)


@register.filter
def direction(fixed: int | None) -> str:
    """The class of a change: up, down, same."""
    return "same" if not fixed else "up" if fixed > 0 else "down"


@register.simple_tag
def change(fixed: int | None, places: int = 1) -> SafeString:
    """A change within a sentence: its sign and colour."""
    if fixed is None:
        return format_html('<span class="same">{}</span>', DASH)
    css = direction(int(_rounded(fixed, places) * SCALE))
    return format_html('<span class="{} num">{}</span>', css, signed(fixed, places))


@register.inclusion_tag("components/band.html")
def band(
    look: BandLook | None,
    fixed: int | None = None,
    *,
    word: bool = True,
    provisional: bool = False,
) -> dict[str, Any]:
    """Shape, then the letter or number, then the word; `word=False` keeps the word for listeners."""
    look = look or UNKNOWN
    return {
        "band": look,
        "figure": look.label if look.letter else "" if fixed is None else score(fixed),
        "word": "" if look.letter else look.label,
        "show_word": word or fixed is None,
        "provisional": provisional,
    }


@register.inclusion_tag("components/delta.html")
def delta(fixed: int | None, days: int | None = None, *, places: int = 0) -> dict[str, Any]:
    """A change of a score: arrow, sign, number, and over how many days."""
    rounded = None if fixed is None else int(_rounded(fixed, places) * SCALE)
    return {
        "css": direction(rounded),
        "text": signed(fixed, places),
        "days": days,
        "known": fixed is not None,
    }


@register.inclusion_tag("components/sparkline.html")
def sparkline(
    values: Iterable[int | None],
    *,
    tone: str = "accent",
    label: str = "",
    width: int = 96,
    height: int = 24,
    span: int = charts.SCORE_SPAN,
) -> dict[str, Any]:
    """Values in time order, None for a gap. `span`: the least range of the axis (fixed-point)."""
    drawn = charts.sparkline(list(values), width=width, height=height, span=span)
    return {"spark": drawn, "tone": tone, "label": label or _spoken(drawn)}


def _spoken(drawn: charts.Sparkline) -> str:
    if drawn.first is None:
        return _("no values")
    ends = {"first": score(drawn.first), "last": score(drawn.last)}
    return _("%(first)s to %(last)s") % ends


@register.inclusion_tag("components/bar_earned.html")
def earned(
    got: int | None, of: int | None, longest: int = 0, *, tone: str = "accent"
) -> dict[str, Any]:
    """Points earned of those at stake; give the table's largest `of` as `longest`: then length is weight."""
    at_stake = of or 0
    return {
        "bar": charts.earned_bar(got or 0, at_stake, longest or at_stake),
        "tone": tone,
        "got": points(got),
        "missed": points(at_stake - (got or 0)),
        "known": got is not None and at_stake > 0,
    }


@register.inclusion_tag("components/distribution.html")
def distribution(rows: Sequence[dict[str, Any]], label: str = "") -> dict[str, Any]:
    """Rows of {band, count, url?}, in the order of the bar."""
    shares = charts.distribution([row["count"] for row in rows])
    return {
        "rows": [{**row, "share": part} for row, part in zip(rows, shares, strict=True)],
        "label": label or _("Accounts by health"),
    }


@register.inclusion_tag("components/trend.html")
def weekly_trend(drawn: Trend, target: str = "", label: str = "") -> dict[str, Any]:
    """The weekly trend of scoring.trend; `target` is the id of the fragment that a week's link fills."""
    return {"trend": drawn, "target": target, "label": label or _("Health by week")}
