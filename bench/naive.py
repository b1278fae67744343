"""What one would write first: a serializer for each event, and bulk_create."""

import json
from datetime import date
from decimal import Decimal
from typing import Any

from django.core.management import call_command
from django.db import connections, models
from django.utils import timezone
from rest_framework import serializers

from accounts.models import Account, Workspace
from accounts.services.keys import create_api_key
from accounts.tenancy import scope
from usage.models import EventKey, UsageEvent


class EventSerializer(serializers.Serializer[Any]):
    event_id = serializers.CharField(max_length=64)
    account = serializers.CharField(max_length=200)
    user = serializers.CharField(max_length=200)
    type = serializers.CharField(max_length=200)
    feature = serializers.CharField(max_length=200, required=False, allow_null=True)
    occurred_at = serializers.DateTimeField()
    duration_seconds = serializers.IntegerField(min_value=0, required=False, allow_null=True)
    count = serializers.IntegerField(min_value=1, default=1)
    properties = serializers.DictField(required=False, allow_null=True)


def prepared() -> tuple[Workspace, str]:
    """A migrated database with a workspace, and the secret of its ingest key."""
    call_command("migrate", database="owner", verbosity=0)
    workspace = Workspace.objects.create(slug="bench", name="Bench")
    with scope(workspace.pk):
        _key, secret = create_api_key(name="bench", scopes=["ingest"], by=None)
    return workspace, secret


def store(workspace: Workspace, body: str) -> None:
    serializer = EventSerializer(data=json.loads(body), many=True)
    serializer.is_valid(raise_exception=True)
    rows = serializer.validated_data
    moment = timezone.now()
    with scope(workspace.pk):
        keys = {row["account"] for row in rows}
        ids = dict(Account.objects.filter(key__in=keys).values_list("key", "id"))
        EventKey.objects.bulk_create(
            [
                EventKey(event_id=row["event_id"], occurred_on=row["occurred_at"].date())
                for row in rows
            ],
            ignore_conflicts=True,
        )
        UsageEvent.objects.bulk_create(
            [
                UsageEvent(
                    occurred_at=row["occurred_at"],
                    event_id=row["event_id"],
                    account_id=ids[row["account"]],
                    end_user_id=1,
                    type=row["type"],
                    duration_seconds=row.get("duration_seconds"),
                    count=row["count"],
                    properties=row.get("properties"),
                    received_at=moment,
                )
                for row in rows
            ]
        )


class MetricScore(models.Model):
    """A row for each metric of each account on each day."""

    workspace_id = models.BigIntegerField()
    account_id = models.BigIntegerField()
    metric = models.CharField(max_length=63)
    day = models.DateField()
    value = models.DecimalField(max_digits=20, decimal_places=4)
    score = models.DecimalField(max_digits=7, decimal_places=4)
    status = models.CharField(max_length=20)

    class Meta:
        app_label = "scoring"
        unique_together = ("workspace_id", "account_id", "metric", "day")


def store_scores(workspace: Workspace, day: date, accounts: int, metrics: int) -> None:
    with connections["owner"].schema_editor() as editor:
        editor.create_model(MetricScore)
    rows = [
        MetricScore(
            workspace_id=workspace.pk,
            account_id=account,
            metric=f"metric-{metric}",
            day=day,
            value=Decimal(metric),
            score=Decimal(50),
            status="ok",
        )
        for account in range(accounts)
        for metric in range(metrics)
    ]
    MetricScore.objects.bulk_create(rows, batch_size=1000)
