"""What a message of a public client says, whichever client sent it."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Any

import msgspec
from django.utils.translation import gettext as _

from integrations.clients.reading import moment_of
from usage.events import kept_id

LONGEST_ID = 200
DELAY = timedelta(seconds=60)
"""Some clients send a batch again with the `sentAt` of the first time, so what comes no later than
this says nothing of the sender's clock. Nothing comes before it was sent."""
AHEAD = timedelta(seconds=1)
Traits = dict[str, Any]


class Kind(Enum):
    USE = "use"
    PAGE = "page"
    SCREEN = "screen"
    OTHER = "other"
    IDENTIFY = "identify"
    GROUP = "group"
    ALIAS = "alias"
    NOTHING = "nothing"


EVENTS = {Kind.USE, Kind.PAGE, Kind.SCREEN, Kind.OTHER}
"""What counts as activity of the user; the others tell of a user or an account."""


class Unusable(ValueError):
    """The message cannot be stored; the reason is for whoever sent it."""


@dataclass(frozen=True, kw_only=True)
class Message:
    """`user` is who did it, `other` another id of that person: IDENTIFY and ALIAS link the two."""

    kind: Kind
    event_id: str
    at: datetime
    user: str = ""
    other: str = ""
    account: str = ""
    name: str = ""
    traits: Traits = field(default_factory=dict)
    defaults: Traits = field(default_factory=dict)
    """Traits that hold where nothing was told yet."""
    properties: Traits = field(default_factory=dict)
    remember: bool = True
    """Whether the account is that of the user from here on."""
    must_exist: bool = False
    """Whether the account is one only where it is known already."""


@dataclass(frozen=True)
class Clock:
    """`behind` is by how much the sender's clock is behind ours."""

    received: datetime
    behind: timedelta = timedelta(0)

    @classmethod
    def of(cls, sent: object, received: datetime) -> "Clock":
        sent_at = moment_of(sent)
        behind = received - sent_at if sent_at else timedelta(0)
        return cls(received, timedelta(0) if -AHEAD <= behind <= DELAY else behind)

    def time(self, given: object) -> datetime:
        """The moment by our clock; one that is not given is now."""
        if given is None or given == "":
            return self.received
        at = moment_of(given)
        if at is None:
            raise Unusable(_("timestamp: not a time: write it like 2026-01-31T09:30:00Z"))
        try:
            return (at + self.behind).astimezone(UTC)
        except OverflowError as error:
            raise Unusable(_("timestamp: out of range")) from error


def id_of(value: object, name: str) -> str:
    """A user's or an account's id, which may be a number; "" where there is none."""
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = str(value).strip()
    if len(text) > LONGEST_ID:
        raise Unusable(_("%(name)s: longer than %(limit)s") % {"name": name, "limit": LONGEST_ID})
    return text


def event_id_of(
    value: object, message: Mapping[str, Any], leaving_out: frozenset[str], at: datetime | None
) -> str:
    """The message's own id, or else what it says, which is the same when it is sent again.

    `at` is when it came, where it does not say when it happened: the next of its kind is another.
    """
    if text := text_of(value):
        return kept_id(text)
    said = {name: item for name, item in message.items() if name not in leaving_out}
    if at is not None:
        said["at"] = at
    return hashlib.sha256(msgspec.json.encode(said, order="deterministic")).hexdigest()


def text_of(value: object) -> str:
    return value.strip() if isinstance(value, str) else ""


def mapping(value: object) -> Traits:
    return dict(value) if isinstance(value, Mapping) else {}
