"""Who is who, which account is whose, and what was told of them: the newest word holds."""

from bisect import bisect_right, insort
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

MOST_LINKS = 10
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)

Told = dict[str, int]
"""The moment of each trait in microseconds since 1970."""


def micros(at: datetime) -> int:
    return (at - EPOCH) // MICROSECOND


def newest(
    values: Mapping[str, Any], told: Mapping[str, int], news: Mapping[str, Any], at: int
) -> tuple[dict[str, Any], Told]:
    """The values after the news of a moment; of two words of one moment the later one holds."""
    fresh = {name: value for name, value in news.items() if told.get(name, at) <= at}
    return {**values, **fresh}, {**told, **dict.fromkeys(fresh, at)}


@dataclass
class Person:
    """`groups` are the accounts that this person was seen in, by time."""

    key: str
    same_as: str = ""
    groups: list[tuple[datetime, str]] = field(default_factory=list)
    traits: dict[str, Any] = field(default_factory=dict)
    told: Told = field(default_factory=dict)
    changed: bool = False

    @property
    def account(self) -> str:
        return self.groups[-1][1] if self.groups else ""

    def account_at(self, at: datetime) -> str:
        """The last account until then; what came before the first one belongs to that."""
        place = bisect_right(self.groups, at, key=lambda seen: seen[0])
        return self.groups[max(place - 1, 0)][1] if self.groups else ""


class People:
    def __init__(self, known: Iterable[Person] = ()) -> None:
        self.by_key = {person.key: person for person in known}

    def of(self, key: str) -> Person:
        """The person behind an id."""
        person = self._named(key)
        for _link in range(MOST_LINKS):
            if not person.same_as or person.same_as == person.key:
                break
            person = self._named(person.same_as)
        return person

    def settled(self) -> set[str]:
        """The ids whose account is known."""
        return {key for key in list(self.by_key) if self.of(key).account}

    def _named(self, key: str) -> Person:
        if key not in self.by_key:
            self.by_key[key] = Person(key)
        return self.by_key[key]

    def link(self, earlier: str, key: str) -> None:
        """What is known of the earlier id is known of the person, where nothing newer is."""
        person, before = self.of(key), self._named(earlier)
        if before.key == person.key or before.same_as == person.key:
            return
        before.same_as, before.changed = person.key, True
        for at, account in before.groups:
            self._seen(person, account, at)
        for name, at_micros in before.told.items():
            news = {name: before.traits[name]} if name in before.traits else {}
            self._tell(person, news, at_micros)

    def seen(self, key: str, account: str, at: datetime) -> None:
        self._seen(self.of(key), account, at)

    def _seen(self, person: Person, account: str, at: datetime) -> None:
        if (at, account) not in person.groups:
            insort(person.groups, (at, account))
            person.changed = True

    def tell(self, key: str, traits: Mapping[str, Any], at: datetime) -> None:
        self._tell(self.of(key), traits, micros(at))

    def suggest(self, key: str, traits: Mapping[str, Any]) -> None:
        """Traits that hold only where nothing else was told of them."""
        person = self.of(key)
        self._tell(person, {n: v for n, v in traits.items() if n not in person.told}, 0)

    def _tell(self, person: Person, traits: Mapping[str, Any], at: int) -> None:
        if traits:
            person.traits, person.told = newest(person.traits, person.told, traits, at)
            person.changed = True
