from datetime import timedelta
from typing import ClassVar

from django.db import models

from accounts.tenancy import TenantFact


class IdempotentRequest(TenantFact):
    """A write that named itself by an Idempotency-Key, with its answer; status 0 while it runs."""

    KEPT = timedelta(hours=24)

    pk = models.CompositePrimaryKey("workspace_id", "key")
    key = models.CharField(max_length=255, db_collation="C")
    fingerprint = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(default=0)
    body = models.TextField(default="")
    created_at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["workspace_id", "created_at"], name="idempotent_by_age")
        ]
