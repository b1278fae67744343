from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("scoring", "0003_overrides")]

    operations = [
        migrations.AddField(
            model_name="scorecard",
            name="archived_at",
            field=models.DateTimeField(null=True),
        ),
    ]
