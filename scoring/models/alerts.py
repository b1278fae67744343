from datetime import date
from typing import ClassVar, Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.tenancy import TenantManager, TenantModel, tenant_key


class Severity(models.TextChoices):
    RISK = "risk", _("Risk")
    OPPORTUNITY = "opportunity", _("Opportunity")
    INFO = "info", _("Information")


class Rule(TenantModel):
    """A condition on scores; `document` is the rule of the contract."""

    key = models.SlugField(_("key"), max_length=63, db_index=False)
    name = models.CharField(_("name"), max_length=200)
    document = models.JSONField()
    active = models.BooleanField(_("switched on"), default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace", "key"], name="rule_key_once")
        ]

    def __str__(self) -> str:
        return self.name


class AlertState(models.TextChoices):
    OPEN = "open", _("Open")
    ACKNOWLEDGED = "acknowledged", _("Acknowledged")
    SNOOZED = "snoozed", _("Snoozed")
    RESOLVED = "resolved", _("Resolved")


class AlertQuerySet(models.QuerySet["Alert"]):
    def open(self) -> Self:
        return self.filter(state=AlertState.OPEN)

    def unresolved(self) -> Self:
        return self.exclude(state=AlertState.RESOLVED)

    def newest_first(self) -> Self:
        return self.order_by("-day", "-id")

    def oldest_first(self) -> Self:
        return self.order_by("day", "id")

    def older_than(self, day: date, pk: int) -> Self:
        """What follows a place in the list that begins with the newest."""
        return self.filter(models.Q(day__lt=day) | models.Q(day=day, pk__lt=pk), day__lte=day)

    def newer_than(self, day: date, pk: int) -> Self:
        return self.filter(models.Q(day__gt=day) | models.Q(day=day, pk__gt=pk), day__gte=day)

    def told(self) -> Self:
        """With all that an alert's line says."""
        return self.select_related(
            "account__owner", "rule", "scorecard__current_version", "changed_by"
        )


class AlertManager(TenantManager["Alert"].from_queryset(AlertQuerySet)):  # type: ignore[misc]
    pass


class Alert(TenantModel):
    """A firing of a rule for an account, with the ledger that caused it and a life cycle.

    `recovered_on` is the first day on which the rule no longer matched.
    """

    rule = tenant_key(Rule)
    account = tenant_key("accounts.Account")
    scorecard = tenant_key("scoring.Scorecard")
    severity = models.CharField(max_length=12, choices=Severity.choices)
    state = models.CharField(max_length=12, choices=AlertState.choices, default=AlertState.OPEN)
    day = models.DateField()
    compared_day = models.DateField()
    score = models.IntegerField(null=True)
    band_key = models.CharField(max_length=63)
    delta = models.IntegerField(null=True)
    entries = models.JSONField(default=list)
    recovered_on = models.DateField(null=True)
    snoozed_until = models.DateField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(null=True)
    changed_by = models.ForeignKey(
        "accounts.User",
        models.SET_NULL,
        null=True,
        db_constraint=False,
        db_index=False,
        related_name="+",
    )

    objects: ClassVar[AlertManager] = AlertManager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["workspace", "rule", "account", "day"], name="alert_once_a_day"
            )
        ]
        indexes: ClassVar = [
            models.Index(fields=["workspace", "state", "-day", "-id"], name="alert_by_state"),
            models.Index(fields=["workspace", "-day", "-id"], name="alert_by_day"),
            models.Index(fields=["workspace", "account", "-day"], name="alert_by_account"),
        ]
