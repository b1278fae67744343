"""An account's score or band set by hand, for some days and with a reason."""

from datetime import date
from typing import Annotated

import msgspec
from django.shortcuts import get_object_or_404
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.bodies import Body, decode, query
from accounts.api.schema import documented
from accounts.api.views import ApiView
from accounts.models import Account, ApiKey
from scoring.api.data import Text
from scoring.api.health import card_on
from scoring.api.health_rows import OverrideRow, override_row
from scoring.models import Scorecard
from scoring.services import overrides

TAG = "Scores out"


class OverrideQuery(Body, frozen=True, kw_only=True):
    scorecard: str | None = None


class OverrideBody(Body, frozen=True, kw_only=True):
    """Either `score` (0 to 100) or the key of a `band`; `last_day` is 30 days ahead unless given."""

    score: float | int | str | None = None
    band: Annotated[str, msgspec.Meta(max_length=63)] | None = None
    reason: Text
    last_day: date | None = None


class OverrideView(ApiView):
    scopes = {"PUT": "write", "DELETE": "write"}

    @documented(
        "Override an account's score",
        description="From today to `last_day`, both included, this score or band is shown in the "
        "place of what is computed, which stays visible as `computed`. It takes the place of an "
        "override that holds. The account is evaluated within seconds. Without `scorecard` the "
        "account's primary one.",
        query=OverrideQuery,
        body=OverrideBody,
        answer=OverrideRow,
        tag=TAG,
    )
    def put(self, request: Request, key: str) -> Response:
        account, scorecard = self.asked(request, key)
        wanted = decode(request, OverrideBody)
        api_key: ApiKey = request.auth  # type: ignore[assignment]
        override = overrides.set_override(
            workspace=self.workspace(),
            account=account,
            scorecard=scorecard,
            row=overrides.OverrideRow(
                score=wanted.score,
                band=wanted.band,
                reason=wanted.reason,
                last_day=wanted.last_day,
            ),
            moment=timezone.now(),
            source=api_key.name,
        )
        return Response(override_row(override))

    @documented(
        "Withdraw an override",
        description="From today on the computed score is shown again. Done where there is none.",
        query=OverrideQuery,
        status=204,
        tag=TAG,
    )
    def delete(self, request: Request, key: str) -> Response:
        account, scorecard = self.asked(request, key)
        overrides.withdraw_override(
            workspace=self.workspace(),
            account=account,
            scorecard=scorecard,
            moment=timezone.now(),
        )
        return Response(status=204)

    def asked(self, request: Request, key: str) -> tuple[Account, Scorecard]:
        wanted = query(request, OverrideQuery)
        account: Account = get_object_or_404(Account.objects.all(), key=key)
        today = self.workspace().day_of(timezone.now())
        return account, card_on(self, account, wanted.scorecard, today)
