"""Events of the clients of PostHog."""

from collections.abc import Mapping
from datetime import datetime
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

NOT_SAID = frozenset({"sent_at", "api_key", "token"})

KINDS = {
    "$identify": Kind.IDENTIFY,
    "$set": Kind.IDENTIFY,
    "$create_alias": Kind.ALIAS,
    "$merge_dangerously": Kind.ALIAS,
    "$groupidentify": Kind.GROUP,
    "$pageview": Kind.PAGE,
    "$screen": Kind.SCREEN,
}
# What the clients send of themselves: nobody used anything by it.
TELEMETRY = {
    "$$client_ingestion_warning",
    "$$heatmap",
    "$csp_violation",
    "$exception",
    "$feature_flag_called",
    "$opt_in",
    "$pageleave",
    "$performance_event",
    "$snapshot",
    "$web_vitals",
}
ACCOUNT_TYPES = (
    "account",
    "company",
    "organization",
    "organisation",
    "customer",
    "client",
    "tenant",
    "workspace",
    "business",
    "team",
    "group",
)
"""The types of groups that are accounts, the first before the others."""

OF_THE_CLIENT = {
    "$geoip_disable",
    "$groups",
    "$is_server",
    "$lib",
    "$lib_version",
    "$process_person_profile",
    "$set",
    "$set_once",
    "distinct_id",
    "token",
}


def read_posthog(message: Mapping[str, Any], clock: Clock, logins: frozenset[str]) -> Message:
    """`logins` are the names of log-ins: one may begin with “$” and is the product's own all the
    same."""
    event = text_of(message.get("event"))
    if not event:
        raise Unusable(_("event: is required"))
    properties = mapping(message.get("properties"))
    kind = _kind(event, logins)
    user, other = _people(message, properties, kind)
    account = _account(properties, kind)
    time = message.get("timestamp") or properties.get("timestamp")
    personless = properties.get("$process_person_profile") is False
    return Message(
        kind=kind,
        event_id=event_id_of(
            message.get("uuid"), message, NOT_SAID, None if time else clock.received
        ),
        at=_time(time, properties, clock),
        user=user,
        other=other,
        account=account,
        name=event,
        traits=_traits(message, properties, kind, "$set"),
        defaults=_traits(message, properties, kind, "$set_once"),
        properties={n: value for n, value in properties.items() if n not in OF_THE_CLIENT},
        remember=kind is not Kind.GROUP and not personless,
        must_exist=kind is Kind.GROUP
        and _rank(properties.get("$group_type")) == len(ACCOUNT_TYPES),
    )


def _kind(event: str, logins: frozenset[str]) -> Kind:
    if event in KINDS:
        return KINDS[event]
    if event in TELEMETRY:
        return Kind.NOTHING
    if event.startswith("$") and event.casefold() not in logins:
        return Kind.OTHER
    return Kind.USE


def _people(
    message: Mapping[str, Any], properties: Mapping[str, Any], kind: Kind
) -> tuple[str, str]:
    given = message.get("distinct_id")
    person = id_of(properties.get("distinct_id") if given is None else given, "distinct_id")
    if not person:
        raise Unusable(_("distinct_id: is required"))
    if kind is Kind.ALIAS:
        # The alias is the id from now on, distinct_id the one from before.
        alias = id_of(properties.get("alias"), "properties.alias")
        if not alias:
            raise Unusable(_("properties.alias: is required"))
        return alias, person
    if kind is Kind.IDENTIFY:
        return person, id_of(properties.get("$anon_distinct_id"), "properties.$anon_distinct_id")
    return person, ""


def _account(properties: Mapping[str, Any], kind: Kind) -> str:
    if kind is Kind.GROUP:
        key = id_of(properties.get("$group_key"), "properties.$group_key")
        if not key:
            raise Unusable(_("properties.$group_key: is required"))
        return key
    groups = mapping(properties.get("$groups"))
    types = sorted(groups, key=_rank)
    named = (id_of(groups[name], f"properties.$groups.{name}") for name in types)
    return next(filter(None, named), "")


def _rank(group_type: object) -> int:
    name = text_of(group_type).casefold()
    return ACCOUNT_TYPES.index(name) if name in ACCOUNT_TYPES else len(ACCOUNT_TYPES)


def _time(time: object, properties: Mapping[str, Any], clock: Clock) -> datetime:
    if properties.get("$ignore_sent_at") is True:
        clock = Clock(clock.received)
    return clock.time(time)


def _traits(
    message: Mapping[str, Any], properties: Mapping[str, Any], kind: Kind, name: str
) -> dict[str, Any]:
    if kind is Kind.GROUP:
        return mapping(properties.get("$group_set")) if name == "$set" else {}
    return {**mapping(message.get(name)), **mapping(properties.get(name))}
