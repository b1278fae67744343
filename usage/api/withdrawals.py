from datetime import date, datetime
from typing import Annotated

import msgspec
from django.utils.translation import gettext as _
from msgspec import Meta

from accounts.api.bodies import Body, decode_json
from accounts.api.ingesting import Received
from accounts.api.schema import documented
from accounts.errors import InvalidInput
from accounts.models import Workspace
from usage.events import kept_id
from usage.services.withdraw import withdraw_events


class Withdrawal(Body, frozen=True):
    """With a time or a day, the event is meant only if it happened then."""

    event_id: Annotated[str, Meta(min_length=1, max_length=100)]
    occurred_at: Annotated[datetime, Meta(tz=True)] | None = None
    day: date | None = None

    def day_in(self, workspace: Workspace) -> date | None:
        if self.occurred_at is None:
            return self.day
        try:
            return workspace.day_of(self.occurred_at)
        except OverflowError as error:
            raise InvalidInput.at("events", _("A time is out of range.")) from error


class Withdrawals(Body, frozen=True):
    events: Annotated[list[Withdrawal], Meta(max_length=5000)]


class Answer(msgspec.Struct):
    """`unknown` were never accepted, were withdrawn before or are older than what is kept."""

    withdrawn: int
    unknown: int


@documented(
    "Take usage events back",
    description="As if they had never come: their days are counted anew, and the scores of these"
    " days follow. An event that was wrong is taken back and sent again.",
    body=Withdrawals,
    answer=Answer,
    tag="Data in",
)
def withdraw(received: Received) -> Answer:
    asked = decode_json(received.body, Withdrawals).events
    days = {kept_id(event.event_id): event.day_in(received.workspace) for event in asked}
    done = withdraw_events(days=days, moment=received.moment)
    return Answer(done.withdrawn, done.unknown)
