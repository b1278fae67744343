from django.db import migrations, models

import accounts.tenancy
from accounts.migration_operations import protect


class Migration(migrations.Migration):
    dependencies = [("scoring", "0009_recent_scores")]

    operations = [
        migrations.CreateModel(
            name="Layout",
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
                        "stage",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("stage", models.CharField(blank=True, default="", max_length=60)),
                ("document", models.JSONField()),
                ("changed_at", models.DateTimeField()),
            ],
            options={"abstract": False},
        ),
        protect("scoring_layout"),
    ]
