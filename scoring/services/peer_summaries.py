"""The evaluations of a version on a day in few numbers, over all accounts; made when a run ends, or asked for."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from accounts.models import Account
from accounts.tenancy import tenant_rows
from scoring.distributions import packed_knots
from scoring.engine.compiled import Compiled
from scoring.engine.fixed import LARGEST, NONE, Bools, Int32, Int64, divide_half_up
from scoring.engine.peers import Distribution, Knots, mean, median
from scoring.engine.status import Status
from scoring.engine.values import comparable
from scoring.explanations import rolled_details
from scoring.models import PeerKind, PeerSummary, Scorecard
from scoring.stored import stored
from scoring.versions import compiled_versions

BATCH = 2_000
MOST_KNOTS = 500
FEW = 1_000
"""So many accounts are summarized again whenever one of them changes today; more, by the next run."""
FIELDS = {
    "kind": "varchar",
    "key": "varchar",
    "count": "int",
    "minimum": "bigint",
    "median": "bigint",
    "maximum": "bigint",
    "mean": "bigint",
    "mean_score": "int",
    "knots": "bytea",
}
NAMES = ", ".join(FIELDS)
STORE = f"""
INSERT INTO scoring_peersummary (workspace_id, version_id, day, measured_at, {NAMES})
SELECT %(workspace)s, %(version)s, %(day)s, now(), {NAMES}
FROM unnest({", ".join(f"%({name})s::{type_}[]" for name, type_ in FIELDS.items())})
    AS new ({NAMES})
ON CONFLICT (workspace_id, version_id, day, kind, key) DO UPDATE SET
    measured_at = excluded.measured_at,
    {", ".join(f"{name} = excluded.{name}" for name in FIELDS if name not in ("kind", "key"))}
"""
# What another worker has locked it takes away itself.
FORGET = """
WITH gone AS (
    SELECT version_id, day, kind, key FROM scoring_peersummary
    WHERE workspace_id = %(workspace)s AND day BETWEEN %(first)s AND %(last)s
      AND version_id IN (SELECT id FROM scoring_scorecardversion
                         WHERE workspace_id = %(workspace)s AND scorecard_id = %(scorecard)s)
      AND (day < %(today)s OR NOT EXISTS (
          SELECT FROM accounts_account WHERE workspace_id = %(workspace)s OFFSET %(few)s))
    ORDER BY version_id, day, kind, key
    FOR UPDATE SKIP LOCKED
)
DELETE FROM scoring_peersummary AS s USING gone
WHERE s.workspace_id = %(workspace)s AND s.version_id = gone.version_id AND s.day = gone.day
  AND s.kind = gone.kind AND s.key = gone.key
"""


def metric_summaries(
    *,
    scorecard_id: int,
    version_id: int,
    day: date,
    keys: Collection[str] | None = None,
) -> list[PeerSummary]:
    """Of these metrics (all), as they are stored, or made now; none of a day without evaluations."""
    stored = PeerSummary.objects.on(version_id, day).of_metrics()
    found = list(stored if keys is None else stored.filter(key__in=keys))
    made = found or summarize(scorecard_id=scorecard_id, version_id=version_id, day=day)
    return [
        row for row in made if row.kind == PeerKind.METRIC and (keys is None or row.key in keys)
    ]


def summarize(*, scorecard_id: int, version_id: int, day: date) -> list[PeerSummary]:
    card = compiled_versions({version_id})[version_id]
    parts = list(_parts(card, scorecard_id, version_id, day))
    if not parts:
        return []
    fields = _rows(card, _Part.joined(parts))
    rows = [PeerSummary(version_id=version_id, day=day, **given) for given in fields]
    columns = {name: [getattr(row, name) for row in rows] for name in FIELDS}
    tenant_rows(STORE, version=version_id, day=day, **columns)
    return rows


def summarize_day(*, first: date, last: date) -> None:
    """After a run over these days: the last one is summarized, the others when they are asked for."""
    PeerSummary.objects.filter(day__gte=first, day__lte=last).delete()
    for card in Scorecard.objects.active():
        summarize(scorecard_id=card.pk, version_id=card.current_version.pk, day=last)


def forget_summaries(*, scorecard_id: int, first: date, last: date, today: date) -> None:
    """Of days whose evaluations changed."""
    tenant_rows(FORGET, scorecard=scorecard_id, first=first, last=last, today=today, few=FEW)


@dataclass(frozen=True)
class _Part:
    """Of some accounts: [account, metric or group]; scores are NONE where there is none."""

    values: Int64
    valid: Bools
    scores: Int32
    groups: Int32
    final: Int32

    @staticmethod
    def joined(parts: Sequence["_Part"]) -> "_Part":
        columns = zip(*(vars(part).values() for part in parts), strict=True)
        return _Part(*(np.concatenate(column) for column in columns))


def _parts(card: Compiled, scorecard_id: int, version_id: int, day: date) -> Iterator[_Part]:
    ids = list(Account.objects.order_by("pk").values_list("pk", flat=True))
    for start in range(0, len(ids), BATCH):
        held = stored(scorecard_id, ids[start : start + BATCH], day).holding(day)
        found = held.chosen(held.version == version_id)
        if not len(found):
            continue
        records, rolled, _ages = rolled_details(card, found.detail, day.toordinal())
        yield _Part(
            values=np.ascontiguousarray(records["value"]).astype(np.int64),
            valid=rolled.status == Status.OK,
            scores=np.where(rolled.counts, rolled.scores, NONE),
            groups=rolled.groups,
            final=np.ascontiguousarray(found.fields["score"]),
        )


def _rows(card: Compiled, found: _Part) -> Iterator[dict[str, object]]:
    for metric in card.metrics:
        at = metric.index
        values = comparable(metric.metric, found.values[found.valid[:, at], at])
        scores = _known(found.scores[:, at])
        average = divide_half_up(int(scores.sum()), len(scores)) if len(scores) else None
        yield _row(PeerKind.METRIC, metric.key, values) | {"mean_score": average}
    for group in card.groups:
        yield _row(PeerKind.GROUP, group.key, _known(found.groups[:, group.index]))
    yield _row(PeerKind.SCORECARD, "", _known(found.final))


def _known(scores: Int32) -> Int64:
    known: Int64 = scores[scores != NONE].astype(np.int64)
    return known


def _row(kind: PeerKind, key: str, values: Int64) -> dict[str, object]:
    whole = Distribution.of(values)
    row: dict[str, object] = {"kind": kind.value, "key": key, "count": whole.count}
    row["knots"] = packed_knots(Knots.of(whole, MOST_KNOTS))
    if whole.count:
        least, most = int(whole.values[0]), int(whole.values[-1])
        row |= {"minimum": least, "maximum": most, "median": median(whole)}
        # A growth from nothing is no number to be added up.
        row["mean"] = mean(whole) if most < LARGEST else None
    return row
