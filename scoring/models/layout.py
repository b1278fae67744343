from typing import ClassVar, Self

from django.db import models

from accounts.tenancy import TenantFact, TenantManager


class LayoutQuerySet(models.QuerySet["Layout"]):
    def for_stage(self, stage: str) -> "Layout | None":
        """The stage's own one, or that of all stages."""
        return self.of_stage(stage).first()

    def of_stage(self, stage: str) -> Self:
        """The one that holds first."""
        return self.filter(stage__in=["", stage]).order_by("-stage")


class LayoutManager(TenantManager["Layout"].from_queryset(LayoutQuerySet)):  # type: ignore[misc]
    pass


class Layout(TenantFact):
    """How the pages of accounts are arranged, for everybody; an empty `stage` holds for all that
    have none of their own. `document` is a `scoring.layouts.LayoutDocument`."""

    pk = models.CompositePrimaryKey("workspace_id", "stage")
    stage = models.CharField(max_length=60, default="", blank=True)
    document = models.JSONField()
    changed_at = models.DateTimeField()

    objects: ClassVar[LayoutManager] = LayoutManager()
