from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("scoring", "0008_scorecard_order")]

    operations = [
        migrations.RemoveField("health", "trend"),
        # Where it is not kept yet, the next evaluation reads the scores from the history.
        migrations.AddField("health", "recent", models.BinaryField(null=True)),
    ]
