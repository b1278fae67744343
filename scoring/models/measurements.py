from collections.abc import Mapping
from datetime import datetime
from typing import ClassVar, Self

from django.db import models
from django.db.models.expressions import RawSQL
from django.utils.translation import gettext_lazy as _

from accounts.tenancy import TenantManager, TenantModel, current_workspace_id, tenant_key

# One step into the index for each metric, however often it was set. Those that were set for this
# scorecard, or for whichever has the metric.
NEWEST = """
SELECT of.id FROM unnest(%s::text[], %s::int[]) AS wanted (metric, most)
CROSS JOIN LATERAL (
    SELECT id FROM scoring_measurement
    WHERE workspace_id = %s AND account_id = %s AND metric = wanted.metric
      AND (scorecard_id IS NULL OR scorecard_id = %s) AND measured_at < %s {known}
    ORDER BY measured_at DESC, id DESC LIMIT wanted.most
) AS of
"""


class MeasurementQuerySet(models.QuerySet["Measurement"]):
    def of(self, account_id: int, metric: str) -> Self:
        return self.filter(account_id=account_id, metric=metric).order_by("-measured_at", "-id")

    def for_scorecard(self, scorecard_id: int) -> Self:
        """Those that were set for this scorecard or for whichever has the metric."""
        return self.filter(models.Q(scorecard__isnull=True) | models.Q(scorecard_id=scorecard_id))

    def newest(
        self,
        account_id: int,
        scorecard_id: int,
        most: Mapping[str, int],
        *,
        before: datetime,
        known_at: datetime | None = None,
    ) -> Self:
        """The newest few of each metric, the newest first; `most` says how many of which."""
        known = [] if known_at is None else [known_at]
        chosen = RawSQL(  # noqa: S611
            NEWEST.format(known="AND recorded_at <= %s" if known else ""),
            [
                [*most],
                [*most.values()],
                current_workspace_id(),
                account_id,
                scorecard_id,
                before,
                *known,
            ],
        )
        return self.filter(pk__in=chosen).order_by("metric", "-measured_at", "-id")


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
