"""A score or band in the place of what is computed, with a reason and a last day."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from scoring.bands import BandLook
from scoring.services.overrides import DAYS, OverrideRow


class OverrideForm(forms.Form):
    """The best band stands first; what is missing or contradicts itself the service refuses."""

    band = forms.ChoiceField(label=_("Band"), required=False)
    score = forms.DecimalField(
        label=_("Exact score"), required=False, min_value=0, max_value=100, max_digits=7
    )
    last_day = forms.DateField(
        label=_("Last day"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    reason = forms.CharField(
        label=_("Reason"),
        required=False,
        max_length=2000,
        strip=True,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, looks: Iterable[BandLook], today: date, data: Any = None) -> None:
        super().__init__(data, prefix="override")
        best_first = [(band.key, band.label) for band in reversed(list(looks))]
        self.fields["band"].choices = [("", _("An exact score")), *best_first]  # type: ignore[attr-defined]
        days = self.fields["last_day"]
        days.initial = (today + DAYS).isoformat()
        days.widget.attrs["min"] = today.isoformat()

    @property
    def row(self) -> OverrideRow:
        given = self.cleaned_data
        return OverrideRow(
            score=given["score"],
            band=given["band"] or None,
            reason=given["reason"],
            last_day=given["last_day"],
        )
