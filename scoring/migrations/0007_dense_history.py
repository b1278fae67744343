from django.db import migrations

from accounts.migration_operations import belongs

# Stored details begin with the number of their format; those that are there have the plain one.
FORMAT = """
UPDATE scoring_evaluation SET detail = '\\x00'::bytea || detail;
UPDATE scoring_supersededevaluation SET detail = '\\x00'::bytea || detail;
"""
FORMAT_BACK = """
UPDATE scoring_evaluation SET detail = substring(detail FROM 2);
UPDATE scoring_supersededevaluation SET detail = substring(detail FROM 2);
"""

# A foreign key asks once a row, and a night writes every account with the same few versions: these
# triggers ask once a statement. A version knows its scorecard, so that one question is enough.
WALL = """
CREATE FUNCTION scoring_evaluation_version() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (
        SELECT FROM (SELECT DISTINCT workspace_id, scorecard_id, version_id FROM written) AS w
        WHERE NOT EXISTS (
            SELECT FROM scoring_scorecardversion AS v
            WHERE v.workspace_id = w.workspace_id AND v.id = w.version_id
              AND v.scorecard_id = w.scorecard_id
        )
    ) THEN
        RAISE foreign_key_violation
            USING MESSAGE = 'scoring_evaluation_version_in_workspace: no such version';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER scoring_evaluation_version_in_workspace AFTER INSERT ON scoring_evaluation
    REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION scoring_evaluation_version();

CREATE FUNCTION scoring_evaluation_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE foreign_key_violation
        USING MESSAGE = 'scoring_evaluation_stays_in_workspace: an evaluation keeps its version';
END $$;
CREATE TRIGGER scoring_evaluation_stays_in_workspace BEFORE UPDATE ON scoring_evaluation
    FOR EACH ROW WHEN ((OLD.workspace_id, OLD.scorecard_id, OLD.version_id)
        IS DISTINCT FROM (NEW.workspace_id, NEW.scorecard_id, NEW.version_id))
    EXECUTE FUNCTION scoring_evaluation_stays();

CREATE FUNCTION scoring_evaluation_follows() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    DELETE FROM scoring_evaluation AS e USING gone
    WHERE e.workspace_id = gone.workspace_id AND e.version_id = gone.id;
    RETURN NULL;
END $$;
CREATE TRIGGER scoring_evaluation_follows_its_version AFTER DELETE ON scoring_scorecardversion
    REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION scoring_evaluation_follows();
"""
WALL_BACK = """
DROP TRIGGER scoring_evaluation_follows_its_version ON scoring_scorecardversion;
DROP TRIGGER scoring_evaluation_stays_in_workspace ON scoring_evaluation;
DROP TRIGGER scoring_evaluation_version_in_workspace ON scoring_evaluation;
DROP FUNCTION scoring_evaluation_follows;
DROP FUNCTION scoring_evaluation_stays;
DROP FUNCTION scoring_evaluation_version;
"""


def without(column: str, target: str) -> migrations.RunSQL:
    """Drop what `belongs` made."""
    key = belongs("scoring_evaluation", column, target)
    return migrations.RunSQL(key.reverse_sql or "", key.sql)


class Migration(migrations.Migration):
    dependencies = [("scoring", "0006_draft_from")]

    operations = [
        migrations.RunSQL(FORMAT, FORMAT_BACK),
        migrations.RunSQL(WALL, WALL_BACK),
        without("scorecard_id", "scoring_scorecard"),
        without("version_id", "scoring_scorecardversion"),
    ]
