from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.bodies import query
from accounts.api.schema import documented, page_of
from accounts.api.views import ListView
from scoring.engine.fixed import to_decimal_string
from scoring.explorer.features import Usuals, usuals
from scoring.explorer.groups import peers_of
from usage.api.asked import account_of, plausible
from usage.api.leaderboards import LeaderboardQuery, page, place_of
from usage.features import FeatureUse, feature_leaderboard

ORDER = "uses"


@dataclass(frozen=True)
class AccountFeature:
    """`peers_mean` are the uses per account of the same scorecard that uses the product,
    `peers_share` is the percentage of them that uses the feature; both null without peers."""

    key: str
    name: str
    uses: int
    active_days: int
    last_used_on: date
    uses_before: int
    users: int
    peers_mean: str | None
    peers_share: str | None


class FeaturesView(ListView):
    scopes: ClassVar = {"GET": "read"}

    @documented(
        "The features that an account uses, most used first, against its peers",
        answer=page_of(AccountFeature),
        query=LeaderboardQuery,
        tag="Usage",
        csv=True,
    )
    def get(self, request: Request, key: str) -> Response:
        asked = query(request, LeaderboardQuery)
        account = account_of(key)
        as_of = plausible(asked.as_of or self.workspace().day_of(timezone.now()))
        found = feature_leaderboard(
            account_ids=[account.pk],
            days=asked.days,
            as_of=as_of,
            limit=asked.limit + 1,
            after=place_of(asked.cursor, ORDER),
        )
        keys = [use.key for use in found]
        peers = peers_of(account)
        usual = usuals(peers, days=asked.days, as_of=as_of, keys=keys) if peers else None
        return Response(page([_row(use, usual) for use in found], asked.limit, ORDER))


def _row(use: FeatureUse, usual: Usuals | None) -> AccountFeature:
    of = usual.of(use.key) if usual else None
    return AccountFeature(
        key=use.key,
        name=use.name,
        uses=use.uses,
        active_days=use.active_days,
        last_used_on=use.last_used_on,
        uses_before=use.uses_before,
        users=use.users,
        peers_mean=to_decimal_string(of.mean) if of else None,
        peers_share=to_decimal_string(of.share) if of else None,
    )
