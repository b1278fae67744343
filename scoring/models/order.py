from datetime import date
from typing import ClassVar

from django.db import models

from accounts.tenancy import TenantFact, TenantManager


class ScorecardOrderQuerySet(models.QuerySet["ScorecardOrder"]):
    def on(self, day: date) -> "ScorecardOrder | None":
        """The one that held on the day; before the first that first one."""
        held = self.filter(from_day__lte=day).order_by("-from_day").first()
        return held or self.order_by("from_day").first()


class ScorecardOrderManager(
    TenantManager["ScorecardOrder"].from_queryset(ScorecardOrderQuerySet)  # type: ignore[misc]
):
    pass


class ScorecardOrder(TenantFact):
    """The active scorecards, the primary first, as accounts were evaluated from a day on.

    A past day keeps its primary scorecard, however they are arranged, switched off or archived later.
    """

    pk = models.CompositePrimaryKey("workspace_id", "from_day")
    from_day = models.DateField()
    scorecards = models.JSONField()

    objects: ClassVar[ScorecardOrderManager] = ScorecardOrderManager()
