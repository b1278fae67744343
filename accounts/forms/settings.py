from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.formats import time_format
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from accounts.models import Role, Workspace
from accounts.models.workspace import UnknownAccounts
from accounts.validators import validate_currency, validate_time_zone

CURRENCIES = ("USD", "EUR", "GBP", "CHF", "CAD", "AUD", "JPY", "CNY", "INR", "SEK", "DKK", "NOK")
ROLE_TEXTS = {
    Role.ADMIN: _("Everything, and these settings."),
    Role.MANAGER: _("Every account, overrides and runs."),
    Role.CSM: _("Looks after accounts: sets scores, works on alerts."),
    Role.VIEWER: _("May look at everything and change nothing."),
}
SCOPE_TEXTS = {
    "ingest": _(
        "send usage events; also the write key of the Segment, RudderStack and PostHog SDKs"
    ),
    "read": _("read accounts, scores, alerts and usage"),
    "write": _("write accounts, measurements and seats; start evaluations"),
    "admin": _("read and publish scorecards and rules"),
}


def hours() -> list[tuple[int, str]]:
    return [(hour, time_format(time(hour), "TIME_FORMAT")) for hour in range(24)]


class WorkspaceForm(forms.ModelForm):  # type: ignore[type-arg]
    night_hour = forms.TypedChoiceField(
        label=_("Nightly evaluation at"), coerce=int, choices=hours, required=True
    )

    class Meta:
        model = Workspace
        fields = (
            "name",
            "time_zone",
            "night_hour",
            "currency",
            "renewal_notice_days",
            "unknown_accounts",
        )
        labels = {
            "name": _("Name"),
            "time_zone": _("Time zone"),
            "currency": _("Currency"),
            "renewal_notice_days": _("Renewal stands out, days before"),
            "unknown_accounts": _("Events of an account that is not known"),
        }
        help_texts = {
            "time_zone": _("Days begin and end at midnight here."),
            "currency": _("For contract values that come without one: a code like EUR."),
            "unknown_accounts": _(
                "What happens to usage that names an account nobody has created yet."
            ),
        }
        widgets = {
            "time_zone": forms.TextInput(attrs={"list": "time-zones", "autocomplete": "off"}),
            "currency": forms.TextInput(
                attrs={"list": "currencies", "autocomplete": "off", "maxlength": 3}
            ),
            "unknown_accounts": forms.RadioSelect,
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        notice = self.fields["renewal_notice_days"]
        notice.validators.append(forms.IntegerField(max_value=3650).validators[-1])
        choices = self.fields["unknown_accounts"]
        if isinstance(choices, forms.TypedChoiceField):
            choices.choices = UnknownAccounts.choices

    def clean_currency(self) -> str:
        currency = str(self.cleaned_data["currency"]).upper()
        validate_currency(currency)
        return currency

    def clean_time_zone(self) -> str:
        zone = str(self.cleaned_data["time_zone"]).strip()
        validate_time_zone(zone)
        return zone


class UsageForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = Workspace
        fields = (
            "frequency_daily",
            "frequency_frequent",
            "frequency_occasional",
            "frequency_goal",
            "login_names",
            "event_months",
        )
        labels = {
            "frequency_daily": _("Daily users, at least"),
            "frequency_frequent": _("Frequent users, at least"),
            "frequency_occasional": _("Occasional users, at least"),
            "frequency_goal": _("Goal, percent"),
            "login_names": _("Names of log-ins"),
            "event_months": _("Keep events for, months"),
        }
        help_texts = {
            "frequency_daily": _("of the last 30 days"),
            "frequency_frequent": _("of the last 30 days"),
            "frequency_occasional": _("of the last 30 days"),
            "frequency_goal": _(
                "How many of an account's known users should be at least frequent. Charts show "
                "this line."
            ),
            "login_names": _(
                "One on each line. What the Segment, RudderStack and PostHog SDKs track by one of "
                "these names is a log-in, everything else the use of a feature."
            ),
            "event_months": _(
                "Older events are deleted and no longer taken. What was counted from them stays: "
                "activity, measures and scores. Left empty, events are kept for ever."
            ),
        }
        widgets = {"login_names": forms.Textarea(attrs={"rows": 5, "spellcheck": "false"})}

    def clean_login_names(self) -> str:
        names = (line.strip() for line in str(self.cleaned_data["login_names"]).splitlines())
        return "\n".join(dict.fromkeys(name for name in names if name))


def time_zones() -> list[str]:
    """Places first: nobody looks for `Etc/GMT+3`."""
    return sorted(zone for zone in available_timezones() if "/" in zone or zone == "UTC")


class MemberForm(forms.Form):
    email = forms.EmailField(
        label=_("E-mail"), widget=forms.EmailInput(attrs={"autocomplete": "off"})
    )
    role = forms.ChoiceField(label=_("Role"), choices=Role.choices, initial=Role.CSM)


class RoleForm(forms.Form):
    role = forms.ChoiceField(choices=Role.choices)


class ApiKeyForm(forms.Form):
    name = forms.CharField(
        label=_("Name"), max_length=100, help_text=_("What uses it, such as “Data warehouse”.")
    )
    scopes = forms.MultipleChoiceField(
        label=_("May"),
        choices=[
            (scope, format_lazy("{scope}: {text}", scope=scope, text=text))
            for scope, text in SCOPE_TEXTS.items()
        ],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one.")},
    )
    expires_on = forms.DateField(
        label=_("Last day"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=_("Left empty, it works until you revoke it."),
    )

    def clean_expires_on(self) -> date | None:
        day: date | None = self.cleaned_data["expires_on"]
        if day is not None and day < timezone.localdate():
            raise ValidationError(_("This day is over."))
        return day

    @property
    def expires_at(self) -> datetime | None:
        """The end of the last day in the workspace's time zone."""
        day: date | None = self.cleaned_data["expires_on"]
        if day is None:
            return None
        return timezone.make_aware(datetime.combine(day + timedelta(days=1), time.min))
