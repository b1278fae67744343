import django.db.models.deletion
from django.db import migrations, models

import accounts.tenancy
from accounts.migration_operations import protect


class Migration(migrations.Migration):
    dependencies = [("accounts", "0003_hot_path")]

    operations = [
        migrations.CreateModel(
            name="Segment",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.SlugField(db_index=False, max_length=63, verbose_name="key")),
                ("name", models.CharField(max_length=200, verbose_name="name")),
                ("conditions", models.JSONField()),
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
                    models.UniqueConstraint(fields=("workspace", "key"), name="segment_key_once")
                ],
            },
        ),
        protect("accounts_segment"),
    ]
