from datetime import date, timedelta
from typing import Annotated, ClassVar

import msgspec
from django.utils import timezone
from django.utils.translation import gettext as _
from msgspec import Meta
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.bodies import query
from accounts.api.schema import documented
from accounts.api.views import ApiView
from accounts.errors import InvalidInput
from usage.api.asked import Days, account_of, plausible
from usage.measures import MEASURES, Frequency, Measure, decimals, measured

LONGEST_SERIES = 3660


class UsageQuery(msgspec.Struct, forbid_unknown_fields=True, kw_only=True, frozen=True):
    measure: str
    window_days: Days = 30
    as_of: date | None = None
    from_: date | None = msgspec.field(default=None, name="from")
    to: date | None = None
    features: list[str] = []
    min_uses: Annotated[int, Meta(ge=1, le=10**9)] = 1
    frequency: Frequency | None = None


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


def measure_of(asked: UsageQuery) -> Measure:
    if asked.measure not in MEASURES:
        raise InvalidInput.at(
            "measure", _("Choose one of: %(names)s.") % {"names": ", ".join(MEASURES)}
        )
    if (asked.measure == "frequency") != (asked.frequency is not None):
        raise InvalidInput.at(
            "frequency",
            _("Goes with the measure frequency, which needs it: daily, frequent or occasional."),
        )
    features = tuple(key for text in asked.features for key in text.split(",") if key)
    return Measure(asked.measure, asked.window_days, features, asked.min_uses, asked.frequency)


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
