"""What stands around an account's score: two statements, however many lists there are."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db.models import QuerySet

from accounts.models import (
    Account,
    AccountState,
    Contact,
    Tag,
    Task,
    TeamMember,
    Touchpoint,
    TouchpointContact,
    Workspace,
)
from accounts.together import kept_together
from scoring.inputs.manual import midnight_after
from scoring.layouts import LayoutDocument, read
from scoring.models import (
    Alert,
    Layout,
    Measurement,
    Override,
    PeerSummary,
    Scorecard,
    ScorecardVersion,
)
from scoring.pages.board import open_tasks
from scoring.scorecards import Candidate, Given

FEW_ALERTS = 5
MOST_OVERRIDES = 11
MOST_TOUCHPOINTS = 300
SUMMARY = (
    "workspace_id",
    "version_id",
    "day",
    "kind",
    "key",
    "count",
    "minimum",
    "median",
    "maximum",
)


@dataclass(frozen=True, slots=True)
class Around:
    layout: LayoutDocument
    states: list[AccountState]
    cards: list[Scorecard]
    touchpoints: list[Touchpoint]
    contacts: list[Contact] = field(default_factory=list)
    team: list[TeamMember] = field(default_factory=list)
    alerts: list[Alert] = field(default_factory=list)
    tasks: list[Task] = field(default_factory=list)
    taken_part: list[TouchpointContact] = field(default_factory=list)
    tags: list[Tag] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class OfScorecard:
    """`versions` the newest first, without their documents; `given` are the measurements of what the
    page shows, None for what was not evaluated so."""

    versions: Sequence[ScorecardVersion] = ()
    overrides: Sequence[Override] = ()
    peers: Sequence[PeerSummary] = ()
    given: Sequence[Measurement] | None = None


def read_around(workspace: Workspace, account: Account, as_of: date, *, whole: bool) -> Around:
    """Without `whole` only what the score needs."""
    layouts, *found = kept_together(
        _around,
        whole,
        account_id=account.pk,
        stage=account.stage,
        as_of=as_of,
        **({"end": midnight_after(as_of, workspace)} if whole else {}),
    )
    return Around(read(layouts[0]) if layouts else LayoutDocument(), *found)


def _around(
    whole: bool, *, account_id: int, stage: str, as_of: date, end: datetime | None = None
) -> list[QuerySet[Any]]:
    account = Account(pk=account_id)
    touchpoints = Touchpoint.objects.kept().filter(account=account, happened_on__lte=as_of)
    first = [
        Layout.objects.of_stage(stage),
        AccountState.objects.filter(account_id=account_id).order_by("from_day"),
        Scorecard.objects.ranked(),
        touchpoints.only("kind", "title", "happened_on").order_by("-happened_on", "-id")[
            :MOST_TOUCHPOINTS
        ],
    ]
    if not whole or end is None:
        return first
    alerts = Alert.objects.filter(account=account, day__lte=as_of).newest_first()
    return [
        *first,
        Contact.objects.for_account(account),
        TeamMember.objects.for_account(account),
        alerts.select_related("rule")[:FEW_ALERTS],
        open_tasks(account, end),
        TouchpointContact.objects.filter(touchpoint_id__in=touchpoints.values("pk")),
        Tag.objects.of_account(account_id),
    ]


def read_of_scorecard(
    account: Account,
    chosen: Candidate,
    as_of: date,
    given: Given | None,
) -> OfScorecard:
    evaluation = chosen.evaluation
    found = kept_together(
        _of_scorecard,
        tuple(given.few.items()) if given else (),
        account_id=account.pk,
        scorecard_id=chosen.scorecard.pk,
        version_id=evaluation.version_id,
        day=chosen.day,
        as_of=as_of,
        **({"before": given.before, "known_at": given.known_at} if given else {}),
    )
    return OfScorecard(*found)


def _of_scorecard(
    few: tuple[tuple[str, int], ...],
    *,
    account_id: int,
    scorecard_id: int,
    version_id: int,
    day: date,
    as_of: date,
    before: datetime | None = None,
    known_at: datetime | None = None,
) -> list[QuerySet[Any]]:
    overrides = Override.objects.of(account_id, scorecard_id).filter(first_day__lte=as_of)
    versions = ScorecardVersion.objects.filter(scorecard_id=scorecard_id).order_by("-number")
    # As they were summarized last: nobody waits for all accounts to be counted.
    peers = PeerSummary.objects.newest(version_id, day).of_metrics()
    found = [
        versions.only("number", "note", "published_at"),
        overrides.newest_first()[:MOST_OVERRIDES],
        peers.only(*SUMMARY),
    ]
    if before is None:
        return found
    given = Given(dict(few), before, known_at)
    return [*found, given.of(account_id, scorecard_id)]
