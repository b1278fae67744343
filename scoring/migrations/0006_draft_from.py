from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("scoring", "0005_peers")]

    operations = [
        migrations.AddField(
            model_name="scorecard",
            name="draft_from",
            field=models.PositiveIntegerField(null=True),
        ),
        # What is being edited now began with what is published now, as far as anybody knows.
        migrations.RunSQL(
            """
            UPDATE scoring_scorecard AS scorecard SET draft_from = version.number
            FROM scoring_scorecardversion AS version
            WHERE version.id = scorecard.current_version_id AND scorecard.draft IS NOT NULL
            """,
            migrations.RunSQL.noop,
        ),
    ]
