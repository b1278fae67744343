"""The form of the open metric, where it is set by hand."""

from dataclasses import dataclass

import numpy as np
from django.utils.translation import gettext as _

from accounts.models import Account
from scoring.bands import BandLook, at, look
from scoring.engine.card import Metric, Milestone
from scoring.engine.checks import grade_of
from scoring.engine.grade import Column, score
from scoring.engine.schemes import band_of
from scoring.engine.values import encode
from scoring.forms.measurement import Choice, MeasurementForm, choices, selected
from scoring.models import Measurement, Scorecard
from scoring.pages.account import AccountPage
from scoring.scorecard_parts import MetricScore
from scoring.services.measurements import manual_metrics
from scoring.versions import compiled


@dataclass(frozen=True, slots=True)
class Setting:
    """`levels` is None where a number is typed in."""

    metric: MetricScore
    form: MeasurementForm
    levels: list[Choice] | None
    selected: str


def read_setting(page: AccountPage, form: MeasurementForm | None = None) -> Setting | None:
    """None unless the open metric can be set by hand; `form` is one that was sent and refused."""
    reasons = page.health.reasons if page.health else None
    opened = [row.metric for row in reasons.metric_rows if row.open] if reasons else []
    if not opened or not opened[0].by_hand:
        return None
    metric = opened[0]
    held = selected(metric.value, metric.status == "not_applicable")
    return Setting(
        metric=metric,
        form=form or MeasurementForm(metric.metric),
        levels=choices(metric.metric),
        selected=str(form.data.get("value", "")) if form else held,
    )


def asked_why(
    scorecard: Scorecard, metric: Metric, account: Account, value: bool | float | str
) -> str:
    """What asks for a comment: the value moves the metric to another band than the one it was set to
    last. Empty where it does not, where it is the first, and for a milestone, which is just done."""
    if isinstance(metric.source, Milestone):
        return ""
    known = Measurement.objects.for_scorecard(scorecard.pk).of(account.pk, metric.key).first()
    if known is None or known.not_applicable:
        return ""
    before, after = (_band(scorecard, metric, each) for each in (known.value, value))
    if before is None or after is None or before == after:
        return ""
    words = {"before": before.label, "after": after.label}
    return _("Say why: it moves from %(before)s to %(after)s.") % words


def _band(scorecard: Scorecard, metric: Metric, value: bool | float | str) -> BandLook | None:
    """None where the value is none that the metric has now."""
    bands = compiled(scorecard.current_version).bands
    try:
        column = Column(np.array([encode(metric, value)], dtype=np.int64))
    except ValueError:
        return None
    (found,) = score(grade_of(metric), column.values, column)
    return at(look(bands), band_of(int(found), bands))


def scope_of(scorecard: Scorecard, metric: Metric) -> str | None:
    """None where every scorecard that has the metric reads its value alike: it is set for all."""
    others = Scorecard.objects.active().exclude(pk=scorecard.pk)
    found = [manual_metrics([other]).get(metric.key) for other in others]
    alike = all(other.grade == metric.grade for other in found if other is not None)
    return None if alike else scorecard.key
