"""Whose key it was that no longer works: for the page that says why nothing comes in."""

from django.db import migrations

# Runs as the owner, because the key's workspace is not known before. Who has no key learns nothing.
CLOSED_KEY = """
CREATE FUNCTION accounts_closed_key(hash text, moment timestamptz)
RETURNS TABLE (workspace_id bigint, api_key_id bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT k.workspace_id, k.id FROM accounts_apikey k
    WHERE k.key_hash = hash AND (k.revoked_at IS NOT NULL OR k.expires_at <= moment)
$$;
REVOKE ALL ON FUNCTION accounts_closed_key FROM PUBLIC;
GRANT EXECUTE ON FUNCTION accounts_closed_key TO scorecard_app;
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0008_current_key")]

    operations = [migrations.RunSQL(CLOSED_KEY, "DROP FUNCTION accounts_closed_key")]
