"""The stored evaluations of many accounts that touch an interval of days."""

from datetime import date
from typing import Any

from django.db import connection

from accounts.tenancy import current_workspace_id

# Rows do not overlap, so all that touch the interval begin no earlier than the last one that begins
# before it: a range of the primary key, however long an account's history is.
SPANNING = """
SELECT {columns}
FROM unnest(%(accounts)s::bigint[]) AS asked (account_id)
CROSS JOIN unnest(%(scorecards)s::bigint[]) AS of (scorecard_id)
CROSS JOIN LATERAL (
    SELECT * FROM scoring_evaluation AS e
    WHERE e.workspace_id = %(workspace)s AND e.account_id = asked.account_id
      AND e.scorecard_id = of.scorecard_id AND e.day <= %(last)s AND e.to_day >= %(first)s
      AND e.day >= coalesce((
          SELECT max(b.day) FROM scoring_evaluation AS b
          WHERE b.workspace_id = %(workspace)s AND b.account_id = asked.account_id
            AND b.scorecard_id = of.scorecard_id AND b.day <= %(first)s
      ), %(first)s)
    ORDER BY e.day
) AS found
"""


def spanning(
    columns: str, *, scorecard_id: int, account_ids: list[int], first: date, last: date
) -> list[tuple[Any, ...]]:
    """The named columns of `found` (and `asked.account_id`), each account's rows in order of days."""
    of = [scorecard_id]
    return spanning_several(
        columns, scorecard_ids=of, account_ids=account_ids, first=first, last=last
    )


def spanning_several(
    columns: str, *, scorecard_ids: list[int], account_ids: list[int], first: date, last: date
) -> list[tuple[Any, ...]]:
    """The same for some scorecards (`of.scorecard_id`) in one query."""
    given: dict[str, Any] = {
        "workspace": current_workspace_id(),
        "accounts": account_ids,
        "scorecards": scorecard_ids,
        "first": first,
        "last": last,
    }
    with connection.cursor() as cursor:
        cursor.execute(SPANNING.format(columns=columns), given)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows
