from zoneinfo import available_timezones

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _


def validate_time_zone(value: str) -> None:
    if value not in available_timezones():
        raise ValidationError(
            _("“%(zone)s” is no time zone: use a name like Europe/Berlin.") % {"zone": value}
        )


def validate_currency(value: str) -> None:
    if not (len(value) == 3 and value.isascii() and value.isalpha() and value.isupper()):
        raise ValidationError(
            _("“%(currency)s” is no currency: use a code like EUR.") % {"currency": value}
        )
