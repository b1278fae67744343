"""The statement of accounts_mark_stale as it was, planned once: functions in SQL are planned at every call
up to PostgreSQL 17."""

from django.db import migrations

MARK_STALE = """
CREATE OR REPLACE FUNCTION accounts_mark_stale(
    workspace bigint, accounts bigint[], days date[], moment timestamptz
) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO accounts_staleaccount (workspace_id, account_id, from_day, marked_at)
    SELECT workspace, changed.account_id, changed.from_day, moment
    FROM unnest(accounts, days) AS changed(account_id, from_day)
    ORDER BY changed.account_id
    ON CONFLICT (workspace_id, account_id) DO UPDATE SET from_day = excluded.from_day
    WHERE accounts_staleaccount.from_day > excluded.from_day;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0009_closed_keys")]

    operations = [migrations.RunSQL(MARK_STALE, migrations.RunSQL.noop)]
