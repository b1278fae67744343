from collections.abc import Collection
from datetime import date
from typing import ClassVar, Self

from django.db import models
from django.db.models import F, Q

from accounts.tenancy import TenantManager, TenantModel, tenant_key


class OverrideQuerySet(models.QuerySet["Override"]):
    def of(self, account_id: int, scorecard_id: int) -> Self:
        return self.filter(account_id=account_id, scorecard_id=scorecard_id)

    def between(self, first: date, last: date) -> Self:
        """Whatever holds on any day of the interval."""
        return self.filter(
            Q(ended_on=None) | Q(ended_on__gt=first) & Q(ended_on__gt=F("first_day")),
            first_day__lte=last,
            last_day__gte=first,
        )

    def on(self, day: date) -> Self:
        return self.between(day, day)

    def for_accounts(self, account_ids: Collection[int]) -> Self:
        return self.filter(account_id__in=account_ids)

    def newest_first(self) -> Self:
        return self.select_related("by", "ended_by").order_by("-first_day", "-id")


class OverrideManager(TenantManager["Override"].from_queryset(OverrideQuerySet)):  # type: ignore[misc]
    pass


class Override(TenantModel):
    """A score or a band that a person put in the place of what was computed.

    `score` in ten-thousandths, or the key of a band, with the minimum that the band had. It holds
    from `first_day` to `last_day`, both included; one that was withdrawn or replaced holds no more
    from `ended_on` on. What was set is never changed, so that a past day can be told as it was.
    """

    account_id = models.BigIntegerField()
    scorecard = tenant_key("scoring.Scorecard")
    score = models.IntegerField(null=True)
    band = models.CharField(max_length=63, default="", blank=True)
    band_minimum = models.SmallIntegerField(null=True)
    reason = models.TextField()
    first_day = models.DateField()
    last_day = models.DateField()
    by = models.ForeignKey(
        "accounts.User",
        models.SET_NULL,
        null=True,
        db_constraint=False,
        db_index=False,
        related_name="+",
    )
    source = models.CharField(max_length=100, default="", blank=True)
    created_at = models.DateTimeField()
    ended_on = models.DateField(null=True)
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(
        "accounts.User",
        models.SET_NULL,
        null=True,
        db_constraint=False,
        db_index=False,
        related_name="+",
    )

    objects: ClassVar[OverrideManager] = OverrideManager()

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["workspace", "account_id", "scorecard", "first_day"],
                name="override_of_account",
            )
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(score__isnull=False, band="")
                | Q(score=None, band_minimum__isnull=False) & ~Q(band=""),
                name="override_score_or_band",
            ),
            models.CheckConstraint(
                condition=Q(last_day__gte=F("first_day")), name="override_days_in_order"
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="override_has_a_reason"),
        ]

    def holds(self, day: date) -> bool:
        ended = self.ended_on is not None and self.ended_on <= day
        return self.first_day <= day <= self.last_day and not ended

    @property
    def author(self) -> str:
        """Who set it: a person, or the name of an API key."""
        return str(self.by) if self.by else self.source
