"""Scores out: an account's health as of a day, its changes, its history."""

from datetime import date, timedelta
from typing import Literal

import msgspec
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.bodies import Body, query
from accounts.api.schema import documented, page_of
from accounts.api.views import ApiView, ListView
from accounts.models import Account
from scoring.api.days import check_day, check_days
from scoring.api.health_rows import ChangesRow, DayRow, HealthRow, changes_row, day_row, health_row
from scoring.changes import changes
from scoring.histories import history
from scoring.models import Scorecard
from scoring.scorecards import read_scorecard
from scoring.services.runs import FIRST_DAY

TAG = "Scores out"


class HealthQuery(Body, frozen=True, kw_only=True):
    scorecard: str | None = None
    as_of: date | None = None


class ChangesQuery(Body, frozen=True, kw_only=True):
    from_: date | None = msgspec.field(name="from", default=None)
    to: date | None = None
    scorecard: str | None = None


class HistoryQuery(ChangesQuery, frozen=True, kw_only=True):
    step: Literal["day", "week"] = "day"


class HealthView(ApiView):
    scopes = {"GET": "read"}

    @documented(
        "An account's health on a day",
        description="As it was evaluated for the day, or last before it: `day` says for which. "
        "Scores, points, shares and coverage are strings of four places; a share and the coverage "
        'are parts of 1: "0.7000" is 70 %.',
        query=HealthQuery,
        answer=HealthRow,
        tag=TAG,
    )
    def get(self, request: Request, key: str) -> Response:
        wanted = query(request, HealthQuery)
        today = self.workspace().day_of(timezone.now())
        found = read_scorecard(
            workspace=self.workspace(),
            account=get_object_or_404(Account.objects.all(), key=key),
            scorecard=scorecard_of(wanted.scorecard),
            day=check_day("as_of", wanted.as_of or today, today),
        )
        if found is None:
            raise NotFound(_("The account was not evaluated until this day."))
        return Response(health_row(found))


class ChangesView(ApiView):
    scopes = {"GET": "read"}

    @documented(
        "The ledger of two days",
        description="The points of the entries add up to `delta` exactly. Without `from` one trend "
        "window of the scorecard before `to`, without `to` today.",
        query=ChangesQuery,
        answer=ChangesRow,
        tag=TAG,
    )
    def get(self, request: Request, key: str) -> Response:
        wanted = query(request, ChangesQuery)
        account = get_object_or_404(Account.objects.all(), key=key)
        today = self.workspace().day_of(timezone.now())
        to = check_day("to", wanted.to or today, today)
        card = card_on(self, account, wanted.scorecard, to)
        trend = timedelta(days=card.current_version.document.get("trend_days", 30))
        first, to = check_days(wanted.from_ or to - trend, to, today)
        found = changes(account=account, scorecard=card, first=first, last=to)
        if found is None:
            raise NotFound(
                _("The account was not evaluated on both %(first)s and %(last)s.")
                % {"first": first, "last": to}
            )
        return Response(changes_row(found))


class HistoryView(ListView):
    scopes = {"GET": "read"}

    @documented(
        "Days with their scores", query=HistoryQuery, answer=page_of(DayRow), csv=True, tag=TAG
    )
    def get(self, request: Request, key: str) -> Response:
        wanted = query(request, HistoryQuery)
        account = get_object_or_404(Account.objects.all(), key=key)
        today = self.workspace().day_of(timezone.now())
        to = check_day("to", wanted.to or today, today)
        first, to = check_days(wanted.from_ or max(FIRST_DAY, to - timedelta(days=364)), to, today)
        card = card_on(self, account, wanted.scorecard, to)
        days = history(account=account, scorecard=card, first=first, last=to, step=wanted.step)
        return Response({"results": [day_row(day, account.currency) for day in days], "next": None})


def scorecard_of(key: str | None) -> Scorecard | None:
    """The named scorecard, a 404 where there is none; None where none is named."""
    if key is None:
        return None
    cards = Scorecard.objects.filter(current_version__isnull=False)
    card: Scorecard = get_object_or_404(cards.select_related("current_version"), key=key)
    return card


def card_on(view: ApiView, account: Account, key: str | None, day: date) -> Scorecard:
    """The named scorecard, or the account's primary one on the day."""
    named = scorecard_of(key)
    if named is not None:
        return named
    found = read_scorecard(workspace=view.workspace(), account=account, day=day)
    if found is None:
        raise NotFound(_("The account was not evaluated until this day."))
    return found.scorecard
