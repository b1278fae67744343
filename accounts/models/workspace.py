from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.core.validators import MaxValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.validators import validate_currency, validate_time_zone


class UnknownAccounts(models.TextChoices):
    CREATE = "create", _("Create the account")
    REJECT = "reject", _("Reject the event")


class Workspace(models.Model):
    """The tenant. Its own table is the directory that scopes are opened from."""

    slug = models.SlugField(_("address"), max_length=63, unique=True)
    name = models.CharField(_("name"), max_length=200)
    time_zone = models.CharField(
        _("time zone"), max_length=64, default="UTC", validators=[validate_time_zone]
    )
    night_hour = models.PositiveSmallIntegerField(
        _("hour of the night's evaluation"), default=2, validators=[MaxValueValidator(23)]
    )
    currency = models.CharField(
        _("currency"), max_length=3, default="USD", validators=[validate_currency]
    )
    renewal_notice_days = models.PositiveSmallIntegerField(_("renewal notice, days"), default=90)
    unknown_accounts = models.CharField(
        _("events of an unknown account"),
        max_length=10,
        choices=UnknownAccounts.choices,
        default=UnknownAccounts.CREATE,
    )
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.name

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    def day_of(self, moment: datetime) -> date:
        """The day of a moment in the workspace's time zone."""
        return moment.astimezone(self.zone).date()
