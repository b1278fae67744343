from collections.abc import Collection
from datetime import datetime
from typing import ClassVar, Self

from django.db import models
from django.db.models.functions import RowNumber
from django.utils.translation import gettext_lazy as _

from accounts.tenancy import TenantManager, TenantModel, tenant_key


class MeasurementQuerySet(models.QuerySet["Measurement"]):
    def of(self, account_id: int, metric: str) -> Self:
        return self.filter(account_id=account_id, metric=metric).order_by("-measured_at", "-id")

    def known(self, account_id: int, moment: datetime | None) -> Self:
        """Of an account, those that had been recorded at the moment; all without one."""
        found = self.filter(account_id=account_id)
        return found if moment is None else found.filter(recorded_at__lte=moment)

    def for_scorecard(self, scorecard_id: int) -> Self:
        """Those that were set for this scorecard or for whichever has the metric."""
        return self.filter(models.Q(scorecard__isnull=True) | models.Q(scorecard_id=scorecard_id))

    def newest(self, metrics: Collection[str], *, before: datetime, most: int) -> Self:
        """The newest few of each metric, in order."""
        place = models.Window(
            RowNumber(),
            partition_by=models.F("metric"),
            order_by=[models.F("measured_at").desc(), models.F("id").desc()],
        )
        return (
            self.filter(metric__in=metrics, measured_at__lt=before)
            .annotate(place=place)
            .filter(place__lte=most)
            .order_by("metric", "place")
        )


class MeasurementManager(TenantManager["Measurement"].from_queryset(MeasurementQuerySet)):  # type: ignore[misc]
    pass


class Measurement(TenantModel):
    """One observed value of a manual metric: append-only, the latest up to a day counts.

    `value` is a number, a level's key or a boolean; `not_applicable` takes its place, with a reason.
    """

    account_id = models.BigIntegerField()
    scorecard = tenant_key("scoring.Scorecard", null=True)
    metric = models.CharField(max_length=63)
    value = models.JSONField(_("value"), null=True)
    not_applicable = models.BooleanField(_("not applicable"), default=False)
    measured_at = models.DateTimeField()
    recorded_at = models.DateTimeField(auto_now_add=True)
    recorded_by = models.ForeignKey(
        "accounts.User",
        models.SET_NULL,
        null=True,
        db_constraint=False,
        db_index=False,
        related_name="+",
    )
    source = models.CharField(max_length=100, default="")
    comment = models.TextField(_("comment"), blank=True, default="")
    reason = models.TextField(_("reason"), blank=True, default="")

    objects: ClassVar[MeasurementManager] = MeasurementManager()

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["workspace", "account_id", "metric", "-measured_at", "-id"],
                name="measurement_latest",
            )
        ]
