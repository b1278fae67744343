"""A batch of events in one statement for the client, planned once for each connection."""

from django.db import migrations

SENT = """
CREATE TYPE usage_sent AS (
    event_id text, account text, end_user text, type text, feature text, occurred_at timestamptz,
    day date, seconds integer, uses integer, properties jsonb
);
CREATE TYPE usage_happened AS (
    event_id text, account_id bigint, end_user_id bigint, type text, feature_id bigint,
    occurred_at timestamptz, day date, seconds integer, uses integer, properties jsonb
);
"""

# Every batch takes its locks in the order of these statements, and inside a statement in the order
# of the rows' keys, so that no two lock each other out. What is derived only ever adds what was taken
# by its key, so it counts each event once. A plan for the very arrays of a call costs more than all the
# rest of a small batch; a large one is worth it.
STORE = """
CREATE FUNCTION usage_store_events(
    workspace bigint, moment timestamptz, money text, create_accounts boolean, mark boolean,
    ids text[], accounts text[], users text[], types text[], features text[], ats timestamptz[],
    days date[], lengths integer[], counts integer[], notes jsonb[],
    OUT accepted integer, OUT unknown text[], OUT touched bigint[], OUT touched_days date[]
) LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    fresh usage_sent[];
    happened usage_happened[];
    missing text[];
    began date[];
BEGIN
    IF cardinality(ids) > 50 THEN
        PERFORM set_config('plan_cache_mode', 'force_custom_plan', true);
    END IF;
    IF NOT create_accounts THEN
        SELECT array_agg(DISTINCT sent.account) INTO unknown FROM unnest(accounts) AS sent(account)
        WHERE NOT EXISTS (
            SELECT FROM accounts_account a
            WHERE a.workspace_id = workspace AND a.key = sent.account
        );
    END IF;

    WITH sent AS (
        SELECT DISTINCT ON (s.event_id COLLATE "C") s.*
        FROM unnest(ids, accounts, users, types, features, ats, days, lengths, counts, notes)
            WITH ORDINALITY AS s(event_id, account, end_user, type, feature, occurred_at, day,
                seconds, uses, properties, n)
        WHERE unknown IS NULL OR s.account <> ALL (unknown)
        ORDER BY s.event_id COLLATE "C", s.n
    ), taken AS (
        INSERT INTO usage_eventkey (workspace_id, event_id, occurred_on)
        SELECT workspace, sent.event_id, sent.day FROM sent ORDER BY sent.event_id COLLATE "C"
        ON CONFLICT DO NOTHING
        RETURNING event_id
    )
    SELECT array_agg(ROW(sent.event_id, sent.account, sent.end_user, sent.type, sent.feature,
        sent.occurred_at, sent.day, sent.seconds, sent.uses, sent.properties)::usage_sent)
    INTO fresh FROM sent JOIN taken ON taken.event_id = sent.event_id;
    accepted := coalesce(cardinality(fresh), 0);
    IF accepted = 0 THEN RETURN; END IF;

    IF create_accounts THEN
        SELECT array_agg(named.account), array_agg(named.day) INTO missing, began FROM (
            SELECT f.account, min(f.day) AS day FROM unnest(fresh) AS f
            WHERE NOT EXISTS (
                SELECT FROM accounts_account a
                WHERE a.workspace_id = workspace AND a.key = f.account
            )
            GROUP BY f.account
        ) AS named;
        IF missing IS NOT NULL THEN
            PERFORM accounts_ensure(workspace, missing, began, money, moment);
        END IF;
    END IF;

    INSERT INTO usage_feature (workspace_id, key, name)
    SELECT workspace, named.feature, named.feature FROM (
        SELECT DISTINCT f.feature COLLATE "C" AS feature FROM unnest(fresh) AS f
        WHERE f.feature IS NOT NULL AND NOT EXISTS (
            SELECT FROM usage_feature x WHERE x.workspace_id = workspace AND x.key = f.feature
        )
    ) AS named
    ORDER BY named.feature
    ON CONFLICT (workspace_id, key) DO NOTHING;

    INSERT INTO usage_enduser AS stored (workspace_id, account_id, key, first_seen_on, last_seen_on,
        last_login_on)
    SELECT workspace, seen.account_id, seen.end_user, seen.first, seen.last, seen.login FROM (
        SELECT a.id AS account_id, f.end_user, min(f.day) AS first, max(f.day) AS last,
            max(f.day) FILTER (WHERE f.type = 'login') AS login
        FROM unnest(fresh) AS f
        JOIN accounts_account a ON a.workspace_id = workspace AND a.key = f.account
        GROUP BY a.id, f.end_user
    ) AS seen
    LEFT JOIN usage_enduser u ON u.workspace_id = workspace
        AND u.account_id = seen.account_id AND u.key = seen.end_user
    WHERE u.id IS NULL OR seen.first < u.first_seen_on OR seen.last > u.last_seen_on
        OR seen.login > coalesce(u.last_login_on, '-infinity')
    ORDER BY seen.account_id, seen.end_user COLLATE "C"
    ON CONFLICT (workspace_id, account_id, key) DO UPDATE SET
        first_seen_on = least(stored.first_seen_on, excluded.first_seen_on),
        last_seen_on = greatest(stored.last_seen_on, excluded.last_seen_on),
        last_login_on = greatest(stored.last_login_on, excluded.last_login_on);

    -- OFFSET keeps the names together, so that a user is looked up by account and key at once.
    SELECT array_agg(ROW(f.event_id, f.account_id, u.id, f.type, x.id, f.occurred_at, f.day,
        f.seconds, f.uses, f.properties)::usage_happened)
    INTO happened FROM (
        SELECT f.*, a.id AS account_id FROM unnest(fresh) AS f
        JOIN accounts_account a ON a.workspace_id = workspace AND a.key = f.account
        OFFSET 0
    ) AS f
    JOIN usage_enduser u ON u.workspace_id = workspace AND u.account_id = f.account_id
        AND u.key = f.end_user
    LEFT JOIN usage_feature x ON x.workspace_id = workspace AND x.key = f.feature;
    IF cardinality(happened) IS DISTINCT FROM accepted THEN
        RAISE EXCEPTION 'an account was removed meanwhile' USING ERRCODE = 'serialization_failure';
    END IF;

    INSERT INTO usage_usageevent (workspace_id, occurred_at, event_id, account_id, end_user_id,
        type, feature_id, duration_seconds, count, properties, received_at)
    SELECT workspace, h.occurred_at, h.event_id, h.account_id, h.end_user_id, h.type, h.feature_id,
        h.seconds, h.uses, h.properties, moment
    FROM unnest(happened) AS h;

    INSERT INTO usage_accountday AS stored (workspace_id, account_id, day, events, logins, sessions,
        session_seconds, feature_uses)
    SELECT workspace, h.account_id, h.day, count(*),
        coalesce(sum(h.uses) FILTER (WHERE h.type = 'login'), 0),
        coalesce(sum(h.uses) FILTER (WHERE h.type = 'login' AND h.seconds IS NOT NULL), 0),
        coalesce(sum(h.seconds) FILTER (WHERE h.type = 'login'), 0),
        coalesce(sum(h.uses) FILTER (WHERE h.type = 'feature'), 0)
    FROM unnest(happened) AS h GROUP BY h.account_id, h.day ORDER BY h.account_id, h.day
    ON CONFLICT (workspace_id, account_id, day) DO UPDATE SET
        events = stored.events + excluded.events,
        logins = stored.logins + excluded.logins,
        sessions = stored.sessions + excluded.sessions,
        session_seconds = stored.session_seconds + excluded.session_seconds,
        feature_uses = stored.feature_uses + excluded.feature_uses;

    INSERT INTO usage_featureday AS stored (workspace_id, account_id, feature_id, day, uses)
    SELECT workspace, h.account_id, h.feature_id, h.day, sum(h.uses)
    FROM unnest(happened) AS h WHERE h.type = 'feature'
    GROUP BY h.account_id, h.feature_id, h.day ORDER BY h.account_id, h.feature_id, h.day
    ON CONFLICT (workspace_id, account_id, feature_id, day) DO UPDATE SET
        uses = stored.uses + excluded.uses;

    INSERT INTO usage_usermonth AS stored (workspace_id, account_id, end_user_id, month,
        active_days, login_days, logins, feature_uses, session_seconds)
    SELECT workspace, m.account_id, m.end_user_id, m.month, bit_or(m.bit),
        coalesce(bit_or(m.bit) FILTER (WHERE m.type = 'login'), 0),
        coalesce(sum(m.uses) FILTER (WHERE m.type = 'login'), 0),
        coalesce(sum(m.uses) FILTER (WHERE m.type = 'feature'), 0),
        coalesce(sum(m.seconds) FILTER (WHERE m.type = 'login'), 0)
    FROM (
        SELECT h.*, h.day - (extract(day FROM h.day)::integer - 1) AS month,
            1 << (extract(day FROM h.day)::integer - 1) AS bit
        FROM unnest(happened) AS h
    ) AS m
    GROUP BY m.account_id, m.end_user_id, m.month ORDER BY m.account_id, m.end_user_id, m.month
    ON CONFLICT (workspace_id, account_id, end_user_id, month) DO UPDATE SET
        active_days = stored.active_days | excluded.active_days,
        login_days = stored.login_days | excluded.login_days,
        logins = stored.logins + excluded.logins,
        feature_uses = stored.feature_uses + excluded.feature_uses,
        session_seconds = stored.session_seconds + excluded.session_seconds;

    SELECT array_agg(t.account_id), array_agg(t.day) INTO touched, touched_days FROM (
        SELECT h.account_id, min(h.day) AS day FROM unnest(happened) AS h GROUP BY h.account_id
    ) AS t;
    IF mark THEN
        PERFORM accounts_mark_stale(workspace, touched, touched_days, moment);
    END IF;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("usage", "0002_walls"), ("accounts", "0003_hot_path")]

    operations = [
        migrations.RunSQL(SENT, "DROP TYPE usage_happened; DROP TYPE usage_sent"),
        migrations.RunSQL(STORE, "DROP FUNCTION usage_store_events"),
    ]
