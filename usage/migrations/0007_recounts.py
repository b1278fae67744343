"""Days counted anew from raw events, and months of raw events that nobody keeps."""

import django.db.models.deletion
from django.db import migrations, models

import accounts.tenancy
from accounts.migration_operations import protect

# Workspaces with something to do, and what: ids alone, because no scope is open yet.
WORK = """
CREATE FUNCTION usage_recounts(before timestamptz) RETURNS TABLE (workspace_id bigint, recount_id bigint)
LANGUAGE sql SECURITY DEFINER STABLE SET search_path = public, pg_temp AS $$
    SELECT workspace_id, id FROM usage_recount WHERE finished_at IS NULL AND created_at <= before ORDER BY id
$$;
REVOKE ALL ON FUNCTION usage_recounts FROM PUBLIC;
GRANT EXECUTE ON FUNCTION usage_recounts TO scorecard_app;
"""

# The application owns no partition. A month goes only when every workspace has said, by its own row,
# that it keeps nothing of it. Whoever is writing is not made to wait: the next night tries again.
DROP_MONTHS = """
CREATE FUNCTION usage_drop_months() RETURNS SETOF text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET lock_timeout = '2s' AS $$
DECLARE
    kept timestamptz;
    month record;
BEGIN
    SELECT min(coalesce(events_from, '-infinity')) INTO kept FROM accounts_workspace;
    IF kept IS NULL OR kept = '-infinity' THEN RETURN; END IF;
    FOR month IN
        SELECT c.relname::text AS name,
            substring(pg_get_expr(c.relpartbound, c.oid) FROM 'TO \\(''([^'']+)''\\)')::timestamptz AS ends
        FROM pg_inherits JOIN pg_class AS c ON c.oid = inhrelid
        WHERE inhparent = 'usage_usageevent'::regclass ORDER BY c.relname
    LOOP
        CONTINUE WHEN month.ends IS NULL OR month.ends > kept;
        EXECUTE format('DROP TABLE %I', month.name);
        RETURN NEXT month.name;
    END LOOP;
END $$;
REVOKE ALL ON FUNCTION usage_drop_months FROM PUBLIC;
GRANT EXECUTE ON FUNCTION usage_drop_months TO scorecard_app;
"""


class Migration(migrations.Migration):
    dependencies = [("usage", "0006_end_user_traits"), ("accounts", "0006_events_kept")]

    operations = [
        migrations.CreateModel(
            name="Recount",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("zone", models.CharField(max_length=64)),
                ("month", models.DateField()),
                ("to_day", models.DateField()),
                ("after_account", models.BigIntegerField(default=0)),
                ("total", models.BigIntegerField()),
                ("done", models.BigIntegerField(default=0)),
                ("changed_from", models.DateField(null=True)),
                ("created_at", models.DateTimeField()),
                ("finished_at", models.DateTimeField(null=True)),
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
                        fields=["workspace", "finished_at"], name="usage_recou_workspa_6af1ba_idx"
                    )
                ],
            },
        ),
        protect("usage_recount"),
        migrations.RunSQL(WORK, "DROP FUNCTION usage_recounts"),
        migrations.RunSQL(DROP_MONTHS, "DROP FUNCTION usage_drop_months"),
    ]
