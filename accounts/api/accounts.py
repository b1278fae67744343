from typing import Annotated

from django.utils import timezone
from msgspec import Meta
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.bodies import Body, decode
from accounts.api.schema import documented
from accounts.api.views import ApiView
from accounts.inputs import AccountRow, SeatRow
from accounts.services.accounts import Upserted, upsert_accounts
from accounts.services.seats import SeatsSet, set_seats

MOST_ROWS = 1000


class AccountBatch(Body, frozen=True):
    accounts: Annotated[list[AccountRow], Meta(max_length=MOST_ROWS)]


class SeatBatch(Body, frozen=True):
    seats: Annotated[list[SeatRow], Meta(max_length=MOST_ROWS)]


class AccountsView(ApiView):
    """The writing half; `scoring` adds the list with its health at the same address."""

    scopes = {"POST": "write"}

    @documented("Create or update accounts", body=AccountBatch, answer=Upserted, tag="Data in")
    def post(self, request: Request) -> Response:
        batch = decode(request, AccountBatch)
        moment = timezone.now()
        day = self.workspace().day_of(moment)
        return Response(upsert_accounts(rows=batch.accounts, as_of=day, by=None, moment=moment))


class SeatsView(ApiView):
    scopes = {"POST": "write"}

    @documented("Set the license history", body=SeatBatch, answer=SeatsSet, tag="Data in")
    def post(self, request: Request) -> Response:
        batch = decode(request, SeatBatch)
        moment = timezone.now()
        day = self.workspace().day_of(moment)
        return Response(set_seats(rows=batch.seats, as_of=day, by=None, moment=moment))
