"""Scores, bands and their charts in templates."""

from collections.abc import Sequence
from typing import Any

from django import template
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from scoring import charts, markup, trend_markup
from scoring.markup import Fixed
from scoring.trend import Trend

register = template.Library()
register.filter("points", markup.points)
register.filter("signed", markup.signed)
register.filter("direction", markup.direction)
register.simple_tag(markup.change, name="change")
register.simple_tag(markup.band, name="band")
register.simple_tag(markup.delta, name="delta")
register.simple_tag(markup.sparkline, name="sparkline")
register.simple_tag(markup.drawn, name="drawn")
register.simple_tag(markup.earned, name="earned")


@register.filter
def score(fixed: Fixed) -> str:
    """401228 → "40"; None → "–"."""
    return markup.points(fixed, 0)


@register.inclusion_tag("components/distribution.html")
def distribution(rows: Sequence[dict[str, Any]], label: str = "") -> dict[str, Any]:
    """Rows of {band, count, url?}, in the order of the bar."""
    shares = charts.distribution([row["count"] for row in rows])
    return {
        "rows": [{**row, "share": part} for row, part in zip(rows, shares, strict=True)],
        "label": label or _("Accounts by health"),
    }


@register.simple_tag
def weekly_trend(drawn: Trend, target: str = "", label: str = "") -> SafeString:
    """The weekly trend of scoring.trend; `target` is the id of the fragment that a week's link fills."""
    usual = _("Health by day") if drawn.daily else _("Health by week")
    return trend_markup.weekly_trend(drawn, target, label or usual)


@register.inclusion_tag("components/distribution_bar.html")
def bar_of(rows: Sequence[dict[str, Any]], label: str) -> dict[str, Any]:
    """The bar of a distribution alone, where a table beside it has the numbers."""
    return distribution(rows, label)
