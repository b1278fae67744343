import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import accounts.tenancy
from accounts.migration_operations import addressable, belongs, protect

# One sequence numbers runs and imports: a job's id says which of them it is.
JOB_IDS = """
ALTER TABLE integrations_import ALTER COLUMN id DROP IDENTITY;
ALTER TABLE integrations_import ALTER COLUMN id SET DEFAULT nextval('scoring_run_id_seq');
"""
# What the beat asks about all workspaces: ids, nothing of what a workspace holds.
QUESTION = """
CREATE FUNCTION integrations_imports_at_work()
RETURNS TABLE (workspace_id bigint, import_id bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT i.workspace_id, i.id FROM integrations_import i
    WHERE i.state IN ('checking', 'queued', 'running') ORDER BY i.id
$$;
REVOKE ALL ON FUNCTION integrations_imports_at_work FROM PUBLIC;
GRANT EXECUTE ON FUNCTION integrations_imports_at_work TO scorecard_app;
"""
PIECES = ("importpart", "importbatch", "importkey", "importreject")


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "0005_usage_settings"),
        ("scoring", "0009_recent_scores"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ImportBatch",
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
                        "import_id",
                        "number",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("import_id", models.BigIntegerField()),
                ("number", models.IntegerField()),
                ("round", models.SmallIntegerField(default=0)),
                ("first_line", models.BigIntegerField()),
                ("lines", models.BinaryField()),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="ImportKey",
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
                        "import_id",
                        "key",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("import_id", models.BigIntegerField()),
                ("key", models.TextField(db_collation="C")),
                ("line", models.BigIntegerField()),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="ImportPart",
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
                        "import_id",
                        "number",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("import_id", models.BigIntegerField()),
                ("number", models.IntegerField()),
                ("content", models.BinaryField()),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="ImportReject",
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
                        "import_id",
                        "line",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("import_id", models.BigIntegerField()),
                ("line", models.BigIntegerField()),
                ("flaws", models.JSONField()),
                ("cells", models.JSONField()),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Import",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("accounts", "Accounts"),
                            ("contacts", "Contacts"),
                            ("measurements", "Measurements"),
                            ("events", "Usage events"),
                        ],
                        max_length=20,
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("draft", "Columns to choose"),
                            ("checking", "Being checked"),
                            ("checked", "Checked, not imported"),
                            ("queued", "Queued"),
                            ("running", "Running"),
                            ("done", "Done"),
                            ("failed", "Failed"),
                        ],
                        default="draft",
                        max_length=10,
                    ),
                ),
                ("dry_run", models.BooleanField(default=False)),
                ("file_name", models.CharField(max_length=200)),
                ("file_size", models.BigIntegerField()),
                ("who", models.CharField(max_length=254)),
                ("header", models.JSONField()),
                ("sample", models.JSONField()),
                ("columns", models.JSONField()),
                ("encoding", models.CharField(max_length=20)),
                ("decimal_comma", models.BooleanField(default=False)),
                ("escaped", models.BooleanField(default=False)),
                ("batches", models.IntegerField(null=True)),
                ("at", models.IntegerField(default=0)),
                ("attempts", models.SmallIntegerField(default=0)),
                ("total", models.BigIntegerField(default=0)),
                ("done", models.BigIntegerField(default=0)),
                ("created", models.BigIntegerField(default=0)),
                ("updated", models.BigIntegerField(default=0)),
                ("unchanged", models.BigIntegerField(default=0)),
                ("accepted", models.BigIntegerField(default=0)),
                ("duplicates", models.BigIntegerField(default=0)),
                ("rejected", models.BigIntegerField(default=0)),
                ("error", models.TextField(default="")),
                ("created_at", models.DateTimeField()),
                ("finished_at", models.DateTimeField(null=True)),
                (
                    "by",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
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
                "indexes": [models.Index(fields=["workspace", "state"], name="import_by_state")],
            },
        ),
        migrations.RunSQL(JOB_IDS, migrations.RunSQL.noop),
        migrations.RunSQL(QUESTION, "DROP FUNCTION integrations_imports_at_work"),
        addressable("integrations_import"),
        protect("integrations_import"),
        belongs(
            "integrations_import",
            "by_id",
            "accounts_membership",
            target_column="user_id",
            on_delete="SET NULL (by_id)",
        ),
        *(protect(f"integrations_{table}") for table in PIECES),
        *(belongs(f"integrations_{table}", "import_id", "integrations_import") for table in PIECES),
    ]
