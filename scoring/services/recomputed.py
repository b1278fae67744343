"""What a version of a scorecard would have said of an account: computed on demand, never stored."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from accounts.models import Account, Workspace
from scoring.engine.fixed import NONE
from scoring.histories import Dated
from scoring.models import Evaluation, ScorecardVersion
from scoring.outcome import Outcome, Segment
from scoring.services.evaluate import evaluated
from scoring.stored import NAMES
from scoring.versions import compiled

NULLABLE = ("score", "computed")


@dataclass(frozen=True)
class Recomputed:
    """Rows of days on which nothing was different, in order."""

    rows: Sequence[Evaluation]

    def latest_in(self, steps: Sequence[tuple[date, date]]) -> list[Dated | None]:
        """The last day of each interval that the version measures, as of the stored history."""
        return [self._latest(first, last) for first, last in steps]

    def _latest(self, first: date, last: date) -> Dated | None:
        until = [row for row in self.rows if row.day <= last]
        if not until or until[-1].to_day < first:
            return None
        return until[-1], min(until[-1].to_day, last)


def recomputed(
    *, workspace: Workspace, account: Account, version: ScorecardVersion, first: date, last: date
) -> Recomputed:
    """On these days, from what is known of them now; going on from what was published the day before."""
    found = evaluated(
        compiled(version),
        workspace=workspace,
        scorecard_id=version.scorecard_id,
        version_id=version.pk,
        account_ids=[account.pk],
        first=first,
        last=last,
    )
    segments = found.segments()[account.pk]
    return Recomputed([_evaluation(segment, found, account) for segment in segments])


def _evaluation(segment: Segment, found: Outcome, account: Account) -> Evaluation:
    fields: dict[str, int | None] = dict(zip(NAMES, segment.fields, strict=True))
    for name in NULLABLE:
        fields[name] = None if fields[name] == NONE else fields[name]
    return Evaluation(
        account_id=account.pk,
        scorecard_id=found.scorecard_id,
        day=segment.day,
        to_day=segment.to_day,
        version_id=segment.version_id,
        detail=segment.detail,
        **fields,
    )
