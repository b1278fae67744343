import base64
import binascii
from collections.abc import Sequence
from datetime import date
from typing import Annotated, Any, ClassVar

import msgspec
from django.utils import timezone
from django.utils.translation import gettext as _
from msgspec import Meta
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.bodies import query
from accounts.api.schema import documented, page_of
from accounts.api.views import ListView
from accounts.errors import InvalidInput
from usage.api.asked import Days, account_of, plausible
from usage.leaderboards import (
    BEGINNING,
    Kind,
    Order,
    Place,
    UserUse,
    column_of,
    user_leaderboard,
)


class LeaderboardQuery(msgspec.Struct, forbid_unknown_fields=True, kw_only=True, frozen=True):
    days: Days = 30
    as_of: date | None = None
    limit: Annotated[int, Meta(ge=1, le=1000)] = 100
    cursor: str = ""


class UsersQuery(LeaderboardQuery, frozen=True):
    kind: Kind = "top"
    order: Order = "active_days"


class AccountUsers(ListView):
    scopes: ClassVar = {"GET": "read"}

    @documented(
        "The users of an account: the most active, the new, the lost",
        description="`lost` were active in as many days just before these, and are ordered by that.",
        answer=page_of(UserUse),
        query=UsersQuery,
        tag="Usage",
        csv=True,
    )
    def get(self, request: Request, key: str) -> Response:
        asked = query(request, UsersQuery)
        column = column_of(asked.kind, asked.order)
        rows = user_leaderboard(
            account_id=account_of(key).pk,
            days=asked.days,
            as_of=plausible(asked.as_of or self.workspace().day_of(timezone.now())),
            limit=asked.limit + 1,
            kind=asked.kind,
            order=asked.order,
            after=place_of(asked.cursor, column),
        )
        return Response(page(rows, asked.limit, column))


def page(rows: Sequence[Any], limit: int, column: str) -> dict[str, Any]:
    """Of rows with a key, one more than the limit where there is another page."""
    shown = rows[:limit]
    last = shown[-1] if len(rows) > limit else None
    return {
        "results": [msgspec.to_builtins(row) for row in shown],
        "next": cursor_of((getattr(last, column), last.key), column) if last else None,
    }


def cursor_of(place: Place, column: str) -> str:
    packed = msgspec.json.encode([column, *place])
    return base64.urlsafe_b64encode(packed).decode().rstrip("=")


def place_of(cursor: str, column: str) -> Place:
    """Raises InvalidInput for what is no cursor of a list in this order."""
    if not cursor:
        return BEGINNING
    try:
        packed = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        of, number, key = msgspec.json.decode(packed, type=tuple[str, int, str])
    except (binascii.Error, ValueError, msgspec.MsgspecError, RecursionError) as error:
        raise _bad_cursor() from error
    if of != column or abs(number) > BEGINNING[0]:
        raise _bad_cursor()
    return number, key.replace("\0", "")


def _bad_cursor() -> InvalidInput:
    return InvalidInput.at("cursor", _("Use the cursor of the page before."))
