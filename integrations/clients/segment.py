"""Messages of the clients of Segment and RudderStack."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from integrations.clients.messages import (
    Clock,
    Kind,
    Message,
    Unusable,
    event_id_of,
    id_of,
    mapping,
    text_of,
)

NOT_SAID = frozenset({"sentAt", "writeKey", "_metadata"})
"""What differs when a message is sent again."""

KINDS = {
    "track": Kind.USE,
    "page": Kind.PAGE,
    "screen": Kind.SCREEN,
    "identify": Kind.IDENTIFY,
    "group": Kind.GROUP,
    "alias": Kind.ALIAS,
}
LABELS = ("name", "category")


def read_segment(message: Mapping[str, Any], clock: Clock) -> Message:
    """RudderStack's client for Node says in each message when it was sent, and names the time
    otherwise; both clients of RudderStack put the traits of `identify` into the context."""
    kind = KINDS.get(text_of(message.get("type")).lower())
    if kind is None:
        raise Unusable(_("type: use one of %(kinds)s") % {"kinds": ", ".join(KINDS)})
    if message.get("sentAt"):
        clock = Clock.of(message["sentAt"], clock.received)
    context = mapping(message.get("context"))
    user, other = _people(message, kind)
    account = _account(message, context, kind)
    time = message.get("timestamp") or message.get("originalTimestamp")
    name = text_of(message.get("event")) if kind is Kind.USE else text_of(message.get("name"))
    if kind is Kind.USE and not name:
        raise Unusable(_("event: is required"))
    return Message(
        kind=kind,
        event_id=event_id_of(
            message.get("messageId"), message, NOT_SAID, None if time else clock.received
        ),
        at=clock.time(time),
        user=user,
        other=other,
        account=account,
        name=name,
        traits=_traits(message, context, kind),
        properties=_properties(message, kind),
    )


def _people(message: Mapping[str, Any], kind: Kind) -> tuple[str, str]:
    user = id_of(message.get("userId"), "userId")
    anonymous = id_of(message.get("anonymousId"), "anonymousId")
    if not user and not anonymous and kind is not Kind.GROUP:
        raise Unusable(_("userId or anonymousId is required"))
    if kind is Kind.ALIAS:
        previous = id_of(message.get("previousId"), "previousId")
        if not previous:
            raise Unusable(_("previousId: is required"))
        return user or anonymous, previous
    return (user, anonymous) if user else (anonymous, "")


def _account(message: Mapping[str, Any], context: Mapping[str, Any], kind: Kind) -> str:
    named = id_of(message.get("groupId"), "groupId")
    if kind is Kind.GROUP and not named:
        raise Unusable(_("groupId: is required"))
    return named or id_of(context.get("groupId"), "context.groupId")


def _traits(message: Mapping[str, Any], context: Mapping[str, Any], kind: Kind) -> dict[str, Any]:
    told = mapping(message.get("traits"))
    if kind is Kind.IDENTIFY:
        return {**mapping(context.get("traits")), **told}
    return told if kind is Kind.GROUP else {}


def _properties(message: Mapping[str, Any], kind: Kind) -> dict[str, Any]:
    properties = mapping(message.get("properties"))
    if kind in {Kind.PAGE, Kind.SCREEN}:
        labels = {label: message[label] for label in LABELS if message.get(label)}
        return {**properties, **labels}
    return properties
