"""Where the value of a metric comes from, and of which day it is."""

from datetime import date

from django.utils.translation import gettext as _

from accounts.templatetags.ui import day as day_text
from scoring.engine import card
from scoring.scorecard_parts import MetricScore


def source_text(metric: MetricScore, day: date) -> str:
    """ "usage until 22 Nov", "set by CSM East, 3 Nov"; `day` is the day that is shown."""
    if metric.measurement:
        return _given(metric, day)
    source = metric.metric.source
    told = {"day": day_text(day, day)}
    if isinstance(source, card.Usage | card.Growth):
        return _("usage until %(day)s") % told
    if isinstance(source, card.Attribute):
        return _("attribute on %(day)s") % told
    if isinstance(source, card.OtherScorecard):
        return _("scorecard on %(day)s") % told
    if metric.status == "missing":
        return _("never set")
    return _("condition on %(day)s") % told


def _given(metric: MetricScore, day: date) -> str:
    given = metric.measurement
    when = day_text(metric.measured_on, day)
    who = given.recorded_by or given.source if given else ""
    if who:
        return _("set by %(who)s, %(when)s") % {"who": who, "when": when}
    return _("set %(when)s") % {"when": when}
