"""The form of the open metric, where it is set by hand."""

from dataclasses import dataclass

from scoring.engine.card import Metric
from scoring.forms.measurement import Choice, MeasurementForm, choices, selected
from scoring.models import Scorecard
from scoring.pages.account import AccountPage
from scoring.scorecard_parts import MetricScore
from scoring.services.measurements import manual_metrics


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


def scope_of(scorecard: Scorecard, metric: Metric) -> str | None:
    """None where every scorecard that has the metric reads its value alike: it is set for all."""
    others = Scorecard.objects.active().exclude(pk=scorecard.pk)
    found = [manual_metrics([other]).get(metric.key) for other in others]
    alike = all(other.grade == metric.grade for other in found if other is not None)
    return None if alike else scorecard.key
