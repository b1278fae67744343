from collections.abc import Collection, Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from scoring.drafts import key_for

LONGEST_NAME = 200


class NewScorecardForm(forms.Form):
    """Left empty, the name is that of what it begins with, and the key is made from the name."""

    name = forms.CharField(
        label=_("Name"),
        max_length=LONGEST_NAME,
        required=False,
        help_text=_("Left empty, it is called like what it begins with."),
    )
    key = forms.SlugField(
        label=_("Key"),
        max_length=63,
        required=False,
        help_text=_("For the API and for exports; it stays."),
    )

    def __init__(
        self,
        data: Mapping[str, Any] | None,
        *,
        taken: Collection[str],
        names: Collection[str],
        title: str,
    ) -> None:
        super().__init__(data)
        self.taken, self.names, self.title = taken, names, title

    def clean_name(self) -> str:
        name = str(self.cleaned_data["name"]).strip()
        return name or free_name(self.title, self.names)

    def clean_key(self) -> str:
        name = self.cleaned_data.get("name", "")
        key = str(self.cleaned_data["key"]) or key_for(name, self.taken)
        if key in self.taken:
            raise ValidationError(_("Another scorecard has this key."))
        return key


def free_name(title: str, names: Collection[str]) -> str:
    name, number = title, 2
    while name in names:
        name, number = f"{title} {number}", number + 1
    return name[:LONGEST_NAME]
