"""What every request with a key and every batch of events does, as functions: one way to the server, planned once."""

from django.db import migrations

from accounts.migration_operations import WORKSPACE

# Runs as the owner, because the key's workspace is not known before; it opens the workspace's scope.
OPEN_KEY = """
CREATE FUNCTION accounts_open_key(hash text, moment timestamptz, noted_before timestamptz)
RETURNS TABLE (key accounts_apikey, workspace accounts_workspace)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    SELECT k.* INTO key FROM accounts_apikey k WHERE k.key_hash = hash
        AND k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > moment);
    IF NOT FOUND THEN RETURN; END IF;
    SELECT w.* INTO workspace FROM accounts_workspace w WHERE w.id = key.workspace_id;
    PERFORM set_config('app.workspace_id', key.workspace_id::text, true);
    IF key.last_used_at IS NULL OR key.last_used_at < noted_before THEN
        -- Skipped, not waited for: whoever notes it first may be in the middle of a long request.
        UPDATE accounts_apikey SET last_used_at = moment WHERE id = (
            SELECT k.id FROM accounts_apikey k WHERE k.id = key.id
            FOR NO KEY UPDATE SKIP LOCKED
        );
    END IF;
    RETURN NEXT;
END $$;
REVOKE ALL ON FUNCTION accounts_open_key FROM PUBLIC;
GRANT EXECUTE ON FUNCTION accounts_open_key TO scorecard_app;
"""

# The function alone looks keys up by their hash.
ONLY_OURS = f"ALTER POLICY workspace ON accounts_apikey USING (workspace_id = {WORKSPACE})"
BY_HASH = (
    f"ALTER POLICY workspace ON accounts_apikey USING (workspace_id = {WORKSPACE}"
    " OR key_hash = NULLIF(current_setting('app.key_hash', true), ''))"
)

# The keys are taken in one order, so that two batches that name the same new accounts wait for
# each other instead of locking each other out.
ENSURE_ACCOUNTS = """
CREATE FUNCTION accounts_ensure(
    workspace bigint, keys text[], began date[], money text, moment timestamptz
) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    created bigint[];
BEGIN
    WITH fresh AS (
        INSERT INTO accounts_account (workspace_id, key, name, stage, status, currency, created_on,
            attributes, company, added_at)
        SELECT workspace, named.key, named.key, '', 'active', money, named.began, '{}', '{}', moment
        FROM unnest(keys, began) AS named(key, began)
        ORDER BY named.key COLLATE "C"
        ON CONFLICT (workspace_id, key) DO NOTHING
        RETURNING id
    )
    SELECT array_agg(id) INTO created FROM fresh;
    INSERT INTO accounts_accountstate (workspace_id, account_id, from_day, stage, status,
        contract_value_cents, created_on, renewal_on, attributes)
    SELECT workspace_id, id, created_on, stage, status, contract_value_cents, created_on,
        renewal_on, attributes
    FROM accounts_account WHERE workspace_id = workspace AND id = ANY(created)
    ORDER BY id
    ON CONFLICT DO NOTHING;
END $$;
"""

# A mark that is there already is locked all the same: an evaluation that has taken it, and may not
# have seen the change, removes it first, and then it is made anew.
MARK_STALE = """
CREATE FUNCTION accounts_mark_stale(
    workspace bigint, accounts bigint[], days date[], moment timestamptz
) RETURNS void LANGUAGE sql AS $$
    INSERT INTO accounts_staleaccount (workspace_id, account_id, from_day, marked_at)
    SELECT workspace, account_id, from_day, moment
    FROM unnest(accounts, days) AS changed(account_id, from_day)
    ORDER BY account_id
    ON CONFLICT (workspace_id, account_id) DO UPDATE SET from_day = excluded.from_day
    WHERE accounts_staleaccount.from_day > excluded.from_day
$$;
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_walls")]

    operations = [
        migrations.RunSQL(OPEN_KEY, "DROP FUNCTION accounts_open_key"),
        migrations.RunSQL(ONLY_OURS, BY_HASH),
        migrations.RunSQL(ENSURE_ACCOUNTS, "DROP FUNCTION accounts_ensure"),
        migrations.RunSQL(MARK_STALE, "DROP FUNCTION accounts_mark_stale"),
    ]
