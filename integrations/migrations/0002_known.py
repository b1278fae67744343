from django.db import migrations, models

import accounts.tenancy
from accounts.migration_operations import belongs, protect

WORKSPACE = models.BigIntegerField(default=accounts.tenancy.current_workspace_id, editable=False)


def key(*columns: str) -> models.CompositePrimaryKey:
    return models.CompositePrimaryKey(
        "workspace_id", *columns, blank=True, editable=False, primary_key=True, serialize=False
    )


class Migration(migrations.Migration):
    dependencies = [("integrations", "0001_imports")]

    operations = [
        migrations.CreateModel(
            name="KnownAccount",
            fields=[
                ("workspace_id", WORKSPACE),
                ("pk", key("account_id")),
                ("account_id", models.BigIntegerField()),
                ("told", models.JSONField(default=dict)),
            ],
            options={"abstract": False},
        ),
        migrations.CreateModel(
            name="KnownUser",
            fields=[
                ("workspace_id", WORKSPACE),
                ("pk", key("key")),
                ("key", models.CharField(db_collation="C", max_length=200)),
                ("same_as", models.CharField(db_collation="C", default="", max_length=200)),
                ("account_id", models.BigIntegerField(null=True)),
                ("grouped_at", models.DateTimeField(null=True)),
                ("traits", models.JSONField(default=dict)),
                ("told", models.JSONField(default=dict)),
            ],
            options={"abstract": False},
        ),
        # Rows that are told again all day find room for their next version on their own page.
        *(
            migrations.RunSQL(
                f"ALTER TABLE {table} SET (fillfactor = 80)",
                f"ALTER TABLE {table} RESET (fillfactor)",
            )
            for table in ("integrations_knownaccount", "integrations_knownuser")
        ),
        protect("integrations_knownaccount"),
        protect("integrations_knownuser"),
        belongs("integrations_knownaccount", "account_id", "accounts_account"),
        belongs(
            "integrations_knownuser",
            "account_id",
            "accounts_account",
            on_delete="SET NULL (account_id)",
        ),
        # What the removal of an account looks for.
        migrations.RunSQL(
            "CREATE INDEX known_user_by_account ON integrations_knownuser (workspace_id, account_id)"
            " WHERE account_id IS NOT NULL",
            "DROP INDEX known_user_by_account",
        ),
    ]
