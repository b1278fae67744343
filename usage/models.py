from typing import ClassVar, Self

from django.contrib.postgres.fields import ArrayField
from django.db import models

from accounts.tenancy import TenantFact, TenantManager, TenantModel, tenant_key


class EndUserQuerySet(models.QuerySet["EndUser"]):
    def for_account(self, account_id: int) -> Self:
        return self.filter(account_id=account_id)


class EndUserManager(TenantManager["EndUser"].from_queryset(EndUserQuerySet)):  # type: ignore[misc]
    pass


class EndUser(TenantModel):
    """A person whose use of the product is reported."""

    account_id = models.BigIntegerField()
    key = models.CharField(max_length=200)
    first_seen_on = models.DateField()
    last_seen_on = models.DateField()
    last_login_on = models.DateField(null=True)
    name = models.CharField(max_length=200, blank=True, db_default="")
    email = models.CharField(max_length=254, blank=True, db_default="")
    traits = models.JSONField(db_default={})

    objects: ClassVar[EndUserManager] = EndUserManager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace", "account_id", "key"], name="end_user_once")
        ]


class Feature(TenantModel):
    """Something in the customer's product that can be used, known by its key."""

    key = models.CharField(max_length=200)
    name = models.CharField(max_length=200)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace", "key"], name="feature_once")
        ]


class EventKey(TenantFact):
    """Every event id that was accepted: an event counts once however often it is sent."""

    pk = models.CompositePrimaryKey("workspace_id", "event_id")
    event_id = models.CharField(max_length=100, db_collation="C")
    occurred_on = models.DateField()


class UsageEvent(TenantFact):
    """What happened, as it was sent; partitioned by month of `occurred_at`, without an index.

    The primary key is Django's wish; the table has none, because an index costs a third of the
    ingestion rate and nothing reads single events by it. `EventKey` makes events unique.
    """

    pk = models.CompositePrimaryKey("workspace_id", "occurred_at", "event_id")
    occurred_at = models.DateTimeField()
    event_id = models.CharField(max_length=100)
    account_id = models.BigIntegerField()
    end_user_id = models.BigIntegerField()
    type = models.CharField(max_length=200)
    feature_id = models.BigIntegerField(null=True)
    duration_seconds = models.IntegerField(null=True)
    count = models.IntegerField(default=1)
    properties = models.JSONField(null=True)
    received_at = models.DateTimeField()

    class Meta:
        managed = False
        db_table = "usage_usageevent"


class AccountDay(TenantFact):
    """The activity of an account on a day of the workspace's time zone.

    `feature_counts` are the day's uses of the features `feature_ids`, which ascend.
    """

    pk = models.CompositePrimaryKey("workspace_id", "account_id", "day")
    account_id = models.BigIntegerField()
    day = models.DateField()
    events = models.BigIntegerField()
    logins = models.BigIntegerField()
    sessions = models.BigIntegerField()
    session_seconds = models.BigIntegerField()
    feature_uses = models.BigIntegerField()
    feature_ids = ArrayField(models.BigIntegerField(), db_default=[])
    feature_counts = ArrayField(models.BigIntegerField(), db_default=[])


class UserMonth(TenantFact):
    """A person's activity in a month: bit d−1 of the masks stands for day d of the month.

    `feature_days` are the masks of the features `feature_ids`, which ascend.
    """

    pk = models.CompositePrimaryKey("workspace_id", "account_id", "end_user_id", "month")
    account_id = models.BigIntegerField()
    end_user_id = models.BigIntegerField()
    month = models.DateField()
    active_days = models.IntegerField()
    login_days = models.IntegerField()
    logins = models.BigIntegerField()
    feature_uses = models.BigIntegerField()
    session_seconds = models.BigIntegerField()
    feature_ids = ArrayField(models.BigIntegerField(), db_default=[])
    feature_days = ArrayField(models.IntegerField(), db_default=[])


class RejectedEventQuerySet(models.QuerySet["RejectedEvent"]):
    def waiting(self) -> Self:
        """In the quarantine, not discarded."""
        return self.filter(discarded_at=None)


class RejectedEventManager(TenantManager["RejectedEvent"].from_queryset(RejectedEventQuerySet)):  # type: ignore[misc]
    pass


class RejectedEvent(TenantModel):
    """Quarantine: an event that could not be stored, as it was sent, with the reason.

    `digest` is of what was sent: the same bad event sent again is kept once, and counted.
    `source` says who can read the body again; see IntakeHour.
    """

    digest = models.CharField(max_length=64, db_collation="C")
    event_id = models.CharField(max_length=100, blank=True, default="")
    source = models.CharField(max_length=30, db_default="api", db_collation="C")
    api_key = tenant_key("accounts.ApiKey", on_delete=models.SET_NULL, null=True)
    body = models.JSONField()
    message = models.TextField()
    received_at = models.DateTimeField()
    last_received_at = models.DateTimeField()
    occurrences = models.BigIntegerField(db_default=1)
    discarded_at = models.DateTimeField(null=True)

    objects: ClassVar[RejectedEventManager] = RejectedEventManager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace", "digest"], name="rejected_event_once")
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["workspace", "-last_received_at", "-id"], name="rejected_event_latest"
            )
        ]


class IntakeHour(TenantModel):
    """What came in with a key, from a source (api, segment, …), in an hour of UTC.

    Rows of one hour differ by `slot`, so that parallel senders do not wait for each other.
    """

    api_key = tenant_key("accounts.ApiKey", null=True)
    source = models.CharField(max_length=30, db_collation="C")
    hour = models.DateTimeField()
    slot = models.SmallIntegerField()
    accepted = models.BigIntegerField()
    duplicates = models.BigIntegerField()
    rejected = models.BigIntegerField()
    last_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["workspace", "hour", "source", "api_key", "slot"],
                nulls_distinct=False,
                name="intake_hour_once",
            )
        ]


class RecountQuerySet(models.QuerySet["Recount"]):
    def unfinished(self) -> Self:
        return self.filter(finished_at=None)


class RecountManager(TenantManager["Recount"].from_queryset(RecountQuerySet)):  # type: ignore[misc]
    pass


class Recount(TenantModel):
    """The days of all accounts counted anew from raw events, a month after the other.

    The next slice are the accounts behind `after_account` in `month`; `changed_from` is the earliest day that changed.
    """

    zone = models.CharField(max_length=64)
    month = models.DateField()
    to_day = models.DateField()
    after_account = models.BigIntegerField(default=0)
    total = models.BigIntegerField()
    done = models.BigIntegerField(default=0)
    changed_from = models.DateField(null=True)
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    objects: ClassVar[RecountManager] = RecountManager()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["workspace", "finished_at"])]
