from typing import ClassVar

from django.db import models

from accounts.tenancy import TenantFact


class SegmentMember(TenantFact):
    """An account that a segment's conditions held for when either was last changed."""

    pk = models.CompositePrimaryKey("workspace_id", "segment_id", "account_id")
    segment_id = models.BigIntegerField()
    account_id = models.BigIntegerField()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["workspace_id", "account_id"], name="segment_member_account")
        ]
