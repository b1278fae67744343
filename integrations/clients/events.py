"""The product's own event out of a message."""

from typing import Any

from integrations.clients.messages import Kind, Message
from usage.events import FEATURE, LOGIN

DURATION = "duration_seconds"


def login_names(text: str) -> frozenset[str]:
    """The workspace's names of log-ins, one in a line; upper and lower case are the same."""
    return frozenset(name for line in text.splitlines() if (name := line.strip().casefold()))


def event_of(message: Message, user: str, account: str, logins: frozenset[str]) -> dict[str, Any]:
    """As `POST /api/v1/events/` takes it; without an account where none is known."""
    event: dict[str, Any] = {
        "event_id": message.event_id,
        "user": user,
        "occurred_at": message.at.isoformat(),
        **_what(message, logins),
    }
    if account:
        event["account"] = account
    if message.properties:
        event["properties"] = message.properties
    seconds = message.properties.get(DURATION)
    if isinstance(seconds, (int, float)) and not isinstance(seconds, bool) and seconds >= 0:
        event[DURATION] = seconds
    return event


def _what(message: Message, logins: frozenset[str]) -> dict[str, str]:
    if message.kind is not Kind.USE:
        return {"type": message.name if message.kind is Kind.OTHER else message.kind.value}
    if message.name.casefold() in logins:
        return {"type": LOGIN}
    return {"type": FEATURE, "feature": message.name}
