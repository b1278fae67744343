import hashlib
from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib.auth.forms import AuthenticationForm, PasswordResetForm
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.addresses import client_address
from accounts.counters import count, counted, forget
from accounts.models import User

WINDOW_SECONDS = 15 * 60
MOST_PER_EMAIL = 10
MOST_PER_ADDRESS = 100
MOST_RESETS = 5


def counter(kind: str, text: str) -> str:
    return f"{kind}:{hashlib.sha256(text.encode(errors='replace')).hexdigest()[:32]}"


class SignInForm(AuthenticationForm):
    """Too many failures of an e-mail address, or from one place, close it for a while.

    Django checks a password also where there is no such person, so that time tells nothing; what is
    counted does not depend on who exists either.
    """

    username = forms.EmailField(
        label=_("E-mail"),
        widget=forms.EmailInput(attrs={"autocomplete": "username", "autofocus": True}),
    )
    error_messages = {
        "invalid_login": _("E-mail or password is wrong."),
        "inactive": _("E-mail or password is wrong."),
        "throttled": _("Too many attempts failed. Wait 15 minutes, or choose a new password."),
    }

    def clean_username(self) -> str:
        return str(self.cleaned_data["username"]).strip().lower()

    def clean(self) -> dict[str, Any]:
        email = self.cleaned_data.get("username")
        if email is None or not self.cleaned_data.get("password"):
            return self.cleaned_data
        per_email = counter("signin", email)
        per_address = counter("signin-from", client_address(self.request or HttpRequest()))
        # The attempt counts before it is tried, so that many at once are counted too.
        tried = count(per_email, seconds=WINDOW_SECONDS)
        if tried > MOST_PER_EMAIL or counted(per_address) >= MOST_PER_ADDRESS:
            raise ValidationError(self.error_messages["throttled"], code="throttled")
        try:
            cleaned: dict[str, Any] = super().clean()
        except ValidationError:
            count(per_address, seconds=WINDOW_SECONDS)
            raise
        forget(per_email)
        return cleaned


class ResetForm(PasswordResetForm):
    """Mails the link also to who has never signed in; a few times per address and window."""

    def get_users(self, email: str) -> Iterable[User]:
        email = email.strip().lower()
        if count(counter("reset", email), seconds=WINDOW_SECONDS) > MOST_RESETS:
            return []
        return User.objects.filter(email=email, is_active=True)
