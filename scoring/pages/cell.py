"""A score that is set by hand in the matrix: the form, and what was said last."""

from dataclasses import dataclass

from accounts.models import Account
from scoring.engine.card import Metric
from scoring.forms.measurement import Choice, MeasurementForm, choices, selected
from scoring.models import Measurement, Scorecard


@dataclass(frozen=True, slots=True)
class Setting:
    """`levels` is None where a number is typed in; `last` is None where it was never set."""

    metric: Metric
    form: MeasurementForm
    levels: list[Choice] | None
    selected: str
    last: Measurement | None


def read_cell_setting(
    scorecard: Scorecard, metric: Metric, account: Account, form: MeasurementForm | None = None
) -> Setting:
    """`form` is one that was sent and refused."""
    said = Measurement.objects.for_scorecard(scorecard.pk).of(account.pk, metric.key)
    last = said.select_related("recorded_by").first()
    held = selected(last.value, last.not_applicable) if last else ""
    return Setting(
        metric=metric,
        form=form or MeasurementForm(metric),
        levels=choices(metric),
        selected=str(form.data.get("value", "")) if form else str(held),
        last=last,
    )
