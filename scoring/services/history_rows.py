"""The statements that write the history of one scorecard. Days are ordinals."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from accounts.tenancy import current_workspace_id
from scoring.detail import Packed
from scoring.stored import NAMES
from usage.packed import literal

COLUMNS = ", ".join(NAMES)
NULLABLE = ("score", "computed")
BEGIN = "DATE '0001-01-01' - 1"
Numbers = Sequence[int] | NDArray[np.signedinteger[Any]]

ARCHIVE = f"""
INSERT INTO scoring_supersededevaluation
    (workspace_id, account_id, scorecard_id, day, to_day, version_id, {COLUMNS}, detail,
     evaluated_at, superseded_at)
SELECT e.workspace_id, e.account_id, e.scorecard_id, e.day, e.to_day, e.version_id,
       {", ".join(f"e.{name}" for name in NAMES)}, e.detail, e.evaluated_at, %s
FROM scoring_evaluation e
JOIN unnest(%s::bigint[], %s::date[]) AS gone (account_id, day)
  ON e.account_id = gone.account_id AND e.day = gone.day
WHERE e.workspace_id = %s AND e.scorecard_id = %s
ON CONFLICT DO NOTHING
"""

REMOVE = """
DELETE FROM scoring_evaluation e
USING unnest(%s::bigint[], %s::date[]) AS gone (account_id, day)
WHERE e.workspace_id = %s AND e.scorecard_id = %s
  AND e.account_id = gone.account_id AND e.day = gone.day
"""

PROLONG = f"""
UPDATE scoring_evaluation e SET to_day = {BEGIN} + ended.to_day
FROM unnest(%s::bigint[], %s::int[], %s::int[]) AS ended (account_id, day, to_day)
WHERE e.workspace_id = %s AND e.scorecard_id = %s
  AND e.account_id = ended.account_id AND e.day = {BEGIN} + ended.day
"""

# The details come as one value: an array of thousands would be parsed one by one.
INSERT = f"""
INSERT INTO scoring_evaluation
    (workspace_id, scorecard_id, evaluated_at, account_id, day, to_day, version_id, {COLUMNS},
     detail)
SELECT %s, %s, %s, account_id, {BEGIN} + day, {BEGIN} + to_day, version_id,
       {", ".join(f"nullif({n}, -1)" if n in NULLABLE else n for n in NAMES)},
       substring(%s::bytea FROM place FOR length)
FROM unnest(%s::bigint[], %s::int[], %s::int[], %s::bigint[],
            {", ".join(["%s::int[]"] * len(NAMES))}, %s::int[], %s::int[])
  AS new (account_id, day, to_day, version_id, {COLUMNS}, place, length)
"""


@dataclass
class HistoryRows:
    """`written` tells whether anything was."""

    scorecard_id: int
    moment: datetime
    written: bool = False

    def archive(self, rows: Sequence[tuple[int, date]]) -> None:
        """Keep what these rows say as superseded; their days are dates."""
        if rows:
            self._execute(ARCHIVE, [self.moment, *_named(rows)], [])

    def remove(self, rows: Sequence[tuple[int, date]]) -> None:
        if rows:
            self._execute(REMOVE, _named(rows), [])

    def prolong(self, account_ids: Numbers, days: Numbers, to_days: Numbers) -> None:
        """Or cut."""
        if len(account_ids):
            self._execute(PROLONG, [_array(c) for c in (account_ids, days, to_days)], [])

    def insert(
        self,
        account_ids: Numbers,
        days: Numbers,
        to_days: Numbers,
        versions: Numbers,
        fields: NDArray[np.void],
        detail: Packed,
    ) -> None:
        if not len(account_ids):
            return
        numbers = [
            account_ids,
            days,
            to_days,
            versions,
            *(fields[name] for name in NAMES),
            detail.starts[:-1] + 1,
            detail.lengths,
        ]
        given = [self.moment, detail.blob.tobytes(), *map(_array, numbers)]
        self._execute(INSERT, [], given)

    def _execute(self, sql: str, before: list[Any], after: list[Any]) -> None:
        self.written = True
        where = [current_workspace_id(), self.scorecard_id]
        with connection.cursor() as cursor:
            cursor.execute(sql, [*before, *where, *after])


def _named(rows: Sequence[tuple[int, date]]) -> list[list[Any]]:
    return [[account_id for account_id, _ in rows], [day for _, day in rows]]


def _array(numbers: Numbers) -> str:
    return literal(numbers.tolist() if isinstance(numbers, np.ndarray) else list(numbers))
