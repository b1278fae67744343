"""What another version of a scorecard would have said."""

from collections.abc import Sequence
from datetime import date

from django.db.models import Min
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from rest_framework.exceptions import NotFound

from accounts.errors import InvalidInput
from accounts.models import Account, AccountState, Workspace
from scoring.engine.peers import percentile_metrics
from scoring.histories import HistoryPoint, points
from scoring.models import Evaluation, Scorecard, ScorecardVersion
from scoring.scorecard_parts import AccountScorecard
from scoring.scorecards import assembled
from scoring.services.recomputed import recomputed
from scoring.versions import compiled

MOST_RANKED = 31
"""Ranks are measured anew among all accounts on each of the days."""


def would_have_been(
    workspace: Workspace, account: Account, card: Scorecard, number: int, day: date
) -> AccountScorecard:
    version = version_of(card, number)
    found = recomputed(workspace=workspace, account=account, version=version, first=day, last=day)
    (row,) = found.latest_in([(day, day)])
    if row is None:
        raise NotFound(_("This version does not apply to the account on this day."))
    return assembled(workspace, account, card, row, {version.pk: version.number})


def days_anew(
    workspace: Workspace,
    account: Account,
    card: Scorecard,
    number: int,
    steps: Sequence[tuple[date, date]],
) -> list[HistoryPoint]:
    """From the first day on that the scorecard evaluated the account."""
    version = version_of(card, number)
    began = first_day(account, card)
    if began is None or began > steps[-1][1]:
        return []
    first, last = max(began, steps[0][0]), steps[-1][1]
    if percentile_metrics(compiled(version)) and (last - first).days >= MOST_RANKED:
        message = _("This version ranks among peers: ask for at most %(days)d days.")
        raise InvalidInput.at("from", message % {"days": MOST_RANKED})
    found = recomputed(
        workspace=workspace, account=account, version=version, first=first, last=last
    )
    states = list(AccountState.objects.filter(account_id=account.pk).order_by("from_day"))
    return points(steps, found.latest_in(steps), states, {version.pk: version.number})


def first_day(account: Account, card: Scorecard) -> date | None:
    mine = Evaluation.objects.of(account.pk, card.pk)
    began: date | None = mine.aggregate(first=Min("day"))["first"]
    return began


def version_of(card: Scorecard, number: int) -> ScorecardVersion:
    versions = ScorecardVersion.objects.filter(scorecard=card)
    version: ScorecardVersion = get_object_or_404(versions, number=number)
    return version
