"""Scores, bands and their charts in templates."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any, Literal

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


Fixed = int | Literal[""] | None
"""A number of ten-thousandths; the empty text is what a template makes of a name that is not there."""


def _known(fixed: Fixed) -> int | None:
    return None if fixed is None or fixed == "" else int(fixed)


def _rounded(fixed: int, places: int) -> Decimal:
    return Decimal(divide_half_up(fixed, SCALE // 10**places)).scaleb(-places)


def _text(fixed: int, places: int) -> str:
    value = _rounded(fixed, places)
    text = formats.number_format(abs(value), decimal_pos=places)
    return f"{MINUS}{text}" if value < 0 else text


@register.filter
def score(fixed: Fixed) -> str:
    """401228 → "40"; None → "–"."""
    return points(fixed, 0)


@register.filter
def points(fixed: Fixed, places: int = 1) -> str:
    """82000 → "8.2"."""
    known = _known(fixed)
    return DASH if known is None else _text(known, places)


@register.filter
def signed(fixed: Fixed, places: int = 1) -> str:
    """−71000 → "−7.1", 10000 → "+1.0"; what rounds to zero has no sign."""
    known = _known(fixed)
    if known is None:
        return DASH
    plus = "+" if _rounded(known, places) > 0 else ""
    return plus + _text(known, places)


@register.filter
def direction(fixed: Fixed, places: int = 1) -> str:
    """The class of a change as it is shown: up, down, same."""
    known = _known(fixed)
    value = 0 if known is None else _rounded(known, places)
    return "same" if not value else "up" if value > 0 else "down"


@register.simple_tag
def change(fixed: Fixed, places: int = 1) -> SafeString:
    """A change within a sentence: its sign and colour."""
    css = direction(fixed, places)
    return format_html('<span class="{} num">{}</span>', css, signed(fixed, places))


@register.inclusion_tag("components/band.html")
def band(
    look: BandLook | None,
    fixed: Fixed = None,
    *,
    word: bool = True,
    provisional: bool = False,
) -> dict[str, Any]:
    """Shape, then the letter or number, then the word; `word=False` keeps the word for listeners."""
    look = look or UNKNOWN
    known = _known(fixed)
    return {
        "band": look,
        "figure": look.label if look.letter else "" if known is None else score(known),
        "word": "" if look.letter else look.label,
        "show_word": word or (known is None and look is not UNKNOWN),
        "provisional": provisional,
    }


@register.inclusion_tag("components/delta.html")
def delta(fixed: Fixed, days: int | None = None, *, places: int = 0) -> dict[str, Any]:
    """A change of a score: arrow, sign, number, and over how many days."""
    return {
        "css": direction(fixed, places),
        "text": signed(fixed, places),
        "days": days,
        "known": _known(fixed) is not None,
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
def earned(got: Fixed, of: Fixed, longest: Fixed = None, *, tone: str = "accent") -> dict[str, Any]:
    """Points earned of those at stake; with the table's largest `of` as `longest`, length is weight."""
    had, at_stake = _known(got), _known(of) or 0
    return {
        "bar": charts.earned_bar(had or 0, at_stake, _known(longest) or at_stake),
        "tone": tone,
        "got": points(had),
        "missed": points(at_stake - (had or 0)),
        "known": had is not None and at_stake > 0,
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


@register.inclusion_tag("components/distribution_bar.html")
def bar_of(rows: Sequence[dict[str, Any]], label: str) -> dict[str, Any]:
    """The bar of a distribution alone, where a table beside it has the numbers."""
    return distribution(rows, label)
