from django.db import migrations

from accounts.migration_operations import addressable, belongs, protect

ENTITIES = (
    "scoring_scorecard",
    "scoring_scorecardversion",
    "scoring_run",
    "scoring_rule",
)
FACTS = ("scoring_evaluation", "scoring_supersededevaluation", "scoring_health")


class Migration(migrations.Migration):
    dependencies = [("scoring", "0001_initial"), ("accounts", "0002_walls")]

    operations = [
        *(addressable(table) for table in ENTITIES),
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
