"""A batch of a public client: what it tells of people and accounts, and the events in it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from accounts.models import Workspace
from accounts.services.stale import mark_stale_from
from integrations.clients.events import event_of, login_names
from integrations.clients.messages import EVENTS, Kind, Message, Unusable
from integrations.clients.people import People
from integrations.clients.reading import moment_of, read_message
from integrations.services.groups import Groups, tell_accounts
from integrations.services.known import read_people, write_people
from integrations.services.waiting import Waiting, find_waiting, keep_waiting, release
from usage.events import AHEAD, EARLIEST, Given, Rejected, Source, Spoiled, message_of
from usage.services.end_users import Described, describe_end_users
from usage.services.ingest import Ingested, ingest_events

Reader = Callable[[Mapping[str, Any]], Message]


@dataclass
class Batch:
    """The messages that could be read, and in the place of each other one why not."""

    messages: list[Message | Spoiled]

    @property
    def good(self) -> list[Message]:
        return [message for message in self.messages if isinstance(message, Message)]

    def of(self, *kinds: Kind) -> list[Message]:
        return [message for message in self.good if message.kind in kinds]


def deliver(
    *,
    workspace: Workspace,
    messages: Sequence[object],
    read: Reader,
    source: Source,
    moment: datetime,
    keep: bool = True,
) -> Ingested:
    """Store the batch in the open scope's transaction. Locks are taken in one order: people,
    accounts, end users, events, marks."""
    batch = Batch([_read(message, read, moment) for message in messages])
    people = _held(batch.good)
    as_of = workspace.day_of(moment)
    groups = tell_accounts(
        workspace=workspace, messages=batch.of(Kind.GROUP), as_of=as_of, moment=moment
    )
    _tell(people, batch.good, groups)
    events = _events(batch, people, groups, workspace)
    found = find_waiting(people.settled())
    late = [_settled(one.event, people) for one in found]
    given = [*events.values(), *late]
    described = _described(batch.good, people, given)
    describe_end_users(described=described)
    done = ingest_events(
        workspace=workspace, events=given, moment=moment, source=source, mark=False, keep=keep
    )
    # Who came for the first time with this batch.
    describe_end_users(described=described)
    release(found)
    keep_waiting((event for event in given if isinstance(event, Waiting)), source)
    write_people(people)
    from_days = {**dict.fromkeys(groups.touched, as_of), **done.touched}
    mark_stale_from(from_days=from_days, moment=moment)
    return replace(done, rejected=_in_place(done.rejected, list(events)))


def _read(given: object, read: Reader, moment: datetime) -> Message | Spoiled:
    body: object = given
    try:
        body = said = read_message(given)
        message = read(said)
        if message.kind not in EVENTS:
            _check_time(message, moment)
    except (Unusable, ValueError, RecursionError) as error:
        return Spoiled(body, message_of(error), _id(body))
    return message


def _check_time(message: Message, moment: datetime) -> None:
    """As for events: a word of the future would hold until then."""
    if not EARLIEST <= message.at <= moment + AHEAD:
        raise Unusable(_("timestamp: out of range"))


def _id(body: object) -> str | None:
    if not isinstance(body, Mapping):
        return None
    found = body.get("messageId") or body.get("uuid")
    return found[:100] if isinstance(found, str) else None


def _held(messages: Sequence[Message]) -> People:
    """Who the messages are about, before any of them."""
    return read_people(
        told={key for m in messages for key in _told(m)},
        asked={m.user for m in messages if m.kind in EVENTS and not m.account},
    )


def _tell(people: People, messages: Sequence[Message], groups: Groups) -> None:
    """What the messages say, in the order of time."""
    for message in sorted(messages, key=lambda m: m.at):
        if message.other and message.kind in {Kind.IDENTIFY, Kind.ALIAS}:
            people.link(message.other, message.user)
        if message.kind is not Kind.GROUP:
            people.tell(message.user, message.traits, message.at)
            people.suggest(message.user, message.defaults)
        if _remembered(message) and message.account not in groups.refused:
            people.seen(message.user, message.account, message.at)


def _remembered(message: Message) -> bool:
    return bool(message.account and message.user and message.remember)


def _told(message: Message) -> list[str]:
    """The ids of whom the message tells something that lasts."""
    if message.kind in {Kind.IDENTIFY, Kind.ALIAS}:
        return [key for key in (message.user, message.other) if key]
    told = message.traits or message.defaults or _remembered(message)
    return [message.user] if told and message.user else []


def _events(batch: Batch, people: People, groups: Groups, workspace: Workspace) -> dict[int, Given]:
    """What to ingest and what to keep as unusable, by the place in the batch."""
    logins = login_names(workspace.login_names)
    events: dict[int, Given] = {}
    for index, message in enumerate(batch.messages):
        if isinstance(message, Spoiled):
            events[index] = message
        elif message.kind in EVENTS:
            events[index] = _event(message, people, logins)
        elif message.kind is Kind.GROUP and message.account in groups.refused:
            reason = groups.refused[message.account]
            body = {"type": "group", "groupId": message.account, "traits": message.traits}
            events[index] = Spoiled(body, reason, message.event_id)
    return events


def _event(message: Message, people: People, logins: frozenset[str]) -> Given:
    person = people.of(message.user)
    account = message.account or person.account_at(message.at)
    event = event_of(message, person.key, account, logins)
    if account:
        return event
    reason = _(
        "account: the message names none (context.groupId, $groups) and no group of this user is "
        "known; it is stored as soon as one is"
    )
    return Waiting(event, reason, message.event_id, person.key)


def _settled(event: Mapping[str, Any], people: People) -> Given:
    """An event that waited, with the account that is known now."""
    person = people.of(str(event.get("user", "")))
    at = moment_of(event.get("occurred_at"))
    account = person.account_at(at) if at else ""
    return {**event, "user": person.key, "account": account}


def _described(
    messages: Sequence[Message], people: People, events: Iterable[Given]
) -> list[Described]:
    """The traits of everyone who is told of, in the accounts that the batch is about."""
    pairs = {(event["account"], event["user"]) for event in events if isinstance(event, dict)}
    for message in messages:
        if message.user and message.kind is not Kind.NOTHING:
            person = people.of(message.user)
            pairs.add((person.account, person.key))
    return [
        Described(account, key, people.of(key).traits)
        for account, key in sorted(pairs)
        if account and people.of(key).traits
    ]


def _in_place(rejected: Sequence[Rejected], places: Sequence[int]) -> list[Rejected]:
    """What waited and was refused again is not this sender's."""
    return [replace(bad, index=places[bad.index]) for bad in rejected if bad.index < len(places)]
