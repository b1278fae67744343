from datetime import date
from typing import ClassVar, Self

from django.db import models

from accounts.tenancy import TenantFact, TenantManager
from scoring.recent import weekly


class EvaluationQuerySet(models.QuerySet["Evaluation"]):
    def between(self, first: date, last: date) -> Self:
        """Whatever holds on any day of the interval, in order."""
        return self.filter(day__lte=last, to_day__gte=first).order_by("day")

    def of(self, account_id: int, scorecard_id: int) -> Self:
        return self.filter(account_id=account_id, scorecard_id=scorecard_id)


class EvaluationManager(TenantManager["Evaluation"].from_queryset(EvaluationQuerySet)):  # type: ignore[misc]
    pass


class EvaluationFields(TenantFact):
    """One account, one scorecard, the days `day` … `to_day` on which nothing was different.

    Scores are ten-thousandths, null where nothing counts. `band` is the index in the version's
    bands, −1 unknown. `detail` is the explanation, packed by `scoring.detail`: for each metric
    its value, last known score, status and day of measurement, in the version's order. The
    reference and pending bands are what the next day's held band and hysteresis go on from.
    """

    account_id = models.BigIntegerField()
    scorecard_id = models.BigIntegerField()
    day = models.DateField()
    to_day = models.DateField()
    version_id = models.BigIntegerField()
    score = models.IntegerField(null=True)
    computed = models.IntegerField(null=True)
    coverage = models.IntegerField()
    band = models.SmallIntegerField()
    flags = models.SmallIntegerField()
    reference_band = models.SmallIntegerField(default=-1)
    pending_band = models.SmallIntegerField(default=-1)
    pending_count = models.SmallIntegerField(default=0)
    exception = models.SmallIntegerField(default=-1)
    detail = models.BinaryField()
    evaluated_at = models.DateTimeField()

    PROVISIONAL, HELD, RESTATED, OVERRIDDEN = 1, 2, 4, 8

    class Meta:
        abstract = True


class Evaluation(EvaluationFields):
    pk = models.CompositePrimaryKey("workspace_id", "account_id", "scorecard_id", "day")

    objects: ClassVar[EvaluationManager] = EvaluationManager()


class SupersededEvaluation(EvaluationFields):
    """What was believed before a day was evaluated again."""

    pk = models.CompositePrimaryKey(
        "workspace_id", "account_id", "scorecard_id", "day", "superseded_at"
    )
    superseded_at = models.DateTimeField()


class HealthQuerySet(models.QuerySet["Health"]):
    pass


class HealthManager(TenantManager["Health"].from_queryset(HealthQuerySet)):  # type: ignore[misc]
    pass


class Health(TenantFact):
    """An account's current primary health, as the portfolio lists it.

    `change` against one trend window earlier; `reasons` the largest entries of that ledger;
    `recent` the scores of the last weeks up to `day`, packed by `scoring.recent`. The flags are
    those of the evaluation, and STALE where a metric expired, failed or lost its data.
    """

    STALE = 16

    pk = models.CompositePrimaryKey("workspace_id", "account_id")
    account_id = models.BigIntegerField()
    scorecard_id = models.BigIntegerField()
    version_id = models.BigIntegerField()
    day = models.DateField()
    score = models.IntegerField(null=True)
    band = models.SmallIntegerField()
    band_key = models.CharField(max_length=63)
    coverage = models.IntegerField()
    flags = models.SmallIntegerField()
    change = models.IntegerField(null=True)
    reasons = models.JSONField(default=list)
    recent = models.BinaryField(null=True)

    objects: ClassVar[HealthManager] = HealthManager()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["workspace_id", "score", "account_id"], name="health_by_score"),
            models.Index(fields=["workspace_id", "change", "account_id"], name="health_by_change"),
            models.Index(
                fields=["workspace_id", "band_key", "score", "account_id"], name="health_by_band"
            ),
        ]

    @property
    def trend(self) -> list[int | None]:
        """Twelve weekly scores up to `day`, None where there was none."""
        return weekly(self.recent)
