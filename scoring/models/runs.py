from typing import ClassVar, Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.tenancy import TenantManager, TenantModel, tenant_key


class RunKind(models.TextChoices):
    NIGHT = "night", _("Night")
    REQUEST = "request", _("On request")


class RunState(models.TextChoices):
    QUEUED = "queued", _("Queued")
    RUNNING = "running", _("Running")
    DONE = "done", _("Done")
    FAILED = "failed", _("Failed")


class RunQuerySet(models.QuerySet["Run"]):
    def unfinished(self) -> Self:
        return self.filter(state__in=[RunState.QUEUED, RunState.RUNNING])

    def nights(self) -> Self:
        return self.filter(kind=RunKind.NIGHT)


class RunManager(TenantManager["Run"].from_queryset(RunQuerySet)):  # type: ignore[misc]
    pass


class Run(TenantModel):
    """An evaluation of accounts over days, worked off slice by slice; a job in the API."""

    kind = models.CharField(max_length=10, choices=RunKind.choices)
    state = models.CharField(max_length=10, choices=RunState.choices, default=RunState.QUEUED)
    from_day = models.DateField()
    to_day = models.DateField()
    total = models.IntegerField(default=0)
    done = models.IntegerField(default=0)
    error = models.TextField(blank=True, default="")
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True)

    objects: ClassVar[RunManager] = RunManager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["workspace", "kind", "to_day"],
                condition=models.Q(kind=RunKind.NIGHT),
                name="one_night_a_day",
            )
        ]
        indexes: ClassVar = [models.Index(fields=["workspace", "-created_at"])]

    @property
    def unfinished(self) -> bool:
        return self.state in {RunState.QUEUED, RunState.RUNNING}

    @property
    def days(self) -> int:
        return (self.to_day - self.from_day).days + 1

    @property
    def percent(self) -> int:
        return 100 * self.done // self.total if self.total else 100


class RunSlice(TenantModel):
    """Accounts of a run that one worker evaluates in one transaction: the ledger's line.

    `done_at` is set in that transaction, so a killed worker leaves the slice to be claimed again.
    """

    run = tenant_key(Run)
    number = models.IntegerField()
    account_ids = models.JSONField()
    attempts = models.SmallIntegerField(default=0)
    done_at = models.DateTimeField(null=True)
    error = models.TextField(blank=True, default="")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace", "run", "number"], name="slice_once")
        ]
