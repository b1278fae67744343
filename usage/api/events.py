import json
from collections.abc import Sequence
from typing import Annotated, Any

import msgspec
from django.utils.translation import gettext as _
from msgspec import Meta

from accounts.api.bodies import BOM, Body, problem_of
from accounts.api.errors import Malformed, TooLarge, not_json
from accounts.api.ingesting import Received, ingesting
from accounts.api.schema import documented
from accounts.errors import InvalidInput
from accounts.services.keys import KnownKey
from usage.api.withdrawals import withdraw
from usage.events import Event, Rejected, Source, read_events
from usage.services.alone import store_alone
from usage.services.ingest import ingest_events
from usage.services.retention import taken_from

LARGEST_BATCH = 5000


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


def event_alone(received: Received, known: KnownKey) -> Answer | None:
    try:
        batch = msgspec.json.decode(received.body, type=RawBatch).events
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    if len(batch) != 1:
        return None
    moment = received.moment
    read = read_events(batch, moment=moment, kept_from=taken_from(received.workspace, moment))
    for _index, event in read.good:
        source = Source(received.key.pk)
        if store_alone(known=known, event=event, source=source, moment=moment):
            return Answer(1, 0, [])
    return None


@documented("Send usage events", body=EventBatch, answer=Answer, tag="Data in")
@ingesting(withdraw=withdraw, alone=event_alone)
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
    malformed = not_json(error)
    if b"\\u" not in text:
        raise malformed
    try:
        raw = json.loads(text, parse_constant=int)
        return msgspec.convert(raw, ObjectBatch).events
    except (ValueError, msgspec.ValidationError):
        raise malformed from error
