"""What the frame around every page of a workspace counts, in one query."""

from dataclasses import dataclass
from datetime import date

from accounts.tenancy import tenant_rows

COUNTS = """
SELECT
    (SELECT count(*) FROM scoring_alert
     WHERE workspace_id = %(workspace)s AND state = 'open'),
    (SELECT count(*) FROM accounts_task
     WHERE workspace_id = %(workspace)s AND assignee_id = %(user)s AND due_on <= %(today)s
       AND state = 'open' AND removed_at IS NULL)
"""


@dataclass(frozen=True, slots=True)
class Counts:
    """`due_tasks` are those of the person, due today or before."""

    open_alerts: int
    due_tasks: int


def read_counts(*, user_id: int, today: date) -> Counts:
    (row,) = tenant_rows(COUNTS, user=user_id, today=today)
    return Counts(*row)
