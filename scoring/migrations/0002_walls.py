from django.db import migrations

from accounts.migration_operations import addressable, belongs, protect

ENTITIES = (
    "scoring_scorecard",
    "scoring_scorecardversion",
    "scoring_run",
    "scoring_rule",
)
FACTS = ("scoring_evaluation", "scoring_supersededevaluation", "scoring_health")

# What the beat asks about all workspaces: ids and days, nothing of what a workspace holds.
QUESTIONS = """
CREATE FUNCTION scoring_last_nights() RETURNS TABLE (workspace_id bigint, day date)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT r.workspace_id, max(r.to_day) FROM scoring_run r WHERE r.kind = 'night'
    GROUP BY r.workspace_id
$$;
CREATE FUNCTION scoring_work() RETURNS TABLE (workspace_id bigint, run_id bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT DISTINCT s.workspace_id, NULL::bigint FROM accounts_staleaccount s
    UNION ALL
    SELECT r.workspace_id, r.id FROM scoring_run r WHERE r.state IN ('queued', 'running')
$$;
REVOKE ALL ON FUNCTION scoring_last_nights, scoring_work FROM PUBLIC;
GRANT EXECUTE ON FUNCTION scoring_last_nights, scoring_work TO scorecard_app;
"""


class Migration(migrations.Migration):
    dependencies = [("scoring", "0001_initial"), ("accounts", "0002_walls")]

    operations = [
        *(addressable(table) for table in ENTITIES),
        migrations.RunSQL(
            QUESTIONS, "DROP FUNCTION scoring_last_nights; DROP FUNCTION scoring_work;"
        ),
        protect("scoring_scorecardversion", privileges="SELECT, INSERT"),
        *(
            protect(table)
            for table in (
                "scoring_scorecard",
                "scoring_scheme",
                "scoring_measurement",
                "scoring_run",
                "scoring_runslice",
                "scoring_rule",
                "scoring_alert",
                *FACTS,
            )
        ),
        belongs("scoring_scorecardversion", "scorecard_id", "scoring_scorecard"),
        belongs(
            "scoring_scorecard",
            "current_version_id",
            "scoring_scorecardversion",
            on_delete="RESTRICT",
        ),
        belongs("scoring_measurement", "account_id", "accounts_account"),
        belongs("scoring_measurement", "scorecard_id", "scoring_scorecard"),
        belongs("scoring_runslice", "run_id", "scoring_run"),
        *(belongs(table, "account_id", "accounts_account") for table in FACTS),
        *(belongs(table, "scorecard_id", "scoring_scorecard") for table in FACTS),
        *(belongs(table, "version_id", "scoring_scorecardversion") for table in FACTS),
        belongs("scoring_alert", "rule_id", "scoring_rule"),
        belongs("scoring_alert", "account_id", "accounts_account"),
        belongs("scoring_alert", "scorecard_id", "scoring_scorecard"),
    ]
