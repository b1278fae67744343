from django.db import migrations

# The version changes with every change of either row: who has read the rows of it needs not read
# them again.
CURRENT_KEY = """
CREATE FUNCTION accounts_current_key(hash text, moment timestamptz, noted_before timestamptz)
RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    key record;
BEGIN
    SELECT k.id, k.workspace_id, k.last_used_at, k.xmin::text || '/' || w.xmin::text AS version
    INTO key
    FROM accounts_apikey k JOIN accounts_workspace w ON w.id = k.workspace_id
    WHERE k.key_hash = hash
        AND k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > moment);
    IF NOT FOUND THEN RETURN NULL; END IF;
    PERFORM set_config('app.workspace_id', key.workspace_id::text, true);
    IF key.last_used_at IS NULL OR key.last_used_at < noted_before THEN
        -- Skipped, not waited for: whoever notes it first may be in the middle of a long request.
        UPDATE accounts_apikey SET last_used_at = moment WHERE id = (
            SELECT k.id FROM accounts_apikey k WHERE k.id = key.id
            FOR NO KEY UPDATE SKIP LOCKED
        );
    END IF;
    RETURN key.version;
END $$;
REVOKE ALL ON FUNCTION accounts_current_key FROM PUBLIC;
GRANT EXECUTE ON FUNCTION accounts_current_key TO scorecard_app;
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0007_tasks_and_touchpoints")]

    operations = [
        migrations.RunSQL(CURRENT_KEY, "DROP FUNCTION accounts_current_key"),
    ]
