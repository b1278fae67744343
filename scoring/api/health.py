"""Scores out: an account's health as of a day, its changes, its history."""

from datetime import date, timedelta
from typing import Annotated, Literal

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
from accounts.errors import InvalidInput
from accounts.models import Account
from scoring.api.data import Zoned
from scoring.api.days import check_day, check_days, check_moment
from scoring.api.health_rows import ChangesRow, DayRow, HealthRow, changes_row, day_row, health_row
from scoring.api.recomputed import days_anew, would_have_been
from scoring.changes import changes, trend_window
from scoring.histories import history, steps_between
from scoring.models import Scorecard
from scoring.peers import read_peers
from scoring.scorecards import read_scorecard
from scoring.services.runs import FIRST_DAY

TAG = "Scores out"
Number = Annotated[int, msgspec.Meta(ge=1, le=1_000_000)]


class HealthQuery(Body, frozen=True, kw_only=True):
    """`believed_at` asks for what was believed then, `version` for what that one would have said."""

    scorecard: str | None = None
    as_of: date | None = None
    believed_at: Zoned | None = None
    version: Number | None = None


class ChangesQuery(Body, frozen=True, kw_only=True):
    from_: date | None = msgspec.field(name="from", default=None)
    to: date | None = None
    scorecard: str | None = None
    believed_at: Zoned | None = None


class HistoryQuery(Body, frozen=True, kw_only=True):
    from_: date | None = msgspec.field(name="from", default=None)
    to: date | None = None
    scorecard: str | None = None
    version: Number | None = None
    step: Literal["day", "week"] = "day"


class HealthView(ApiView):
    scopes = {"GET": "read"}

    @documented(
        "An account's health on a day",
        description="As it was evaluated for the day, or last before it: `day` says for which. "
        "With `believed_at`, a moment, as it was shown until then of a day that was evaluated anew "
        "since; with `version`, the number of another version of the scorecard, as that would have "
        "scored the day, computed from what is known now: `recomputed` is true then. "
        "Scores, points, shares and coverage are strings of four places; a share and the coverage "
        'are parts of 1: "0.7000" is 70 %.',
        query=HealthQuery,
        answer=HealthRow,
        tag=TAG,
    )
    def get(self, request: Request, key: str) -> Response:
        wanted, now = query(request, HealthQuery), timezone.now()
        today = self.workspace().day_of(now)
        day = check_day("as_of", wanted.as_of or today, today)
        account = get_object_or_404(Account.objects.all(), key=key)
        if wanted.version is not None:
            refuse_both(wanted)
            card = card_on(self, account, wanted.scorecard, day)
            anew = would_have_been(self.workspace(), account, card, wanted.version, day)
            return Response(health_row(anew, recomputed=True))
        found = read_scorecard(
            workspace=self.workspace(),
            account=account,
            scorecard=scorecard_of(wanted.scorecard),
            day=day,
            believed_at=check_moment(self.workspace(), wanted.believed_at, now, day),
        )
        if found is None:
            raise NotFound(_("The account was not evaluated until this day."))
        return Response(health_row(found, peers=read_peers(found)))


class ChangesView(ApiView):
    scopes = {"GET": "read"}

    @documented(
        "The ledger of two days",
        description="The points of the entries add up to `delta` exactly. Without `from` one trend "
        "window of the scorecard before `to`, without `to` today. With `believed_at`, a moment, the "
        "two are one day: what was believed of `to` then, and what it says since it was evaluated "
        "anew.",
        query=ChangesQuery,
        answer=ChangesRow,
        tag=TAG,
    )
    def get(self, request: Request, key: str) -> Response:
        wanted, now = query(request, ChangesQuery), timezone.now()
        account = get_object_or_404(Account.objects.all(), key=key)
        today = self.workspace().day_of(now)
        to = check_day("to", wanted.to or today, today)
        card = card_on(self, account, wanted.scorecard, to)
        moment = check_moment(self.workspace(), wanted.believed_at, now, to)
        usual = to - trend_window(account=account, scorecard=card, day=to)
        first, to = check_days(wanted.from_ or (to if moment else usual), to, today)
        found = changes(account=account, scorecard=card, first=first, last=to, believed_at=moment)
        if found is None:
            raise NotFound(
                _("The account was not evaluated on both %(first)s and %(last)s.")
                % {"first": first, "last": to}
            )
        return Response(changes_row(found))


class HistoryView(ListView):
    scopes = {"GET": "read"}

    @documented(
        "Days with their scores",
        description="With `version` as that version of the scorecard would have scored the days, "
        "computed from what is known now; they were never shown.",
        query=HistoryQuery,
        answer=page_of(DayRow),
        csv=True,
        tag=TAG,
    )
    def get(self, request: Request, key: str) -> Response:
        wanted = query(request, HistoryQuery)
        account = get_object_or_404(Account.objects.all(), key=key)
        today = self.workspace().day_of(timezone.now())
        to = check_day("to", wanted.to or today, today)
        first, to = check_days(wanted.from_ or max(FIRST_DAY, to - timedelta(days=364)), to, today)
        card = card_on(self, account, wanted.scorecard, to)
        if wanted.version is None:
            days = history(account=account, scorecard=card, first=first, last=to, step=wanted.step)
        else:
            steps = steps_between(first, to, wanted.step)
            days = days_anew(self.workspace(), account, card, wanted.version, steps)
        return Response({"results": [day_row(day, account.currency) for day in days], "next": None})


def refuse_both(wanted: HealthQuery) -> None:
    if wanted.believed_at is not None:
        raise InvalidInput.at("believed_at", _("Ask for a moment or for a version, not for both."))


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
