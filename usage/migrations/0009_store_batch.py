"""A batch comes with every name once: what is said of an event are numbers, places in the lists of names."""

from django.db import migrations

OLD = """
DROP FUNCTION usage_store_events;
DROP TYPE usage_happened;
DROP TYPE usage_sent;
"""

# What is new is most often of features that the row has; otherwise both sides are sorted anew.
ARRAYS = """
CREATE FUNCTION usage_joined(ids bigint[], more bigint[]) RETURNS bigint[]
LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    IF cardinality(ids) = 0 THEN RETURN more; END IF;
    RETURN (SELECT array_agg(DISTINCT id ORDER BY id) FROM unnest(ids || more) AS id);
END $$;

CREATE FUNCTION usage_added(ids bigint[], counts bigint[], more bigint[], added bigint[])
RETURNS bigint[] LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    place integer;
BEGIN
    IF cardinality(ids) = 0 THEN RETURN added; END IF;
    IF ids @> more THEN
        FOR n IN 1 .. cardinality(more) LOOP
            place := array_position(ids, more[n]);
            counts[place] := counts[place] + added[n];
        END LOOP;
        RETURN counts;
    END IF;
    RETURN (
        SELECT array_agg(total ORDER BY id) FROM (
            SELECT id, sum(count)::bigint AS total
            FROM unnest(ids || more, counts || added) AS both_sides(id, count) GROUP BY id
        ) AS summed
    );
END $$;

CREATE FUNCTION usage_marked(ids bigint[], masks integer[], more bigint[], marked integer[])
RETURNS integer[] LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    place integer;
BEGIN
    IF cardinality(ids) = 0 THEN RETURN marked; END IF;
    IF ids @> more THEN
        FOR n IN 1 .. cardinality(more) LOOP
            place := array_position(ids, more[n]);
            masks[place] := masks[place] | marked[n];
        END LOOP;
        RETURN masks;
    END IF;
    RETURN (
        SELECT array_agg(mask ORDER BY id) FROM (
            SELECT id, bit_or(mask) AS mask
            FROM unnest(ids || more, masks || marked) AS both_sides(id, mask) GROUP BY id
        ) AS merged
    );
END $$;
"""

# Functions in SQL are planned at every call up to PostgreSQL 17.
COUNT_INTAKE = """
CREATE OR REPLACE FUNCTION usage_count_intake(
    workspace bigint, sender bigint, origin text, moment timestamptz,
    accepted bigint, duplicates bigint, rejected bigint
) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO usage_intakehour AS stored (workspace_id, api_key_id, source, hour, slot,
        accepted, duplicates, rejected, last_at)
    VALUES (workspace, sender, origin, date_trunc('hour', moment, 'UTC'), pg_backend_pid() % 16,
        accepted, duplicates, rejected, moment)
    ON CONFLICT (workspace_id, hour, source, api_key_id, slot) DO UPDATE SET
        accepted = stored.accepted + excluded.accepted,
        duplicates = stored.duplicates + excluded.duplicates,
        rejected = stored.rejected + excluded.rejected,
        last_at = greatest(stored.last_at, excluded.last_at);
END $$;
"""

# Every batch takes its locks in the order of these statements, and inside a statement in the order
# of the rows' keys, so that no two lock each other out. Where accounts are unknown, or some events
# known already, it has done nothing yet but take the new ones, and says which: the client asks again
# with those alone. So sums come with the batch and count each event once. A plan for the very arrays
# of a call costs more than all the rest of a small batch; the generic one finds each name by its index,
# which it would not choose if it were made while the tables are empty.
STORE = """
CREATE FUNCTION usage_store_events(
    workspace bigint, moment timestamptz, sender bigint, origin text, repeated bigint,
    refused bigint, money text, create_accounts boolean, mark boolean, taken_before boolean,
    ids text[], ats bigint[], events integer[], notes jsonb[], types text[], features text[],
    accounts text[], began integer[], users text[], seen integer[],
    days integer[], day_sums bigint[], day_features integer[], day_uses bigint[],
    months integer[], month_sums bigint[], month_features integer[],
    OUT unknown text[], OUT fresh text[], OUT touched bigint[]
) LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan
SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off
SET enable_material = off AS $$
DECLARE
    zero CONSTANT date := 'epoch';
    began_on CONSTANT timestamptz := 'epoch';
    tick CONSTANT interval := '1 microsecond';
    feature_ids bigint[];
    user_ids bigint[];
    used bigint[];
    uses bigint[];
    marks integer[];
    missing boolean;
BEGIN
    -- Shared with other batches; who counts days anew takes it alone. See usage/services/recount.py.
    PERFORM pg_advisory_xact_lock_shared(720453, hashint8(workspace));

    SELECT array_agg(a.id ORDER BY s.n) INTO touched
    FROM unnest(accounts) WITH ORDINALITY AS s(key, n)
    LEFT JOIN accounts_account a ON a.workspace_id = workspace AND a.key = s.key;
    missing := array_position(touched, NULL) IS NOT NULL;
    IF missing AND NOT (create_accounts OR taken_before) THEN
        unknown := ARRAY(
            SELECT accounts[n] FROM generate_subscripts(accounts, 1) AS n WHERE touched[n] IS NULL
        );
        RETURN;
    END IF;

    -- Most batches are new altogether: without asking for conflicts that costs a quarter less.
    IF NOT taken_before THEN
        BEGIN
            INSERT INTO usage_eventkey (workspace_id, event_id, occurred_on)
            SELECT workspace, ids[n], zero + events[n][2]
            FROM generate_subscripts(ids, 1) AS n ORDER BY ids[n] COLLATE "C";
        EXCEPTION WHEN unique_violation THEN
            WITH taken AS (
                INSERT INTO usage_eventkey (workspace_id, event_id, occurred_on)
                SELECT workspace, ids[n], zero + events[n][2]
                FROM generate_subscripts(ids, 1) AS n ORDER BY ids[n] COLLATE "C"
                ON CONFLICT DO NOTHING
                RETURNING event_id
            )
            SELECT coalesce(array_agg(event_id), '{}') INTO fresh FROM taken;
            RETURN;
        END;
    END IF;

    IF missing AND create_accounts THEN
        PERFORM accounts_ensure(workspace, named.keys, named.days, money, moment) FROM (
            SELECT array_agg(accounts[n]) AS keys, array_agg(zero + began[n]) AS days
            FROM generate_subscripts(accounts, 1) AS n WHERE touched[n] IS NULL
        ) AS named;
        SELECT array_agg(a.id ORDER BY s.n) INTO touched
        FROM unnest(accounts) WITH ORDINALITY AS s(key, n)
        LEFT JOIN accounts_account a ON a.workspace_id = workspace AND a.key = s.key;
    END IF;

    WHILE cardinality(features) > 0 LOOP
        SELECT array_agg(f.id ORDER BY s.n) INTO feature_ids
        FROM unnest(features) WITH ORDINALITY AS s(key, n)
        LEFT JOIN usage_feature f ON f.workspace_id = workspace AND f.key = s.key;
        EXIT WHEN array_position(feature_ids, NULL) IS NULL;
        INSERT INTO usage_feature (workspace_id, key, name)
        SELECT workspace, features[n], features[n] FROM generate_subscripts(features, 1) AS n
        WHERE feature_ids[n] IS NULL ORDER BY features[n] COLLATE "C"
        ON CONFLICT (workspace_id, key) DO NOTHING;
    END LOOP;

    FOR attempt IN 1 .. 2 LOOP
        SELECT array_agg(u.id ORDER BY n), coalesce(bool_or(
            u.id IS NULL OR zero + seen[n][2] < u.first_seen_on
            OR zero + seen[n][3] > u.last_seen_on
            OR zero + seen[n][4] > coalesce(u.last_login_on, '-infinity')
        ), false) INTO user_ids, missing
        FROM generate_subscripts(users, 1) AS n
        LEFT JOIN usage_enduser u ON u.workspace_id = workspace
            AND u.account_id = touched[seen[n][1]] AND u.key = users[n];
        EXIT WHEN NOT missing;
        INSERT INTO usage_enduser AS stored (workspace_id, account_id, key, first_seen_on,
            last_seen_on, last_login_on)
        SELECT workspace, touched[seen[n][1]], users[n], zero + seen[n][2],
            zero + seen[n][3], zero + seen[n][4]
        FROM generate_subscripts(users, 1) AS n
        ORDER BY touched[seen[n][1]], users[n] COLLATE "C"
        ON CONFLICT (workspace_id, account_id, key) DO UPDATE SET
            first_seen_on = least(stored.first_seen_on, excluded.first_seen_on),
            last_seen_on = greatest(stored.last_seen_on, excluded.last_seen_on),
            last_login_on = greatest(stored.last_login_on, excluded.last_login_on)
        WHERE excluded.first_seen_on < stored.first_seen_on
            OR excluded.last_seen_on > stored.last_seen_on
            OR excluded.last_login_on > coalesce(stored.last_login_on, '-infinity');
    END LOOP;
    IF array_position(touched || user_ids, NULL) IS NOT NULL THEN
        RAISE EXCEPTION 'an account was removed meanwhile' USING ERRCODE = 'serialization_failure';
    END IF;

    INSERT INTO usage_usageevent (workspace_id, occurred_at, event_id, account_id, end_user_id,
        type, feature_id, duration_seconds, count, properties, received_at)
    SELECT workspace, began_on + ats[n] * tick, ids[n], touched[seen[events[n][1]][1]],
        user_ids[events[n][1]], types[events[n][3]], feature_ids[events[n][4]], events[n][5],
        events[n][6], notes[n], moment
    FROM generate_subscripts(ids, 1) AS n;

    IF cardinality(day_features) > 0 THEN
        SELECT array_agg(id), array_agg(number) INTO used, uses FROM (
            SELECT feature_ids[day_features[n][2]] AS id, day_uses[n] AS number
            FROM generate_subscripts(day_features, 1) AS n ORDER BY day_features[n][1], id
        ) AS sorted;
    END IF;
    INSERT INTO usage_accountday AS stored (workspace_id, account_id, day, events, logins, sessions,
        session_seconds, feature_uses, feature_ids, feature_counts)
    SELECT workspace, touched[days[n][1]], zero + days[n][2], day_sums[n][1], day_sums[n][2],
        day_sums[n][3], day_sums[n][4], day_sums[n][5], coalesce(used[days[n][3]:days[n][4]], '{}'),
        coalesce(uses[days[n][3]:days[n][4]], '{}')
    FROM generate_subscripts(days, 1) AS n ORDER BY touched[days[n][1]], days[n][2]
    ON CONFLICT (workspace_id, account_id, day) DO UPDATE SET
        events = stored.events + excluded.events,
        logins = stored.logins + excluded.logins,
        sessions = stored.sessions + excluded.sessions,
        session_seconds = stored.session_seconds + excluded.session_seconds,
        feature_uses = stored.feature_uses + excluded.feature_uses,
        feature_ids = CASE WHEN stored.feature_ids @> excluded.feature_ids THEN stored.feature_ids
            ELSE usage_joined(stored.feature_ids, excluded.feature_ids) END,
        feature_counts = usage_added(stored.feature_ids, stored.feature_counts,
            excluded.feature_ids, excluded.feature_counts);

    IF cardinality(month_features) > 0 THEN
        SELECT array_agg(id), array_agg(number) INTO used, marks FROM (
            SELECT feature_ids[month_features[n][2]] AS id, month_features[n][3] AS number
            FROM generate_subscripts(month_features, 1) AS n ORDER BY month_features[n][1], id
        ) AS sorted;
    END IF;
    INSERT INTO usage_usermonth AS stored (workspace_id, account_id, end_user_id, month,
        active_days, login_days, logins, feature_uses, session_seconds, feature_ids, feature_days)
    SELECT workspace, touched[seen[months[n][1]][1]], user_ids[months[n][1]],
        zero + months[n][2], months[n][5], months[n][6], month_sums[n][1], month_sums[n][2],
        month_sums[n][3], coalesce(used[months[n][3]:months[n][4]], '{}'),
        coalesce(marks[months[n][3]:months[n][4]], '{}')
    FROM generate_subscripts(months, 1) AS n
    ORDER BY touched[seen[months[n][1]][1]], user_ids[months[n][1]], months[n][2]
    ON CONFLICT (workspace_id, account_id, end_user_id, month) DO UPDATE SET
        active_days = stored.active_days | excluded.active_days,
        login_days = stored.login_days | excluded.login_days,
        logins = stored.logins + excluded.logins,
        feature_uses = stored.feature_uses + excluded.feature_uses,
        session_seconds = stored.session_seconds + excluded.session_seconds,
        feature_ids = CASE WHEN stored.feature_ids @> excluded.feature_ids THEN stored.feature_ids
            ELSE usage_joined(stored.feature_ids, excluded.feature_ids) END,
        feature_days = usage_marked(stored.feature_ids, stored.feature_days,
            excluded.feature_ids, excluded.feature_days);

    IF mark THEN
        PERFORM accounts_mark_stale(workspace, touched,
            ARRAY(SELECT zero + began[n] FROM generate_subscripts(began, 1) AS n ORDER BY n),
            moment);
    END IF;
    PERFORM usage_count_intake(workspace, sender, origin, moment, cardinality(ids), repeated, refused);
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("usage", "0008_quarantine_by_time")]

    operations = [
        migrations.RunSQL(OLD),
        migrations.RunSQL(ARRAYS),
        migrations.RunSQL(COUNT_INTAKE),
        migrations.RunSQL(STORE),
    ]
