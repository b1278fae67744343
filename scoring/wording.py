"""The value of a metric as a person reads it: “212 in 90 days”, “45 %”, “Working contact”."""

from collections.abc import Callable
from decimal import Decimal

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from scoring.engine import card
from scoring.engine.checks import grade_of
from scoring.engine.fixed import SCALE, to_decimal_string
from scoring.sentences import days_text

Counted = Callable[[int], str]


def value_text(metric: card.Metric, value: int) -> str:
    grade = grade_of(metric)
    if isinstance(grade, card.Level):
        return grade.levels[min(max(value, 0), len(grade.levels) - 1)].label
    if isinstance(grade, card.Boolean):
        return _yes_or_no(metric, value != 0)
    source = metric.source.source if isinstance(metric.source, card.Growth) else metric.source
    if isinstance(source, card.Usage):
        return usage_text(source, value)
    if isinstance(source, card.Attribute) and source.measure is not None:
        return _distance(source.measure, value // SCALE)
    return plain(value)


def plain(value: int) -> str:
    """A localized number with no more places than it has."""
    number = Decimal(to_decimal_string(abs(value)))
    places = max(0, -int(number.normalize().as_tuple().exponent))
    text = number_format(number, decimal_pos=min(places, 1 if abs(value) >= 10 * SCALE else 2))
    return f"−{text}" if value < 0 else text


def usage_text(source: card.Usage, value: int) -> str:
    """A measure with its unit and window."""
    figure, days = plain(value), source.window_days
    pattern = {
        "active_days": _("%(n)s of %(days)s"),
        "stickiness": _("%(n)s %%"),
        "license_utilization": _("%(n)s %% of seats"),
        "features_adopted": _("%(n)s %% of features"),
        "frequency": _("%(n)s %% of users"),
        "session_minutes": _("%(n)s min a session"),
        "minutes_per_active_user": _("%(n)s min a user"),
        "days_since_last_login": _("%(ago)s"),
    }.get(source.measure, _("%(n)s in %(days)s"))
    return pattern % {"n": figure, "days": days_text(days), "ago": _ago(value // SCALE)}


def _ago(days: int) -> str:
    if days == 0:
        return _("today")
    return ngettext("%(n)s day ago", "%(n)s days ago", days) % {"n": number_format(days)}


def _distance(measure: str, days: int) -> str:
    ahead = days if measure == "days_until" else -days
    if ahead <= 0:
        return _ago(-ahead)
    return ngettext("in %(n)s day", "in %(n)s days", ahead) % {"n": number_format(ahead)}


def _yes_or_no(metric: card.Metric, value: bool) -> str:
    if isinstance(metric.source, card.Milestone):
        return _("Done") if value else _("Not done")
    return _("Yes") if value else _("No")
