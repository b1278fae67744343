"""The uses of features lie in arrays of the account's day, their users in arrays of the user's month:
a row for each feature cost ten times the bytes and most of the upserts."""

from importlib import import_module
from typing import Any

import django.contrib.postgres.fields
from django.db import migrations, models

STORE = import_module("usage.migrations.0003_store_events").STORE

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


def used(by: str, number: str, aggregate: str, rows: str) -> str:
    """The features of each group as arrays, beside what the function derives already."""
    return f"""LEFT JOIN (
        SELECT {by}, array_agg(feature_id ORDER BY feature_id) AS ids,
            array_agg(number ORDER BY feature_id) AS numbers
        FROM (
            SELECT {by}, feature_id, {aggregate}({number}) AS number FROM ({rows}) AS r
            WHERE type = 'feature' GROUP BY {by}, feature_id
        ) AS each GROUP BY {by}
    ) AS used USING ({by})"""


def merged(numbers: str, aggregate: str) -> str:
    return f"""(feature_ids, {numbers}) = (
            SELECT coalesce(array_agg(id ORDER BY id), '{{}}'), coalesce(array_agg(number ORDER BY id), '{{}}')
            FROM (
                SELECT id, {aggregate}(number) AS number FROM (
                    SELECT * FROM unnest(stored.feature_ids, stored.{numbers})
                    UNION ALL SELECT * FROM unnest(excluded.feature_ids, excluded.{numbers})
                ) AS b(id, number) GROUP BY id
            ) AS m
        )"""


def replaced(text: str, *changes: tuple[str, str]) -> str:
    for old, new in changes:
        assert text.count(old) == 1, old  # noqa: S101
        text = text.replace(old, new)
    return text


FEATURE_DAY = STORE[
    STORE.index("    INSERT INTO usage_featureday") : STORE.index("    INSERT INTO usage_usermonth")
]
MONTHS = STORE[
    STORE.index("SELECT h.*, h.day - (extract") : STORE.index("    ) AS m\n    GROUP BY")
]
ARRAYS = replaced(
    STORE,
    (FEATURE_DAY, ""),
    ("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION"),
    (
        "session_seconds, feature_uses)\n",
        "session_seconds, feature_uses, feature_ids, feature_counts)\n",
    ),
    (
        "coalesce(sum(h.uses) FILTER (WHERE h.type = 'feature'), 0)\n",
        (
            "coalesce(sum(h.uses) FILTER (WHERE h.type = 'feature'), 0),\n"
            "        coalesce(min(used.ids), '{}'), coalesce(min(used.numbers), '{}')\n"
        ),
    ),
    (
        "FROM unnest(happened) AS h GROUP BY h.account_id, h.day ORDER",
        "FROM unnest(happened) AS h\n    "
        + used("account_id, day", "uses", "sum", "SELECT * FROM unnest(happened)")
        + "\n    GROUP BY h.account_id, h.day ORDER",
    ),
    (
        "feature_uses = stored.feature_uses + excluded.feature_uses;\n",
        "feature_uses = stored.feature_uses + excluded.feature_uses,\n        "
        + merged("feature_counts", "sum")
        + ";\n",
    ),
    (
        "feature_uses, session_seconds)\n",
        "feature_uses, session_seconds, feature_ids, feature_days)\n",
    ),
    (
        "coalesce(sum(m.seconds) FILTER (WHERE m.type = 'login'), 0)\n",
        (
            "coalesce(sum(m.seconds) FILTER (WHERE m.type = 'login'), 0),\n"
            "        coalesce(min(used.ids), '{}'), coalesce(min(used.numbers), '{}')\n"
        ),
    ),
    (
        ") AS m\n    GROUP BY",
        ") AS m\n    "
        + used("account_id, end_user_id, month", "bit", "bit_or", MONTHS)
        + "\n    GROUP BY",
    ),
    (
        "session_seconds = stored.session_seconds + excluded.session_seconds;\n",
        "session_seconds = stored.session_seconds + excluded.session_seconds,\n        "
        + merged("feature_days", "bit_or")
        + ";\n",
    ),
)


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
        migrations.RunSQL(ARRAYS, STORE.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION")),
    ]
