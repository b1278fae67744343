"""Days to evaluate on request."""

from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

LONGEST = timedelta(days=3660)


class EvaluationForm(forms.Form):
    first = forms.DateField(label=_("From"), widget=forms.DateInput(attrs={"type": "date"}))
    last = forms.DateField(label=_("To"), widget=forms.DateInput(attrs={"type": "date"}))

    def __init__(self, data: Any = None, *, today: date) -> None:
        super().__init__(data)
        self.today = today
        for field in self.fields.values():
            field.initial = today.isoformat()
            field.widget.attrs["max"] = today.isoformat()

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        first, last = given.get("first"), given.get("last")
        if last and last > self.today:
            self.add_error("last", _("This day lies in the future."))
        elif first and last and first > last:
            self.add_error("last", _("The last day comes before the first."))
        elif first and last and last - first > LONGEST:
            self.add_error("first", _("Ask for at most ten years at once."))
        return given
