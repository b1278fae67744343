"""The uses of features lie in arrays of the account's day, their users in arrays of the user's month:
a row for each feature cost ten times the bytes and most of the upserts."""

from typing import Any

import django.contrib.postgres.fields
from django.db import migrations, models

COUNTS = """
UPDATE usage_accountday AS d SET feature_ids = f.ids, feature_counts = f.counts
FROM (
    SELECT workspace_id, account_id, day, array_agg(feature_id ORDER BY feature_id) AS ids,
        array_agg(uses ORDER BY feature_id) AS counts
    FROM usage_featureday GROUP BY workspace_id, account_id, day
) AS f
WHERE d.workspace_id = f.workspace_id AND d.account_id = f.account_id AND d.day = f.day;
"""

DAYS = """
UPDATE usage_usermonth AS m SET feature_ids = f.ids, feature_days = f.masks
FROM (
    SELECT workspace_id, account_id, end_user_id, month,
        array_agg(feature_id ORDER BY feature_id) AS ids,
        array_agg(mask ORDER BY feature_id) AS masks
    FROM (
        SELECT workspace_id, account_id, end_user_id, feature_id,
            date_trunc('month', day)::date AS month,
            bit_or(1 << (extract(day FROM day)::integer - 1)) AS mask
        FROM (
            SELECT e.workspace_id, e.account_id, e.end_user_id, e.feature_id,
                (e.occurred_at AT TIME ZONE w.time_zone)::date AS day
            FROM usage_usageevent AS e JOIN accounts_workspace AS w ON w.id = e.workspace_id
            WHERE e.type = 'feature'
        ) AS used GROUP BY 1, 2, 3, 4, 5
    ) AS masks GROUP BY 1, 2, 3, 4
) AS f
WHERE m.workspace_id = f.workspace_id AND m.account_id = f.account_id
    AND m.end_user_id = f.end_user_id AND m.month = f.month;
"""


def array(base: Any) -> Any:
    return django.contrib.postgres.fields.ArrayField(base_field=base, db_default=[], size=None)


class Migration(migrations.Migration):
    dependencies = [("usage", "0004_intake")]

    operations = [
        migrations.AddField("accountday", "feature_ids", array(models.BigIntegerField())),
        migrations.AddField("accountday", "feature_counts", array(models.BigIntegerField())),
        migrations.AddField("usermonth", "feature_ids", array(models.BigIntegerField())),
        migrations.AddField("usermonth", "feature_days", array(models.IntegerField())),
        migrations.RunSQL(COUNTS, migrations.RunSQL.noop),
        migrations.RunSQL(DAYS, migrations.RunSQL.noop),
        migrations.DeleteModel("FeatureDay"),
    ]
