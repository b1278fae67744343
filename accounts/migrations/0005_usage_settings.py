import django.core.validators
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0004_segments"),
    ]

    operations = [
        migrations.AddField(
            model_name="workspace",
            name="event_months",
            field=models.PositiveSmallIntegerField(
                blank=True,
                null=True,
                validators=[
                    django.core.validators.MinValueValidator(1),
                    django.core.validators.MaxValueValidator(1200),
                ],
                verbose_name="months that events are kept",
            ),
        ),
        migrations.AddField(
            model_name="workspace",
            name="frequency_daily",
            field=models.PositiveSmallIntegerField(
                default=20,
                validators=[
                    django.core.validators.MinValueValidator(1),
                    django.core.validators.MaxValueValidator(30),
                ],
                verbose_name="daily users, days",
            ),
        ),
        migrations.AddField(
            model_name="workspace",
            name="frequency_frequent",
            field=models.PositiveSmallIntegerField(
                default=8,
                validators=[
                    django.core.validators.MinValueValidator(1),
                    django.core.validators.MaxValueValidator(30),
                ],
                verbose_name="frequent users, days",
            ),
        ),
        migrations.AddField(
            model_name="workspace",
            name="frequency_goal",
            field=models.PositiveSmallIntegerField(
                blank=True,
                null=True,
                validators=[django.core.validators.MaxValueValidator(100)],
                verbose_name="goal for frequent users, percent",
            ),
        ),
        migrations.AddField(
            model_name="workspace",
            name="frequency_occasional",
            field=models.PositiveSmallIntegerField(
                default=1,
                validators=[
                    django.core.validators.MinValueValidator(1),
                    django.core.validators.MaxValueValidator(30),
                ],
                verbose_name="occasional users, days",
            ),
        ),
        migrations.AddField(
            model_name="workspace",
            name="login_names",
            field=models.TextField(
                blank=True,
                default="Signed In\nLogged In\nSession Started\n$login",
                verbose_name="names of log-ins",
            ),
        ),
        migrations.AddConstraint(
            model_name="workspace",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("frequency_occasional__gte", 1),
                    ("frequency_occasional__lte", models.F("frequency_frequent")),
                    ("frequency_frequent__lte", models.F("frequency_daily")),
                    ("frequency_daily__lte", 30),
                ),
                name="workspace_frequency_in_order",
                violation_error_message="Daily users need at least as many days as frequent ones, and these at least as many as occasional ones.",
            ),
        ),
        migrations.AddConstraint(
            model_name="workspace",
            constraint=models.CheckConstraint(
                condition=models.Q(("frequency_goal__lte", 100)),
                name="workspace_frequency_goal_is_percent",
            ),
        ),
        migrations.AddConstraint(
            model_name="workspace",
            constraint=models.CheckConstraint(
                condition=models.Q(("event_months__gte", 1)), name="workspace_event_months_positive"
            ),
        ),
    ]
