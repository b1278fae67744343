import django.db.models.deletion
from django.db import migrations, models

import accounts.tenancy
from accounts.migration_operations import belongs, protect

WORKSPACE = models.BigIntegerField(default=accounts.tenancy.current_workspace_id, editable=False)


class Migration(migrations.Migration):
    dependencies = [("scoring", "0011_segment_members_and_views")]

    operations = [
        migrations.CreateModel(
            name="StandingsPart",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "workspace_id",
                        "scorecard_id",
                        "day",
                        "metric",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("workspace_id", WORKSPACE),
                ("scorecard_id", models.BigIntegerField()),
                ("day", models.DateField()),
                ("metric", models.CharField(default="", max_length=63)),
                ("packed", models.BinaryField()),
            ],
            options={"abstract": False},
        ),
        migrations.CreateModel(
            name="StandingsChange",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("scorecard_id", models.BigIntegerField()),
                ("first_day", models.DateField()),
                ("last_day", models.DateField()),
                ("account_ids", models.BinaryField()),
                (
                    "workspace",
                    models.ForeignKey(
                        db_index=False,
                        default=accounts.tenancy.current_workspace_id,
                        editable=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="accounts.workspace",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        fields=["workspace", "scorecard_id", "last_day"], name="standings_changed"
                    )
                ],
            },
        ),
        protect("scoring_standingspart"),
        protect("scoring_standingschange"),
        belongs("scoring_standingspart", "scorecard_id", "scoring_scorecard"),
        belongs("scoring_standingschange", "scorecard_id", "scoring_scorecard"),
    ]
