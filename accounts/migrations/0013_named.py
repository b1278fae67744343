"""Names and keys of accounts, found by any part of them without reading them all.

Row-level security lets no index answer that operators of arrays or texts ask. So the names stand in
a table of their own with an index over hashes of every one, two and three characters that follow
each other, and one function reads it for the scope's workspace. The workspace is the seed of the
hashes: what others call their accounts costs nobody time.
"""

from django.db import migrations, models

import accounts.tenancy
from accounts.migration_operations import WORKSPACE, belongs, protect

# Its cost is what it is: the planner shall rather read the index than call it for every account.
GRAMS = """
CREATE FUNCTION accounts_grams(workspace bigint, named text) RETURNS bigint[]
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE STRICT COST 10000 AS $$
DECLARE
    found bigint[] := '{}';
    this text;
    last text := '';
    before text := '';
BEGIN
    FOREACH this IN ARRAY string_to_array(named, NULL) LOOP
        -- No word that is searched has a space in it.
        IF this = ' ' THEN
            last := '';
            before := '';
            CONTINUE;
        END IF;
        found := found || hashtextextended(this, workspace);
        IF last <> '' THEN
            found := found || hashtextextended(last || this, workspace);
        END IF;
        IF before <> '' THEN
            found := found || hashtextextended(before || this, workspace);
        END IF;
        before := CASE WHEN last = '' THEN '' ELSE last || this END;
        last := this;
    END LOOP;
    RETURN found;
END $$;
"""

FILL = """
INSERT INTO accounts_accountname (workspace_id, account_id, named)
SELECT workspace_id, id, search FROM accounts_account
"""

# A list of what waits to be sorted in is read by every search: it is kept short.
INDEX = """
CREATE INDEX account_by_grams ON accounts_accountname
USING gin (accounts_grams(workspace_id, named)) WITH (gin_pending_list_limit = 256);
"""

FOLLOW = """
CREATE FUNCTION accounts_name_added() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO accounts_accountname (workspace_id, account_id, named)
    SELECT workspace_id, id, search FROM fresh;
    RETURN NULL;
END $$;
CREATE TRIGGER account_name_added AFTER INSERT ON accounts_account
REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION accounts_name_added();

CREATE FUNCTION accounts_name_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE accounts_accountname SET named = NEW.search
    WHERE workspace_id = NEW.workspace_id AND account_id = NEW.id;
    RETURN NULL;
END $$;
CREATE TRIGGER account_name_changed AFTER UPDATE OF name, key ON accounts_account
FOR EACH ROW WHEN (OLD.search IS DISTINCT FROM NEW.search)
EXECUTE FUNCTION accounts_name_changed();
"""
UNFOLLOW = """
DROP TRIGGER account_name_changed ON accounts_account;
DROP TRIGGER account_name_added ON accounts_account;
DROP FUNCTION accounts_name_changed, accounts_name_added;
"""

# All accounts that have every word; null where they are more than `most`, or five hundred of
# all, from here and there, tell that they are many: what is many has much in the index.
NAMED = rf"""
CREATE FUNCTION accounts_named(words text[], most integer) RETURNS bigint[]
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp
SET enable_seqscan = off AS $$
DECLARE
    workspace bigint := {WORKSPACE};
    grams bigint[] := ARRAY(
        SELECT DISTINCT hashtextextended(substr(word, at, 3), workspace)
        FROM unnest(words) word, generate_series(1, greatest(length(word) - 2, 1)) at
    );
    -- LIKE is quicker than position(); what it takes for patterns is escaped.
    parts text[] := ARRAY(
        SELECT '%' || regexp_replace(word, '([\\%_])', '\\\1', 'g') || '%' FROM unnest(words) word
    );
    lowest bigint;
    highest bigint;
    found bigint[];
BEGIN
    SELECT min(account_id), max(account_id) INTO lowest, highest
    FROM accounts_accountname WHERE workspace_id = workspace;
    IF 10 <= (
        SELECT count(DISTINCT account_id)
        FROM generate_series(0, 15) part, LATERAL (
            SELECT account_id, named FROM accounts_accountname
            WHERE workspace_id = workspace AND account_id >= lowest + (highest - lowest) * part / 16
            ORDER BY account_id LIMIT 32
        ) sample
        WHERE highest - lowest > 2 * most AND named LIKE ALL (parts)
    ) THEN
        RETURN NULL;
    END IF;
    found := ARRAY(
        SELECT account_id FROM accounts_accountname
        WHERE workspace_id = workspace AND accounts_grams(workspace_id, named) @> grams
            AND named LIKE ALL (parts)
        LIMIT most + 1
    );
    RETURN CASE WHEN cardinality(found) <= most THEN found END;
END $$;
REVOKE ALL ON FUNCTION accounts_named FROM PUBLIC;
GRANT EXECUTE ON FUNCTION accounts_named TO scorecard_app;
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0012_tags")]

    operations = [
        migrations.CreateModel(
            name="AccountName",
            fields=[
                (
                    "workspace_id",
                    models.BigIntegerField(
                        default=accounts.tenancy.current_workspace_id, editable=False
                    ),
                ),
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "workspace_id",
                        "account_id",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("account_id", models.BigIntegerField()),
                ("named", models.TextField(db_collation="C")),
            ],
        ),
        protect("accounts_accountname"),
        belongs("accounts_accountname", "account_id", "accounts_account"),
        migrations.RunSQL(GRAMS, "DROP FUNCTION accounts_grams"),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        migrations.RunSQL(INDEX, "DROP INDEX account_by_grams"),
        migrations.RunSQL(FOLLOW, UNFOLLOW),
        migrations.RunSQL(NAMED, "DROP FUNCTION accounts_named"),
    ]
