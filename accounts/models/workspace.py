from datetime import date, datetime
from typing import ClassVar
from zoneinfo import ZoneInfo

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.validators import validate_currency, validate_time_zone


class UnknownAccounts(models.TextChoices):
    CREATE = "create", _("Create the account")
    REJECT = "reject", _("Reject the event")


LOGIN_NAMES = "Signed In\nLogged In\nSession Started\n$login"
MONTH_DAYS = 30
DAYS_OF_MONTH = [MinValueValidator(1), MaxValueValidator(MONTH_DAYS)]


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
    frequency_daily = models.PositiveSmallIntegerField(
        _("daily users, days"), default=20, validators=DAYS_OF_MONTH
    )
    frequency_frequent = models.PositiveSmallIntegerField(
        _("frequent users, days"), default=8, validators=DAYS_OF_MONTH
    )
    frequency_occasional = models.PositiveSmallIntegerField(
        _("occasional users, days"), default=1, validators=DAYS_OF_MONTH
    )
    frequency_goal = models.PositiveSmallIntegerField(
        _("goal for frequent users, percent"),
        null=True,
        blank=True,
        validators=[MaxValueValidator(100)],
    )
    login_names = models.TextField(_("names of log-ins"), blank=True, default=LOGIN_NAMES)
    event_months = models.PositiveSmallIntegerField(
        _("months that events are kept"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(1200)],
    )
    events_from = models.DateTimeField(null=True, editable=False)
    """Events before it were dropped, and their ids forgotten; null where none were."""
    events_cleared = models.DateTimeField(null=True, editable=False)
    """What `events_from` was when the last of its rows was gone."""
    days_zone = models.CharField(max_length=64, blank=True, default="", editable=False)
    """The time zone that the days of usage were counted in while they are counted anew."""
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                name="workspace_frequency_in_order",
                condition=models.Q(frequency_occasional__gte=1)
                & models.Q(frequency_occasional__lte=models.F("frequency_frequent"))
                & models.Q(frequency_frequent__lte=models.F("frequency_daily"))
                & models.Q(frequency_daily__lte=MONTH_DAYS),
                violation_error_message=_(
                    "Daily users need at least as many days as frequent ones, and these at least "
                    "as many as occasional ones."
                ),
            ),
            models.CheckConstraint(
                name="workspace_frequency_goal_is_percent",
                condition=models.Q(frequency_goal__lte=100),
            ),
            models.CheckConstraint(
                name="workspace_event_months_positive",
                condition=models.Q(event_months__gte=1),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    @property
    def frequency_limits(self) -> dict[str, int]:
        """Days of the last 30 on which users of each frequency are active at least."""
        return {
            "daily": self.frequency_daily,
            "frequent": self.frequency_frequent,
            "occasional": self.frequency_occasional,
        }

    def day_of(self, moment: datetime) -> date:
        """The day of a moment in the workspace's time zone."""
        return moment.astimezone(self.zone).date()
