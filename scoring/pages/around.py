"""What stands around an account's score: two statements, however many lists there are."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

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
from accounts.together import together
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
from scoring.scorecards import Candidate

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
    touchpoints = Touchpoint.objects.kept().filter(account=account, happened_on__lte=as_of)
    alerts = Alert.objects.filter(account=account, day__lte=as_of).newest_first()
    first = [
        Layout.objects.of_stage(account.stage),
        AccountState.objects.filter(account_id=account.pk).order_by("from_day"),
        Scorecard.objects.ranked(),
        touchpoints.only("kind", "title", "happened_on").order_by("-happened_on", "-id")[
            :MOST_TOUCHPOINTS
        ],
    ]
    beside = [
        Contact.objects.for_account(account),
        TeamMember.objects.for_account(account),
        alerts.select_related("rule")[:FEW_ALERTS],
        open_tasks(workspace, account, as_of),
        TouchpointContact.objects.filter(touchpoint_id__in=touchpoints.values("pk")),
        Tag.objects.of_account(account.pk),
    ]
    layouts, *found = together(*first, *(beside if whole else []))
    return Around(read(layouts[0]) if layouts else LayoutDocument(), *found)


def read_of_scorecard(
    account: Account, chosen: Candidate, as_of: date, given: QuerySet[Measurement] | None
) -> OfScorecard:
    scorecard, version_id = chosen.scorecard, chosen.evaluation.version_id
    overrides = Override.objects.of(account.pk, scorecard.pk).filter(first_day__lte=as_of)
    versions = ScorecardVersion.objects.filter(scorecard=scorecard).order_by("-number")
    # As they were summarized last: nobody waits for all accounts to be counted.
    peers = PeerSummary.objects.newest(version_id, chosen.day).of_metrics()
    found = together(
        versions.only("number", "note", "published_at"),
        overrides.newest_first()[:MOST_OVERRIDES],
        peers.only(*SUMMARY),
        *([] if given is None else [given]),
    )
    return OfScorecard(*found)
