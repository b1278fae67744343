"""The stored evaluations that many accounts have on a day, as arrays: one query, no row objects."""

from dataclasses import dataclass
from datetime import date

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from accounts.tenancy import current_workspace_id
from scoring.detail import Packed, Records, running, unpack
from scoring.engine.compiled import Compiled
from scoring.engine.fixed import NONE, Bools, Int32, Int64
from scoring.models import Evaluation
from scoring.versions import compiled_versions
from usage.packed import literal

FIELDS = np.dtype(
    [
        ("score", "<i4"),
        ("computed", "<i4"),
        ("coverage", "<i4"),
        ("band", "<i2"),
        ("flags", "<i2"),
        ("reference_band", "<i2"),
        ("pending_band", "<i2"),
        ("pending_count", "<i2"),
        ("exception", "<i2"),
    ]
)
NAMES = FIELDS.names or ()
DAYS = ("day", "to_day")
EPOCH = date(1, 1, 1)

# One step into the index for each account, however long its history is.
LATEST = """
SELECT {columns}, string_agg(e.detail, ''::bytea)
FROM unnest(%s::bigint[]) WITH ORDINALITY AS asked (account_id, place)
CROSS JOIN LATERAL (
    SELECT * FROM scoring_evaluation AS every
    WHERE every.workspace_id = %s AND every.account_id = asked.account_id
      AND every.scorecard_id = %s AND every.day <= %s
    ORDER BY every.day DESC LIMIT 1
) AS e
"""


def _sent(expression: str, size: int) -> str:
    return f"string_agg(int{size}send(({expression})::int{size}), ''::bytea)"


INTEGERS = [
    "asked.place - 1",
    *(f"e.{name} - DATE '0001-01-01' + 1" for name in DAYS),
    "octet_length(e.detail)",
    *(f"coalesce(e.{name}, {NONE})" for name in NAMES),
]
QUERY = LATEST.format(
    columns=", ".join([_sent("e.version_id", 8), *(_sent(name, 4) for name in INTEGERS)])
)


@dataclass(frozen=True)
class Stored:
    """Of each account that has one the row that began last; `places` say which of the accounts.

    Days are ordinals. The flags are without the mark of a restated day, which stands apart.
    """

    places: Int64
    version: Int64
    day: Int32
    to_day: Int32
    fields: NDArray[np.void]
    restated: Bools
    detail: Packed

    def __len__(self) -> int:
        return len(self.places)

    def chosen(self, rows: Bools | Int64) -> "Stored":
        at: Int64 = np.arange(len(self))[rows]
        return Stored(
            self.places[at],
            self.version[at],
            self.day[at],
            self.to_day[at],
            self.fields[at],
            self.restated[at],
            self.detail.chosen(at),
        )

    def holding(self, day: date) -> "Stored":
        return self.chosen(self.to_day >= day.toordinal())

    def before(self, day: date) -> "Stored":
        return self.chosen(self.to_day < day.toordinal())

    def by_version(self) -> list[tuple[int, Compiled, Int64]]:
        """Each version with its rows."""
        found = compiled_versions(np.unique(self.version).tolist())
        return [(pk, card, np.flatnonzero(self.version == pk)) for pk, card in found.items()]

    def records(self, card: Compiled, rows: Int64) -> Records:
        return unpack(card, self.detail if len(rows) == len(self) else self.detail.chosen(rows))


def stored(scorecard_id: int, account_ids: list[int], until: date) -> Stored:
    """What began last, on the day or before it."""
    given = (literal(account_ids), current_workspace_id(), scorecard_id, until)
    with connection.cursor() as cursor:
        cursor.execute(QUERY, given)
        ((version, *columns, detail),) = cursor.fetchall()
    places, day, to_day, lengths, *rest = (np.frombuffer(c or b"", ">i4") for c in columns)
    fields = np.zeros(len(places), FIELDS)
    for name, column in zip(NAMES, rest, strict=True):
        fields[name] = column
    restated = fields["flags"] & Evaluation.RESTATED != 0
    fields["flags"] &= ~Evaluation.RESTATED
    return Stored(
        places.astype(np.int64),
        np.frombuffer(version or b"", ">i8").astype(np.int64),
        day.astype(np.int32),
        to_day.astype(np.int32),
        fields,
        restated,
        Packed(np.frombuffer(detail or b"", np.uint8), running(lengths)),
    )
