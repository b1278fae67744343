from datetime import date
from typing import ClassVar, Self

from django.db import models

from accounts.tenancy import TenantFact, TenantManager


class PeersQuerySet(models.QuerySet["PeerValues"]):
    def of(self, version_id: int, first: date, last: date) -> Self:
        return self.filter(version_id=version_id, day__gte=first, day__lte=last)


class PeersManager(TenantManager["PeerValues"].from_queryset(PeersQuerySet)):  # type: ignore[misc]
    pass


class PeerValues(TenantFact):
    """What the percentile metric of a version was compared with on a day: the valid values of all
    accounts of the scorecard, as the first evaluation of a run found them, packed by
    `scoring.distributions`. Every account of the day is ranked among these same values.
    """

    pk = models.CompositePrimaryKey("workspace_id", "version_id", "metric", "day")
    version_id = models.BigIntegerField()
    metric = models.CharField(max_length=63)
    day = models.DateField()
    peers = models.BinaryField()
    measured_at = models.DateTimeField()

    objects: ClassVar[PeersManager] = PeersManager()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["workspace_id", "day"], name="peers_by_day")]


class SummaryQuerySet(models.QuerySet["PeerSummary"]):
    def on(self, version_id: int, day: date) -> Self:
        return self.filter(version_id=version_id, day=day)

    def newest(self, version_id: int, until: date) -> Self:
        """Of the last summarized day until the day."""
        stored = PeerSummary.objects.filter(version_id=version_id, day__lte=until)
        day = stored.order_by("-day").values("day")[:1]
        return self.filter(version_id=version_id, day=models.Subquery(day))

    def of_metrics(self) -> Self:
        return self.filter(kind=PeerKind.METRIC)


class SummaryManager(TenantManager["PeerSummary"].from_queryset(SummaryQuerySet)):  # type: ignore[misc]
    pass


class PeerKind(models.TextChoices):
    METRIC = "metric"
    GROUP = "group"
    SCORECARD = "scorecard"


class PeerSummary(TenantFact):
    """The evaluations of a version on a day, over all accounts, in few numbers.

    A metric's `count` are the accounts with a valid value, and the numbers are of these values; a
    group's and the scorecard's (whose key is empty) are of the accounts with a score, and of scores.
    `mean_score` is over the accounts in whose score the metric counted. `knots` tell, packed by
    `scoring.distributions`, how many have less than a value: exactly up to 500 distinct values.
    """

    pk = models.CompositePrimaryKey("workspace_id", "version_id", "day", "kind", "key")
    version_id = models.BigIntegerField()
    day = models.DateField()
    kind = models.CharField(max_length=9, choices=PeerKind.choices)
    key = models.CharField(max_length=63)
    count = models.IntegerField()
    minimum = models.BigIntegerField(null=True)
    median = models.BigIntegerField(null=True)
    maximum = models.BigIntegerField(null=True)
    mean = models.BigIntegerField(null=True)
    mean_score = models.IntegerField(null=True)
    knots = models.BinaryField()
    measured_at = models.DateTimeField()

    objects: ClassVar[SummaryManager] = SummaryManager()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["workspace_id", "day"], name="summary_by_day")]
