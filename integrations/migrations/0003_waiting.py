from django.db import migrations, models

import accounts.tenancy
from accounts.migration_operations import addressable, belongs, protect


class Migration(migrations.Migration):
    dependencies = [("integrations", "0002_known"), ("usage", "0008_quarantine_by_time")]

    operations = [
        migrations.CreateModel(
            name="WaitingEvent",
            fields=[
                (
                    "workspace_id",
                    models.BigIntegerField(
                        default=accounts.tenancy.current_workspace_id, editable=False
                    ),
                ),
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "workspace_id",
                        "rejected_id",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("rejected_id", models.BigIntegerField()),
                ("user_key", models.CharField(db_collation="C", max_length=200)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["workspace_id", "user_key"], name="waiting_event_by_user")
                ]
            },
        ),
        addressable("usage_rejectedevent"),
        protect("integrations_waitingevent"),
        belongs("integrations_waitingevent", "rejected_id", "usage_rejectedevent"),
    ]
