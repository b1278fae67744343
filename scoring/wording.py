"""The value of a metric as a person reads it: “212 in 90 days”, “45 %”, “Working contact”."""

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import Any

import msgspec
from django.utils.formats import number_format
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from scoring.engine import card
from scoring.engine.checks import grade_of
from scoring.engine.fixed import LARGEST, SCALE, shown, to_fixed
from scoring.engine.values import encode
from scoring.models import Measurement
from scoring.sentences import days_text

MEASURES = {
    "logins": _lazy("Log-ins"),
    "active_users": _lazy("Active users"),
    "unique_logins": _lazy("Users who logged in"),
    "active_days": _lazy("Days with any use"),
    "stickiness": _lazy("Daily users as a share of all"),
    "session_minutes": _lazy("Minutes per session"),
    "minutes_per_active_user": _lazy("Minutes per user"),
    "feature_uses": _lazy("Uses of features"),
    "feature_users": _lazy("Users of features"),
    "features_adopted": _lazy("Features adopted"),
    "license_utilization": _lazy("Active users as a share of the seats"),
    "frequency": _lazy("Users by how often they come"),
    "days_since_last_login": _lazy("Days since the last log-in"),
}


def value_text(metric: card.Metric, value: int) -> str:
    grade = grade_of(metric)
    if isinstance(grade, card.Level):
        return grade.levels[min(max(value, 0), len(grade.levels) - 1)].label
    if isinstance(grade, card.Boolean):
        return _yes_or_no(metric, value != 0)
    source = metric.source
    if isinstance(source, card.Growth):
        return growth_text(source, value)
    if isinstance(source, card.Usage):
        return usage_text(source, value)
    if isinstance(source, card.Attribute) and source.measure is not None:
        return _distance(source.measure, value // SCALE)
    if isinstance(source, card.OtherScorecard):
        return number_format(shown(value))
    return plain(value)


def measurement_text(metric: card.Metric, measurement: Measurement) -> str:
    """What was set, by the levels of today's configuration."""
    if measurement.not_applicable:
        return _("Does not apply")
    raw: Any = measurement.value
    try:
        return value_text(metric, encode(metric, raw))
    except ValueError:
        return str(raw)


def plain(value: int) -> str:
    """A localized number with one place, two under 1, and none that is zero."""
    return _plain(get_language() or "", value)


@lru_cache(maxsize=8192)
def _plain(language: str, value: int) -> str:
    step = Decimal("0.1") if abs(value) >= SCALE else Decimal("0.01")
    number = Decimal(abs(value)).scaleb(-4).quantize(step, ROUND_HALF_UP)
    places = max(0, -int(number.normalize().as_tuple().exponent))
    text = number_format(number, decimal_pos=places)
    return f"−{text}" if value < 0 and number else text


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


def growth_text(source: card.Growth, value: int) -> str:
    """A ratio, as a person says it."""
    if value >= LARGEST:
        return _("up from nothing")
    given = {"n": plain(100 * value), "days": days_text(source.window)}
    return _("%(n)s %% of %(days)s earlier") % given


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


def graded_text(metric: card.Metric, limits: Mapping[str, int]) -> str:
    """How the value becomes a score, told from the configuration; `limits` are the workspace's days
    by frequency."""
    grade = grade_of(metric)
    parts = [_source_text(metric, limits), _grade_text(grade)]
    if getattr(grade, "by", None):
        parts.append(_("Other limits hold by stage or age."))
    if metric.validity_days:
        parts.append(_("Valid for %(days)s.") % {"days": days_text(metric.validity_days)})
    return " ".join(part for part in parts if part)


OPS = {
    "lt": _lazy("less than %(n)s"),
    "lte": _lazy("at most %(n)s"),
    "eq": _lazy("exactly %(n)s"),
    "ne": _lazy("other than %(n)s"),
    "gte": _lazy("at least %(n)s"),
    "gt": _lazy("more than %(n)s"),
}


def _condition_text(when: card.MilestoneCondition, limits: Mapping[str, int]) -> str:
    source = when.source
    if isinstance(source, card.Usage):
        what = _measured_text(source, limits)
    else:
        what = _distance_name(source)
    limit = OPS[when.op] % {"n": _plain_number(when.value)}
    return _("Done where a person says so, or at: %(what)s, %(limit)s.") % {
        "what": what,
        "limit": limit,
    }


def _distance_name(source: card.Attribute) -> str:
    pattern = {
        "days_until": _("days until “%(name)s”"),
        "days_since": _("days since “%(name)s”"),
    }.get(source.measure or "", _("“%(name)s”"))
    return pattern % {"name": source.attribute}


def _measured_text(source: card.Usage, limits: Mapping[str, int]) -> str:
    days = days_text(source.window_days)
    if source.frequency is not None:
        return _("Share of users active on %(least)s or more of the last %(days)s") % {
            "least": limits[source.frequency],
            "days": days,
        }
    names, measure = ", ".join(source.features), MEASURES.get(source.measure, source.measure)
    return _("%(measure)s over %(days)s") % {
        "measure": f"{measure} ({names})" if names else measure,
        "days": days,
    }


def _source_text(metric: card.Metric, limits: Mapping[str, int]) -> str:
    source = metric.source
    if isinstance(source, card.Growth):
        of = _source_text(msgspec.structs.replace(metric, source=source.source), limits)
        return " ".join([of, _("Against %(days)s earlier.") % {"days": days_text(source.window)}])
    if isinstance(source, card.Milestone) and source.when is not None:
        return _condition_text(source.when, limits)
    if isinstance(source, card.Usage):
        return f"{_measured_text(source, limits)}."
    if isinstance(source, card.Attribute):
        return _("The account's attribute “%(name)s”.") % {"name": source.attribute}
    if isinstance(source, card.OtherScorecard):
        return _("The score of the scorecard “%(name)s”.") % {"name": source.scorecard}
    return _("Set by a person or another system.")


def _grade_text(grade: card.Grade) -> str:
    if isinstance(grade, card.Linear):
        ends = {"worst": _plain_number(grade.worst), "best": _plain_number(grade.best)}
        return _("0 points at %(worst)s, 100 at %(best)s, straight between.") % ends
    if isinstance(grade, card.Steps):
        steps = ", ".join(
            _("%(score)s from %(min)s")
            % {"score": _plain_number(step.score), "min": _plain_number(step.min)}
            for step in grade.steps
        )
        return _("Points by steps: %(steps)s.") % {"steps": steps}
    if isinstance(grade, card.Level):
        levels = ", ".join(f"{level.label} {_plain_number(level.score)}" for level in grade.levels)
        return f"{levels}."
    if isinstance(grade, card.Boolean):
        points = {"yes": _plain_number(grade.when_true), "no": _plain_number(grade.when_false)}
        return _("Yes %(yes)s, no %(no)s.") % points
    if isinstance(grade, card.GrowthGrade):
        return _("50 points where nothing changed, 100 where it doubled.")
    if isinstance(grade, card.Percentile):
        return _("Its rank among the accounts of the same scorecard.")
    return _("The number is the score.")


def _plain_number(number: float) -> str:
    return plain(to_fixed(number))
