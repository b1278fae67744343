"""Where the public clients of Segment, RudderStack and PostHog deliver when only their host is changed.

They take a redirect for a success and lose the batch, so every address answers with and without
its slash.
"""

from collections.abc import Mapping
from typing import Any

from drf_spectacular.utils import extend_schema

from accounts.api.ingesting import Handle, Received, View, ingesting
from integrations.clients.events import login_names
from integrations.clients.messages import Clock, Message
from integrations.clients.posthog import read_posthog
from integrations.clients.reading import Envelope, key_in, read_envelope, read_message
from integrations.clients.segment import read_segment
from integrations.services.deliver import Reader, deliver
from usage.events import Source
from usage.services.ingest import Ingested

SEGMENT, RUDDERSTACK, POSTHOG = "segment", "rudderstack", "posthog"


def endpoint(handle: Handle) -> View:
    """Their protocols are documented by their makers, not in our OpenAPI."""
    return extend_schema(exclude=True)(ingesting(key_in_body=key_in)(handle))


def segment(kind: str = "") -> View:
    """`kind` is that of the address, where a message has none of its own."""

    def receive(received: Received) -> dict[str, Any]:
        envelope = read_envelope(received.body)
        clock = Clock.of(envelope.sent, received.moment)

        def read(message: Mapping[str, Any]) -> Message:
            return read_segment(
                message if message.get("type") else {**message, "type": kind}, clock
            )

        return answer(stored(received, envelope, read, source_of(envelope)))

    return endpoint(receive)


def source_of(envelope: Envelope) -> str:
    """Both deliver to one address: RudderStack's clients name the channel in each message."""
    try:
        theirs = envelope.messages and "channel" in read_message(envelope.messages[0])
    except (ValueError, RecursionError):
        theirs = False
    return RUDDERSTACK if theirs else SEGMENT


@endpoint
def posthog(received: Received) -> dict[str, Any]:
    return answer(captured(received))


@endpoint
def posthog_results(received: Received) -> dict[str, Any]:
    """Their second protocol wants to hear of each event that was not stored."""
    bad = (one for one in captured(received).rejected if one.event_id)
    return {"results": {one.event_id: {"result": "drop", "details": one.message} for one in bad}}


def captured(received: Received) -> Ingested:
    envelope = read_envelope(received.body)
    clock = Clock.of(envelope.sent, received.moment)
    logins = login_names(received.workspace.login_names)
    return stored(received, envelope, lambda m: read_posthog(m, clock, logins), POSTHOG)


def stored(received: Received, envelope: Envelope, read: Reader, source: str) -> Ingested:
    return deliver(
        workspace=received.workspace,
        messages=envelope.messages,
        read=read,
        source=Source(received.key.pk, source),
        moment=received.moment,
    )


def answer(done: Ingested) -> dict[str, Any]:
    """`success` is what Segment answers, `status` what PostHog does; the counts are for people."""
    return {
        "success": True,
        "status": "Ok",
        "accepted": done.accepted,
        "duplicates": done.duplicates,
        "rejected": done.rejected,
    }
