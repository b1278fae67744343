"""What the public clients told of people and accounts, and when: the newest word holds."""

from typing import ClassVar

from django.db import models

from accounts.tenancy import TenantFact


class KnownUser(TenantFact):
    """A person by the id that a client uses, before and whatever the account.

    `told` has the moment of each trait, in microseconds since 1970. `same_as` is the id that this
    one was linked to.
    """

    pk = models.CompositePrimaryKey("workspace_id", "key")
    key = models.CharField(max_length=200, db_collation="C")
    same_as = models.CharField(max_length=200, db_collation="C", default="")
    account_id = models.BigIntegerField(null=True)
    grouped_at = models.DateTimeField(null=True)
    traits = models.JSONField(default=dict)
    told = models.JSONField(default=dict)


class KnownAccount(TenantFact):
    """`told` has the moment of each field and attribute that a `group` message set."""

    pk = models.CompositePrimaryKey("workspace_id", "account_id")
    account_id = models.BigIntegerField()
    told = models.JSONField(default=dict)


class WaitingEvent(TenantFact):
    """An event in the quarantine for no other reason than that no account of its user is known."""

    pk = models.CompositePrimaryKey("workspace_id", "rejected_id")
    rejected_id = models.BigIntegerField()
    user_key = models.CharField(max_length=200, db_collation="C")

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["workspace_id", "user_key"], name="waiting_event_by_user")
        ]
