"""An event that comes alone, of an account, a user and a feature that are known: in the one statement that
opens the key's scope, without the lists of a batch."""

from django.db import migrations

# Where anything but that is the case it has written nothing and says false: the client goes the way
# of a batch. Locks are taken in the order of usage_store_events, and reading takes none. What the
# client knows of the workspace is true as long as the key's version is; see accounts_current_key.
STORE = """
CREATE FUNCTION usage_store_one(
    hash text, version text, moment timestamptz, noted_before timestamptz,
    workspace bigint, sender bigint, origin text,
    id text, at timestamptz, type text, feature text, account text, person text,
    seconds integer, count integer, note jsonb,
    day date, month date, day_bit integer, login_bit integer, logins integer, sessions integer,
    session_seconds integer, feature_uses integer, feature_counts bigint[], feature_days integer[]
) RETURNS boolean LANGUAGE plpgsql
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off AS $$
DECLARE
    known record;
BEGIN
    IF accounts_current_key(hash, moment, noted_before) IS DISTINCT FROM version THEN
        RETURN false;
    END IF;
    -- Shared with other batches; who counts days anew takes it alone. See usage/services/recount.py.
    PERFORM pg_advisory_xact_lock_shared(720453, hashint8(workspace));

    SELECT u.id, u.account_id, f.id AS feature_id,
        CASE WHEN feature_uses > 0 THEN ARRAY[f.id] ELSE '{}' END AS feature_ids,
        day < u.first_seen_on OR day > u.last_seen_on
            OR logins > 0 AND day > coalesce(u.last_login_on, '-infinity') AS wider
    INTO known
    FROM accounts_account a
    JOIN usage_enduser u ON u.workspace_id = workspace AND u.account_id = a.id AND u.key = person
    LEFT JOIN usage_feature f ON f.workspace_id = workspace AND f.key = feature
    WHERE a.workspace_id = workspace AND a.key = account AND (feature IS NULL OR f.id IS NOT NULL);
    IF NOT FOUND THEN RETURN false; END IF;

    INSERT INTO usage_eventkey (workspace_id, event_id, occurred_on) VALUES (workspace, id, day)
    ON CONFLICT DO NOTHING;
    IF NOT FOUND THEN RETURN false; END IF;

    IF known.wider THEN
        UPDATE usage_enduser u SET
            first_seen_on = least(u.first_seen_on, day),
            last_seen_on = greatest(u.last_seen_on, day),
            last_login_on = CASE WHEN logins > 0 THEN greatest(u.last_login_on, day)
                ELSE u.last_login_on END
        WHERE u.workspace_id = workspace AND u.id = known.id;
    END IF;

    INSERT INTO usage_usageevent (workspace_id, occurred_at, event_id, account_id, end_user_id,
        type, feature_id, duration_seconds, count, properties, received_at)
    VALUES (workspace, at, id, known.account_id, known.id, type, known.feature_id, seconds, count,
        note, moment);

    INSERT INTO usage_accountday AS stored (workspace_id, account_id, day, events, logins, sessions,
        session_seconds, feature_uses, feature_ids, feature_counts)
    VALUES (workspace, known.account_id, day, 1, logins, sessions, session_seconds, feature_uses,
        known.feature_ids, feature_counts)
    ON CONFLICT ON CONSTRAINT usage_accountday_pkey DO UPDATE SET
        events = stored.events + 1,
        logins = stored.logins + excluded.logins,
        sessions = stored.sessions + excluded.sessions,
        session_seconds = stored.session_seconds + excluded.session_seconds,
        feature_uses = stored.feature_uses + excluded.feature_uses,
        feature_ids = CASE WHEN stored.feature_ids @> excluded.feature_ids THEN stored.feature_ids
            ELSE usage_joined(stored.feature_ids, excluded.feature_ids) END,
        feature_counts = CASE WHEN excluded.feature_uses = 0 THEN stored.feature_counts
            ELSE usage_added(stored.feature_ids, stored.feature_counts,
                excluded.feature_ids, excluded.feature_counts) END;

    INSERT INTO usage_usermonth AS stored (workspace_id, account_id, end_user_id, month,
        active_days, login_days, logins, feature_uses, session_seconds, feature_ids, feature_days)
    VALUES (workspace, known.account_id, known.id, month, day_bit, login_bit, logins, feature_uses,
        session_seconds, known.feature_ids, feature_days)
    ON CONFLICT ON CONSTRAINT usage_usermonth_pkey DO UPDATE SET
        active_days = stored.active_days | excluded.active_days,
        login_days = stored.login_days | excluded.login_days,
        logins = stored.logins + excluded.logins,
        feature_uses = stored.feature_uses + excluded.feature_uses,
        session_seconds = stored.session_seconds + excluded.session_seconds,
        feature_ids = CASE WHEN stored.feature_ids @> excluded.feature_ids THEN stored.feature_ids
            ELSE usage_joined(stored.feature_ids, excluded.feature_ids) END,
        feature_days = CASE WHEN excluded.feature_uses = 0 THEN stored.feature_days
            ELSE usage_marked(stored.feature_ids, stored.feature_days,
                excluded.feature_ids, excluded.feature_days) END;

    PERFORM accounts_mark_stale(workspace, ARRAY[known.account_id], ARRAY[day], moment);
    PERFORM usage_count_intake(workspace, sender, origin, moment, 1, 0, 0);
    RETURN true;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("usage", "0009_store_batch"), ("accounts", "0010_mark_stale")]

    operations = [migrations.RunSQL(STORE, "DROP FUNCTION usage_store_one")]
