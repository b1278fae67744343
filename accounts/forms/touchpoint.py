from collections.abc import Collection, Sequence
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import Contact, Touchpoint, TouchpointKind
from accounts.services.touchpoints import LONGEST_BODY, LONGEST_TITLE, TouchpointRow


class TouchpointForm(forms.Form):
    """`contacts` are the account's; `chosen` those of the touchpoint that is edited."""

    kind = forms.ChoiceField(
        label=_("Kind"), choices=TouchpointKind.choices, widget=forms.RadioSelect
    )
    title = forms.CharField(
        label=_("In a few words"),
        max_length=LONGEST_TITLE,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": _("Say in a few words what it was.")},
    )
    happened_on = forms.DateField(
        label=_("Day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    body = forms.CharField(
        label=_("What was said"),
        required=False,
        max_length=LONGEST_BODY,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Markdown: **bold**, - lists, [links](https://…)."),
    )
    contacts = forms.TypedMultipleChoiceField(
        label=_("Who took part"), required=False, coerce=int, widget=forms.CheckboxSelectMultiple
    )

    def __init__(
        self,
        contacts: Sequence[Contact],
        today: date,
        data: Any = None,
        *,
        touchpoint: Touchpoint | None = None,
        chosen: Collection[int] = (),
    ) -> None:
        name = f"touchpoint-{touchpoint.pk}" if touchpoint else "touchpoint"
        initial = {"kind": TouchpointKind.CALL, "happened_on": today}
        super().__init__(
            data, auto_id=f"{name}-%s", initial=_initial(touchpoint, chosen) or initial
        )
        self.fields["contacts"].choices = [(c.pk, c.name) for c in contacts]  # type: ignore[attr-defined]
        self.fields["happened_on"].widget.attrs["max"] = today.isoformat()
        if touchpoint is not None:
            self.fields["title"].widget.attrs["data-focus"] = True
        if not contacts:
            del self.fields["contacts"]

    @property
    def row(self) -> TouchpointRow:
        given = self.cleaned_data
        return TouchpointRow(
            kind=given["kind"],
            happened_on=given["happened_on"],
            title=given["title"],
            body=given["body"],
            contact_ids=given.get("contacts") or (),
        )


def _initial(touchpoint: Touchpoint | None, chosen: Collection[int]) -> dict[str, Any]:
    if touchpoint is None:
        return {}
    return {
        "kind": touchpoint.kind,
        "title": touchpoint.title,
        "happened_on": touchpoint.happened_on,
        "body": touchpoint.body,
        "contacts": list(chosen),
    }
