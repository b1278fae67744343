from typing import Any

from django import forms


def number_field(label: Any, **options: Any) -> forms.DecimalField:
    widget = forms.NumberInput(attrs={"step": "any"})
    return forms.DecimalField(label=label, widget=widget, max_digits=18, **options)
