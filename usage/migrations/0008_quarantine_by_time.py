from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("usage", "0007_recounts")]

    operations = [
        migrations.RunSQL(
            "UPDATE usage_rejectedevent SET last_received_at = received_at"
            " WHERE last_received_at IS NULL",
            migrations.RunSQL.noop,
        ),
        migrations.AlterField(
            model_name="rejectedevent",
            name="last_received_at",
            field=models.DateTimeField(),
        ),
        migrations.RemoveIndex(model_name="rejectedevent", name="usage_rejec_workspa_3165c0_idx"),
        migrations.AddIndex(
            model_name="rejectedevent",
            index=models.Index(
                fields=["workspace", "-last_received_at", "-id"], name="rejected_event_latest"
            ),
        ),
    ]
