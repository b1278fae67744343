"""One event of the HTTP contract: its shape, its limits, and what is wrong with one that is not it."""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import msgspec
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from msgspec import Meta, Raw

EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
AHEAD = timedelta(hours=24)
LARGEST = 2**31 - 1
MESSAGE_LENGTH = 300
LONGEST_ID = 64
LOGIN = "login"
FEATURE = "feature"

UNSTORABLE = re.compile("[\0\ud800-\udfff]")

Name = Annotated[str, Meta(min_length=1, max_length=200)]


class Event(msgspec.Struct, forbid_unknown_fields=True):
    event_id: Annotated[str, Meta(min_length=1, max_length=LONGEST_ID)]
    account: Name
    user: Name
    type: Name
    occurred_at: Annotated[datetime, Meta(tz=True)]
    feature: Name | None = None
    duration_seconds: (
        Annotated[int, Meta(ge=0, le=LARGEST)] | Annotated[float, Meta(ge=0, le=LARGEST)] | None
    ) = None
    count: Annotated[int, Meta(ge=1, le=LARGEST)] = 1
    properties: dict[str, Any] | None = None


@dataclass(frozen=True)
class Source:
    """Who sent it, and the door that it came through: "api", "segment", "import" …"""

    api_key_id: int | None = None
    name: str = "api"


API = Source()


@dataclass(frozen=True)
class Spoiled:
    """Something that could not be made an event of: it is kept with the reason."""

    body: object
    reason: str
    event_id: str | None = None


Given = Raw | bytes | Mapping[str, Any] | Spoiled | object
"""An event as it came: the bytes of its JSON, or the object that was read from them."""


@dataclass(frozen=True)
class Rejected:
    """`index` counts from 0 in what was sent."""

    index: int
    event_id: str | None
    message: str


@dataclass(frozen=True)
class Read:
    good: list[tuple[int, Event]]
    rejected: list[Rejected]


class Refused(ValueError):
    pass


_decoder = msgspec.json.Decoder(Event)

WORDS: list[tuple[re.Pattern[str], str | Promise]] = [
    (re.compile(pattern), words)
    for pattern, words in (
        (r"Object missing required field `(?P<path>.*)`$", gettext_lazy("is required")),
        (r"Object contains unknown field `(?P<path>.*)`$", gettext_lazy("unknown field")),
        (r"Expected `str` of length >= 1", gettext_lazy("must not be empty")),
        (r"Expected `str` of length <= (?P<limit>\d+)", gettext_lazy("longer than %(limit)s")),
        (r"Expected `\w+` >= (?P<limit>\d+)", gettext_lazy("must be at least %(limit)s")),
        (r"Expected `\w+` <= (?P<limit>\d+)", gettext_lazy("must be at most %(limit)s")),
        (
            r"Expected `datetime` with a timezone",
            gettext_lazy("has no time zone: write it like 2026-01-31T09:30:00Z"),
        ),
        (
            r"Invalid RFC3339 encoded datetime",
            gettext_lazy("not a time: write it like 2026-01-31T09:30:00Z"),
        ),
    )
]


def read_events(
    given: Sequence[Given], *, moment: datetime, kept_from: datetime | None = None
) -> Read:
    """Every event that is well formed, with its index, and every other one with the reason.

    Ids of events before `kept_from` are forgotten: such an event might count twice.
    """
    read = Read([], [])
    latest, earliest = moment + AHEAD, max(kept_from or EARLIEST, EARLIEST)
    for index, raw in enumerate(given):
        try:
            event = read_event(raw)
            check(event, earliest, latest)
        except (msgspec.DecodeError, ValueError, RecursionError) as error:
            read.rejected.append(Rejected(index, event_id_of(raw), message_of(error)))
        else:
            read.good.append((index, event))
    return read


def read_event(raw: Given) -> Event:
    if isinstance(raw, Spoiled):
        raise Refused(raw.reason)
    if isinstance(raw, (Raw, bytes)):
        event = _decoder.decode(raw)
        if b"\\u0000" in bytes(raw):
            refuse_unstorable(raw_object(raw))
        return event
    refuse_unstorable(raw)
    return msgspec.convert(raw, Event)


def check(event: Event, earliest: datetime, latest: datetime) -> None:
    """What the types alone do not say."""
    if event.occurred_at > latest:
        raise Refused(_("occurred_at: more than 24 hours in the future"))
    if event.occurred_at < earliest:
        if event.occurred_at >= EARLIEST:
            kept = {"day": earliest.date().isoformat()}
            raise Refused(_("occurred_at: older than the events that are kept, %(day)s") % kept)
        raise Refused(_("occurred_at: before the year %(year)s") % {"year": EARLIEST.year})
    if event.type == FEATURE and event.feature is None:
        raise Refused(_("feature: is required where the type is “feature”"))
    if event.account.isspace() or event.user.isspace():
        name = "account" if event.account.isspace() else "user"
        raise Refused(_("%(name)s: must not be empty") % {"name": name})
    # The key stands in the addresses of pages.
    if event.account.strip() != event.account or not event.account.isprintable():
        raise Refused(_("account: without spaces at the ends and without control characters"))
    if event.event_id.isspace() or event.type.isspace():
        name = "event_id" if event.event_id.isspace() else "type"
        raise Refused(_("%(name)s: must not be empty") % {"name": name})


def refuse_unstorable(value: object) -> None:
    """A text column holds neither NUL nor half of a surrogate pair."""
    if isinstance(value, str):
        if found := UNSTORABLE.search(value):
            raise Refused(
                _("contains a NUL character")
                if found[0] == "\0"
                else _("contains text that is not valid Unicode")
            )
    elif isinstance(value, Mapping):
        for key, item in value.items():
            refuse_unstorable(key)
            refuse_unstorable(item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            refuse_unstorable(item)


def raw_object(raw: Given) -> object:
    return msgspec.json.decode(raw) if isinstance(raw, (Raw, bytes)) else raw


def event_id_of(raw: Given) -> str | None:
    """The id of an event that cannot be read, where at least that can."""
    if isinstance(raw, Spoiled):
        return raw.event_id
    try:
        found = raw_object(raw)
    except (msgspec.DecodeError, ValueError, RecursionError):
        return None
    event_id = found.get("event_id") if isinstance(found, Mapping) else None
    return printable(event_id)[:100] if isinstance(event_id, str) and event_id else None


def kept_id(text: str) -> str:
    """What an event is kept by whose id a public client made: one that is too long is its digest."""
    return text if len(text) <= LONGEST_ID else hashlib.sha256(text.encode()).hexdigest()


def printable(text: str) -> str:
    return text.replace("\0", "\ufffd").encode(errors="replace").decode()


def message_of(error: Exception) -> str:
    """The decoder's message in plain words, beginning with the name of the field."""
    if isinstance(error, RecursionError):
        return _("nested too deeply")
    if isinstance(error, UnicodeDecodeError):
        return _("not UTF-8")
    text, _at, path = str(error).partition(" - at `$")
    path = path.rstrip("`").lstrip(".")
    for pattern, words in WORDS:
        if found := pattern.match(text):
            groups = found.groupdict()
            path = groups.get("path", path)
            text = str(words) % groups
            break
    message = f"{path}: {text}" if path else text
    return printable(message)[:MESSAGE_LENGTH]


def body_text(raw: Given) -> str:
    """What was sent, as text."""
    if isinstance(raw, Spoiled):
        return body_text(raw.body)
    if isinstance(raw, (Raw, bytes)):
        return bytes(raw).decode(errors="replace")
    return json.dumps(raw, ensure_ascii=True, default=str)
