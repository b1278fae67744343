"""A metric's value set by hand: a level, yes or no, a number, or that it does not apply."""

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from scoring.engine import card
from scoring.engine.checks import grade_of
from scoring.engine.fixed import to_fixed

NOT_APPLICABLE = "~"
"""No key of a level looks so."""

Choice = dict[str, Any]


class MeasurementForm(forms.Form):
    """`comment` is the reason where the metric does not apply."""

    value = forms.CharField(required=False)
    not_applicable = forms.BooleanField(required=False)
    comment = forms.CharField(
        label=_lazy("Comment"), required=False, max_length=2000, strip=True, widget=forms.Textarea
    )

    def __init__(self, metric: card.Metric, data: Any = None) -> None:
        super().__init__(data)
        self.metric = metric

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        value = given.get("value") or ""
        if given.get("not_applicable") or value == NOT_APPLICABLE:
            given["value"] = None
            if not given.get("comment"):
                self.add_error("comment", _("Say why it does not apply."))
        else:
            given["value"] = self._value(value)
        return given

    def _value(self, value: str) -> float | bool | str | None:
        if not value:
            self.add_error("value", _("Choose a value."))
            return None
        grade = grade_of(self.metric)
        if isinstance(grade, card.Level):
            return value
        if isinstance(grade, card.Boolean):
            return value == "true"
        try:
            number: Decimal = forms.DecimalField(max_digits=7, decimal_places=4).clean(value)
        except forms.ValidationError as error:
            self.add_error("value", error)
            return None
        return float(number)

    @property
    def reason(self) -> str:
        return self.cleaned_data["comment"] if self.cleaned_data["value"] is None else ""


def choices(metric: card.Metric) -> list[Choice] | None:
    """What can be chosen, the best last; None where a number is typed in."""
    grade = grade_of(metric)
    if isinstance(grade, card.Level):
        return [
            {
                "key": level.key,
                "label": level.label,
                "help": level.help,
                "score": to_fixed(level.score),
            }
            for level in grade.levels
        ] + [_not_applicable()]
    if isinstance(grade, card.Boolean):
        done = isinstance(metric.source, card.Milestone)
        yes, no = (_("Done"), _("Not done")) if done else (_("Yes"), _("No"))
        return [
            {"key": "false", "label": no, "help": "", "score": to_fixed(grade.when_false)},
            {"key": "true", "label": yes, "help": "", "score": to_fixed(grade.when_true)},
            _not_applicable(),
        ]
    return None


def _not_applicable() -> Choice:
    return {
        "key": NOT_APPLICABLE,
        "label": _("Does not apply"),
        "help": _("Its weight goes to the other metrics. Give the reason with it."),
        "score": None,
    }


def selected(value: bool | str | None, not_applicable: bool) -> str:
    """The key of the choice that a stored value stands for."""
    if not_applicable:
        return NOT_APPLICABLE
    if isinstance(value, bool):
        return "true" if value else "false"
    return value or ""
