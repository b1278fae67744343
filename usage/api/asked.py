"""What calls on usage ask for alike: an account, and days that can be."""

from datetime import date
from typing import Annotated

from django.http import Http404
from django.utils.translation import gettext as _
from msgspec import Meta

from accounts.errors import InvalidInput
from accounts.models import Account
from usage.measures import LONGEST_WINDOW

FIRST_YEAR, LAST_YEAR = 1990, 2200

Days = Annotated[int, Meta(ge=1, le=LONGEST_WINDOW)]


def account_of(key: str) -> Account:
    account: Account | None = Account.objects.filter(key=key).first()
    if account is None:
        raise Http404
    return account


def plausible(day: date) -> date:
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise InvalidInput.at(
            "",
            _("Ask for days from %(first)s to %(last)s.")
            % {"first": FIRST_YEAR, "last": LAST_YEAR},
        )
    return day
