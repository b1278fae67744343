from typing import ClassVar

from django.db import models

from accounts.tenancy import TenantFact, TenantModel


class StandingsPart(TenantFact):
    """What all accounts have in a scorecard on a day, packed by `scoring.standings.packed`.

    The part without a name holds their bands and scores; those of the newest day that are named by
    a metric its scores. What StandingsChange tells has happened since.
    """

    pk = models.CompositePrimaryKey("workspace_id", "scorecard_id", "day", "metric")
    scorecard_id = models.BigIntegerField()
    day = models.DateField()
    metric = models.CharField(max_length=63, default="")
    packed = models.BinaryField()


class StandingsChange(TenantModel):
    """Accounts whose evaluations of these days were written after their parts were packed, or before
    there were any; ids of 64 bits, the lowest byte first."""

    scorecard_id = models.BigIntegerField()
    first_day = models.DateField()
    last_day = models.DateField()
    account_ids = models.BinaryField()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["workspace", "scorecard_id", "last_day"], name="standings_changed")
        ]
