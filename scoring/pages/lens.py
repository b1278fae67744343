"""Through what a day is looked at: as it was shown, as it was believed, or by another version."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Protocol

from django.db.models import Min

from accounts.models import Account, Workspace
from scoring.beliefs import beliefs_before, believed_in
from scoring.changes import Changes, compared
from scoring.engine.peers import percentile_metrics
from scoring.histories import Dated, latest_in
from scoring.models import Evaluation, ScorecardVersion
from scoring.pages.choice import Choice
from scoring.scorecards import Candidate
from scoring.services.recomputed import Recomputed, recomputed
from scoring.versions import compiled

Steps = Sequence[tuple[date, date]]


class Days(Protocol):
    def latest_in(self, steps: Steps) -> list[Dated | None]:
        """The last evaluated day of each interval with its evaluation."""


@dataclass(frozen=True, slots=True)
class Shown:
    account_id: int
    scorecard_id: int

    def latest_in(self, steps: Steps) -> list[Dated | None]:
        return latest_in(self.account_id, self.scorecard_id, steps)


@dataclass(frozen=True, slots=True)
class Believed:
    account_id: int
    scorecard_id: int
    moment: datetime

    def latest_in(self, steps: Steps) -> list[Dated | None]:
        return believed_in(self.account_id, self.scorecard_id, steps, self.moment)


@dataclass(frozen=True, slots=True)
class Anew:
    """By another version. Ranks among peers are measured on single days only: that is a question to
    every account."""

    workspace: Workspace
    account: Account
    version: ScorecardVersion
    began: date

    def latest_in(self, steps: Steps) -> list[Dated | None]:
        if not percentile_metrics(compiled(self.version)):
            first = max(self.began, min(first for first, _last in steps))
            return self._days(first, max(last for _first, last in steps)).latest_in(steps)
        return [
            self._days(last, last).latest_in([(last, last)])[0] if first == last else None
            for first, last in steps
        ]

    def _days(self, first: date, last: date) -> Recomputed:
        if first > last:
            return Recomputed([])
        return recomputed(
            workspace=self.workspace,
            account=self.account,
            version=self.version,
            first=first,
            last=last,
        )


@dataclass(frozen=True, slots=True)
class Lens:
    """`now` is what the page shows, `shown` what is stored of the same day.

    `until` is when a belief was replaced, `change` leads from it to what is said now; `refused` is
    the number of a version that does not measure the account on the day.
    """

    days: Days
    now: Dated
    shown: Candidate
    version: ScorecardVersion | None = None
    until: datetime | None = None
    change: Changes | None = None
    refused: int | None = None

    @property
    def believed_at(self) -> datetime | None:
        return self.days.moment if isinstance(self.days, Believed) else None

    @property
    def ranks(self) -> bool:
        return self.version is not None and bool(percentile_metrics(compiled(self.version)))


def read_lens(workspace: Workspace, account: Account, choice: Choice, shown: Candidate) -> Lens:
    """What cannot be looked at is shown as usual."""
    days = Shown(account.pk, shown.scorecard.pk)
    usual = Lens(days, (shown.evaluation, shown.day), shown)
    if choice.version is not None:
        anew = _anew(workspace, account, choice.version, shown)
        return anew or replace(usual, refused=choice.version)
    if choice.believed is not None:
        return _believed(account, choice.believed, shown) or usual
    return usual


def _believed(account: Account, moment: datetime, shown: Candidate) -> Lens | None:
    """None where the day has not been evaluated anew since."""
    beliefs = beliefs_before(shown.evaluation, shown.day)
    until = next((row.superseded_at for row in beliefs if row.superseded_at > moment), None)
    days = Believed(account.pk, shown.scorecard.pk, moment)
    (now,) = days.latest_in([(shown.day, shown.day)])
    if until is None or now is None:
        return None
    change = compared(now, (shown.evaluation, shown.day))
    return Lens(days, now, shown, until=until, change=change)


def _anew(workspace: Workspace, account: Account, number: int, shown: Candidate) -> Lens | None:
    version = ScorecardVersion.objects.filter(scorecard=shown.scorecard, number=number).first()
    if version is None:
        return None
    mine = Evaluation.objects.of(account.pk, shown.scorecard.pk)
    days = Anew(workspace, account, version, mine.aggregate(first=Min("day"))["first"])
    (now,) = days.latest_in([(shown.day, shown.day)])
    return None if now is None else Lens(days, now, shown, version=version)
