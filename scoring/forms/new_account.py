"""One account, told by hand."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.inputs import AccountRow
from accounts.models import Membership


class NewAccountForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=200)
    key = forms.CharField(
        label=_("Key"),
        max_length=200,
        help_text=_("What your other systems call this account. It cannot be changed later."),
    )
    stage = forms.CharField(
        label=_("Stage"),
        max_length=60,
        required=False,
        widget=forms.TextInput(attrs={"list": "stages", "autocomplete": "off"}),
    )
    owner = forms.ChoiceField(label=_("Owner"), required=False)
    contract_value = forms.DecimalField(
        label=_("Contract value"), required=False, min_value=0, max_digits=15
    )
    renewal_on = forms.DateField(
        label=_("Renewal"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )

    def __init__(self, *args: Any, memberships: list[Membership], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = [(member.user.email, str(member.user)) for member in memberships]
        self.fields["owner"] = forms.ChoiceField(
            label=_("Owner"), required=False, choices=[("", _("Nobody")), *people]
        )

    def row(self) -> AccountRow:
        given = self.cleaned_data
        return AccountRow(
            key=given["key"],
            name=given["name"],
            stage=given["stage"],
            owner=given["owner"] or None,
            contract_value=given["contract_value"],
            renewal_on=given["renewal_on"],
        )
