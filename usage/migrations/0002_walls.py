from django.db import migrations

from accounts.migration_operations import addressable, belongs, protect

EVENTS = """
CREATE TABLE usage_usageevent (
    workspace_id bigint NOT NULL,
    occurred_at timestamptz NOT NULL,
    event_id varchar(100) NOT NULL,
    account_id bigint NOT NULL,
    end_user_id bigint NOT NULL,
    type varchar(200) NOT NULL,
    feature_id bigint,
    duration_seconds integer,
    count integer NOT NULL,
    properties jsonb,
    received_at timestamptz NOT NULL
) PARTITION BY RANGE (occurred_at);

-- The application's role owns nothing, so it asks for a month's partition through this function.
-- Nobody but the owner may read a partition by its own name: row-level security stands on the parent.
-- ATTACH, because CREATE … PARTITION OF would lock out every writer until the transaction ends.
CREATE FUNCTION usage_ensure_partition(moment timestamptz) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    first timestamptz := date_trunc('month', moment, 'UTC');
    last timestamptz := (first AT TIME ZONE 'UTC' + interval '1 month') AT TIME ZONE 'UTC';
    partition text := 'usage_usageevent_' || to_char(first AT TIME ZONE 'UTC', 'YYYY_MM');
BEGIN
    IF to_regclass(partition) IS NOT NULL THEN RETURN; END IF;
    -- The lock that ATTACH takes; waiting for it also brings what others created meanwhile into
    -- sight, which an advisory lock does not.
    LOCK TABLE usage_usageevent IN SHARE UPDATE EXCLUSIVE MODE;
    IF to_regclass(partition) IS NOT NULL THEN RETURN; END IF;
    EXECUTE format('CREATE TABLE %I (LIKE usage_usageevent INCLUDING DEFAULTS)', partition);
    EXECUTE format('REVOKE ALL ON %I FROM scorecard_app', partition);
    EXECUTE format(
        'ALTER TABLE usage_usageevent ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)',
        partition, first, last
    );
END $$;
REVOKE ALL ON FUNCTION usage_ensure_partition FROM PUBLIC;
GRANT EXECUTE ON FUNCTION usage_ensure_partition TO scorecard_app;
"""

FACTS = ("usage_accountday", "usage_featureday", "usage_usermonth")


class Migration(migrations.Migration):
    dependencies = [("usage", "0001_initial"), ("accounts", "0002_walls")]

    operations = [
        migrations.RunSQL(
            EVENTS, "DROP FUNCTION usage_ensure_partition; DROP TABLE usage_usageevent;"
        ),
        # Rows that are updated all day find room for their next version on their own page.
        *(
            migrations.RunSQL(
                f"ALTER TABLE {table} SET (fillfactor = 80)",
                f"ALTER TABLE {table} RESET (fillfactor)",
            )
            for table in ("usage_enduser", *FACTS)
        ),
        addressable("usage_enduser"),
        addressable("usage_feature"),
        protect("usage_usageevent", privileges="SELECT, INSERT, DELETE"),
        *(
            protect(table)
            for table in (
                "usage_enduser",
                "usage_feature",
                "usage_eventkey",
                "usage_rejectedevent",
                *FACTS,
            )
        ),
        belongs("usage_enduser", "account_id", "accounts_account"),
        *(belongs(table, "account_id", "accounts_account") for table in FACTS),
        belongs("usage_featureday", "feature_id", "usage_feature"),
        belongs("usage_usermonth", "end_user_id", "usage_enduser"),
    ]
