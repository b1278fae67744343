"""Who sent how much, by the hour; more about each rejected event."""

import django.db.models.deletion
from django.db import migrations, models

import accounts.tenancy
from accounts.migration_operations import addressable, belongs, protect

# Called at the end of every batch, in its transaction: what is counted is what was stored.
COUNT_INTAKE = """
CREATE FUNCTION usage_count_intake(
    workspace bigint, sender bigint, origin text, moment timestamptz,
    accepted bigint, duplicates bigint, rejected bigint
) RETURNS void LANGUAGE sql AS $$
    INSERT INTO usage_intakehour AS stored (workspace_id, api_key_id, source, hour, slot,
        accepted, duplicates, rejected, last_at)
    VALUES (workspace, sender, origin, date_trunc('hour', moment, 'UTC'), pg_backend_pid() % 16,
        accepted, duplicates, rejected, moment)
    ON CONFLICT (workspace_id, hour, source, api_key_id, slot) DO UPDATE SET
        accepted = stored.accepted + excluded.accepted,
        duplicates = stored.duplicates + excluded.duplicates,
        rejected = stored.rejected + excluded.rejected,
        last_at = greatest(stored.last_at, excluded.last_at)
$$;
"""


class Migration(migrations.Migration):
    dependencies = [("usage", "0003_store_events"), ("accounts", "0003_hot_path")]

    operations = [
        migrations.CreateModel(
            name="IntakeHour",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("source", models.CharField(db_collation="C", max_length=30)),
                ("hour", models.DateTimeField()),
                ("slot", models.SmallIntegerField()),
                ("accepted", models.BigIntegerField()),
                ("duplicates", models.BigIntegerField()),
                ("rejected", models.BigIntegerField()),
                ("last_at", models.DateTimeField()),
                (
                    "api_key",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="accounts.apikey",
                    ),
                ),
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
                "constraints": [
                    models.UniqueConstraint(
                        fields=("workspace", "hour", "source", "api_key", "slot"),
                        name="intake_hour_once",
                        nulls_distinct=False,
                    )
                ],
            },
        ),
        migrations.AddField(
            model_name="rejectedevent",
            name="source",
            field=models.CharField(db_collation="C", db_default="api", max_length=30),
        ),
        migrations.AddField(
            model_name="rejectedevent",
            name="api_key",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="accounts.apikey",
            ),
        ),
        migrations.AddField(
            model_name="rejectedevent",
            name="last_received_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="rejectedevent",
            name="occurrences",
            field=models.BigIntegerField(db_default=1),
        ),
        migrations.AddField(
            model_name="rejectedevent",
            name="discarded_at",
            field=models.DateTimeField(null=True),
        ),
        # Counters that are written with every batch find room for their next version on their page.
        migrations.RunSQL(
            "ALTER TABLE usage_intakehour SET (fillfactor = 50)",
            "ALTER TABLE usage_intakehour RESET (fillfactor)",
        ),
        addressable("accounts_apikey"),
        protect("usage_intakehour"),
        belongs("usage_intakehour", "api_key_id", "accounts_apikey"),
        belongs(
            "usage_rejectedevent",
            "api_key_id",
            "accounts_apikey",
            on_delete="SET NULL (api_key_id)",
        ),
        migrations.RunSQL(COUNT_INTAKE, "DROP FUNCTION usage_count_intake"),
    ]
