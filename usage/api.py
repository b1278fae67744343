import base64
import binascii
import json
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import Annotated, Any, ClassVar, Protocol

import msgspec
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _
from msgspec import Meta
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.bodies import BOM, Body, problem_of, query
from accounts.api.errors import Malformed, TooLarge
from accounts.api.ingesting import Received, ingesting
from accounts.api.schema import documented, page_of
from accounts.api.views import ApiView, ListView
from accounts.errors import InvalidInput
from accounts.models import Account
from usage.events import Event, Rejected, Source
from usage.leaderboards import (
    BEGINNING,
    FeatureUse,
    Place,
    UserUse,
    feature_leaderboard,
    user_leaderboard,
)
from usage.measures import MEASURES, Measure, decimals, measured
from usage.services.ingest import ingest_events

LARGEST_BATCH = 5000
LONGEST_SERIES = 3660
FIRST_YEAR, LAST_YEAR = 1990, 2200

Days = Annotated[int, Meta(ge=1, le=3660)]


class EventBatch(Body, frozen=True):
    events: Annotated[list[Event], Meta(max_length=LARGEST_BATCH)]


class RawBatch(Body, frozen=True):
    """The events stay as they came, so that each is judged for itself."""

    events: list[msgspec.Raw]


class ObjectBatch(Body, frozen=True):
    events: list[Any]


class Answer(msgspec.Struct):
    accepted: int
    duplicates: int
    rejected: list[Rejected]


@documented("Send usage events", body=EventBatch, answer=Answer, tag="Data in")
@ingesting()
def events(received: Received) -> Answer:
    batch = read_batch(received.body)
    if len(batch) > LARGEST_BATCH:
        raise TooLarge(
            _("A batch holds at most %(most)s events, this one %(number)s; nothing was stored.")
            % {"most": LARGEST_BATCH, "number": len(batch)}
        )
    done = ingest_events(
        workspace=received.workspace,
        events=batch,
        moment=received.moment,
        source=Source(received.key.pk),
    )
    return Answer(done.accepted, done.duplicates, done.rejected)


def read_batch(text: bytes) -> Sequence[object]:
    text = text.removeprefix(BOM)
    try:
        return msgspec.json.decode(text, type=RawBatch).events
    except msgspec.ValidationError as error:
        problem = problem_of(error)
        raise InvalidInput.at(problem.path, problem.message) from error
    except UnicodeDecodeError as error:
        raise Malformed(_("The body is not valid UTF-8.")) from error
    except msgspec.DecodeError as error:
        return read_loosely(text, error)


def read_loosely(text: bytes, error: msgspec.DecodeError) -> Sequence[object]:
    """Half of a surrogate pair spoils one event, as a client writes it that cuts a text in two,
    and not the batch."""
    malformed = Malformed(_("The body is not valid JSON: %(reason)s") % {"reason": error})
    if b"\\u" not in text:
        raise malformed
    try:
        raw = json.loads(text, parse_constant=int)
        return msgspec.convert(raw, ObjectBatch).events
    except (ValueError, msgspec.ValidationError):
        raise malformed from error


# -- What was measured ----------------------------------------------------------------------------


class UsageQuery(msgspec.Struct, forbid_unknown_fields=True, kw_only=True, frozen=True):
    measure: str
    window_days: Days = 30
    as_of: date | None = None
    from_: date | None = msgspec.field(default=None, name="from")
    to: date | None = None
    features: list[str] = []
    min_uses: Annotated[int, Meta(ge=1, le=10**9)] = 1


class Value(msgspec.Struct):
    """The value is a decimal with four places; null where it is not known."""

    day: date
    value: str | None


class Usage(msgspec.Struct, omit_defaults=True):
    """`value` of one day, or the `series` of the days from … to."""

    account: str
    measure: str
    window_days: int
    day: date | msgspec.UnsetType = msgspec.UNSET
    value: str | msgspec.UnsetType | None = msgspec.UNSET
    series: list[Value] | msgspec.UnsetType = msgspec.UNSET


class AccountUsage(ApiView):
    scopes: ClassVar = {"GET": "read"}

    @documented("A usage measure of an account", answer=Usage, query=UsageQuery, tag="Usage")
    def get(self, request: Request, key: str) -> Response:
        asked = query(request, UsageQuery)
        account = account_of(key)
        today = self.workspace().day_of(timezone.now())
        days = days_of(asked, today)
        (values,) = measured(account_ids=[account.pk], days=days, requests=[measure_of(asked)])
        series = [Value(day, value) for day, value in zip(days, decimals(values), strict=True)]
        answer = Usage(account.key, asked.measure, asked.window_days)
        if asked.from_ or asked.to:
            answer.series = series
        else:
            answer.day, answer.value = series[0].day, series[0].value
        return Response(answer)


def account_of(key: str) -> Account:
    account: Account | None = Account.objects.filter(key=key).first()
    if account is None:
        raise Http404
    return account


def measure_of(asked: UsageQuery) -> Measure:
    if asked.measure not in MEASURES:
        raise InvalidInput.at(
            "measure", _("Choose one of: %(names)s.") % {"names": ", ".join(MEASURES)}
        )
    features = tuple(key for text in asked.features for key in text.split(",") if key)
    return Measure(asked.measure, asked.window_days, features, asked.min_uses)


def days_of(asked: UsageQuery, today: date) -> list[date]:
    if asked.as_of and (asked.from_ or asked.to):
        raise InvalidInput.at("as_of", _("Ask for one day or for a series, not for both."))
    last = asked.to or asked.as_of or today
    first = asked.from_ or (last - timedelta(days=89) if asked.to else last)
    for day in (first, last):
        plausible(day)
    length = (last - first).days + 1
    if not 1 <= length <= LONGEST_SERIES:
        raise InvalidInput.at(
            "from",
            _("A series has 1 to %(most)s days, this one %(number)s.")
            % {"most": LONGEST_SERIES, "number": length},
        )
    return [first + timedelta(days=number) for number in range(length)]


def plausible(day: date) -> date:
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise InvalidInput.at(
            "",
            _("Ask for days from %(first)s to %(last)s.")
            % {"first": FIRST_YEAR, "last": LAST_YEAR},
        )
    return day


# -- Leaderboards ---------------------------------------------------------------------------------


class LeaderboardQuery(msgspec.Struct, forbid_unknown_fields=True, kw_only=True, frozen=True):
    days: Days = 30
    as_of: date | None = None
    limit: Annotated[int, Meta(ge=1, le=1000)] = 100
    cursor: str = ""


class Leaderboard(Protocol):
    def __call__(
        self, *, account_id: int, days: int, as_of: date, limit: int, after: Place
    ) -> Sequence[Any]: ...


def page(
    view: ApiView, request: Request, key: str, board: Leaderboard, number: Callable[[Any], int]
) -> Response:
    asked = query(request, LeaderboardQuery)
    rows = board(
        account_id=account_of(key).pk,
        days=asked.days,
        as_of=plausible(asked.as_of or view.workspace().day_of(timezone.now())),
        limit=asked.limit + 1,
        after=place_of(asked.cursor),
    )
    shown = rows[: asked.limit]
    following = cursor_of((number(shown[-1]), shown[-1].key)) if len(rows) > asked.limit else None
    return Response({"results": [msgspec.to_builtins(row) for row in shown], "next": following})


def cursor_of(place: Place) -> str:
    return base64.urlsafe_b64encode(msgspec.json.encode(place)).decode().rstrip("=")


def place_of(cursor: str) -> Place:
    if not cursor:
        return BEGINNING
    try:
        packed = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        number, key = msgspec.json.decode(packed, type=Place)
    except (binascii.Error, ValueError, msgspec.MsgspecError) as error:
        raise InvalidInput.at("cursor", _("Use the cursor of the page before.")) from error
    return min(number, BEGINNING[0]), key.replace("\0", "")


class AccountUsers(ListView):
    scopes: ClassVar = {"GET": "read"}

    @documented(
        "The users of an account, most active first",
        answer=page_of(UserUse),
        query=LeaderboardQuery,
        tag="Usage",
        csv=True,
    )
    def get(self, request: Request, key: str) -> Response:
        return page(self, request, key, user_leaderboard, lambda user: user.active_days)


class AccountFeatures(ListView):
    scopes: ClassVar = {"GET": "read"}

    @documented(
        "The features that an account uses, most used first",
        answer=page_of(FeatureUse),
        query=LeaderboardQuery,
        tag="Usage",
        csv=True,
    )
    def get(self, request: Request, key: str) -> Response:
        return page(self, request, key, feature_leaderboard, lambda feature: feature.uses)
