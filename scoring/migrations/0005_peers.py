from django.db import migrations, models

import accounts.tenancy
from accounts.migration_operations import belongs, protect

WORKSPACE = models.BigIntegerField(default=accounts.tenancy.current_workspace_id, editable=False)


class Migration(migrations.Migration):
    dependencies = [("scoring", "0004_archived_scorecards")]

    operations = [
        migrations.CreateModel(
            name="PeerValues",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "workspace_id",
                        "version_id",
                        "metric",
                        "day",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("workspace_id", WORKSPACE),
                ("version_id", models.BigIntegerField()),
                ("metric", models.CharField(max_length=63)),
                ("day", models.DateField()),
                ("peers", models.BinaryField()),
                ("measured_at", models.DateTimeField()),
            ],
            options={
                "indexes": [models.Index(fields=["workspace_id", "day"], name="peers_by_day")]
            },
        ),
        migrations.CreateModel(
            name="PeerSummary",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "workspace_id",
                        "version_id",
                        "day",
                        "kind",
                        "key",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("workspace_id", WORKSPACE),
                ("version_id", models.BigIntegerField()),
                ("day", models.DateField()),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("metric", "Metric"),
                            ("group", "Group"),
                            ("scorecard", "Scorecard"),
                        ],
                        max_length=9,
                    ),
                ),
                ("key", models.CharField(max_length=63)),
                ("count", models.IntegerField()),
                ("minimum", models.BigIntegerField(null=True)),
                ("median", models.BigIntegerField(null=True)),
                ("maximum", models.BigIntegerField(null=True)),
                ("mean", models.BigIntegerField(null=True)),
                ("mean_score", models.IntegerField(null=True)),
                ("knots", models.BinaryField()),
                ("measured_at", models.DateTimeField()),
            ],
            options={
                "indexes": [models.Index(fields=["workspace_id", "day"], name="summary_by_day")]
            },
        ),
        protect("scoring_peervalues"),
        protect("scoring_peersummary"),
        belongs("scoring_peervalues", "version_id", "scoring_scorecardversion"),
        belongs("scoring_peersummary", "version_id", "scoring_scorecardversion"),
    ]
