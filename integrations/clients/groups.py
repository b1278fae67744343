"""What `group` tells of an account: fields of ours where one is clearly named, else attributes."""

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from accounts.inputs import AccountRow
from accounts.models import Workspace
from accounts.money import to_minor
from integrations.clients.messages import Traits
from integrations.clients.reading import moment_of

LONGEST_NAME = 200
LONGEST_WORD = 60
LONGEST_TEXT = 1000
LONGEST_ATTRIBUTE = 100
MOST_SEATS = 1_000_000_000
LARGEST_NUMBER = 2**53
FIELD, ATTRIBUTE = "field:", "attribute:"

FIELDS = {
    "name": "name",
    "createdAt": "created_on",
    "created_at": "created_on",
    "created_on": "created_on",
    "contractValue": "contract_value",
    "contract_value": "contract_value",
    "renewalOn": "renewal_on",
    "renewal_on": "renewal_on",
    "seats": "seats",
    "stage": "stage",
    "status": "status",
}
"""A trait of this name is the field, if its value can be one; otherwise it is an attribute."""


def told_of(traits: Mapping[str, Any], workspace: Workspace) -> Traits:
    """What is told, by `field:` or `attribute:` and its name; null takes an attribute away."""
    told: Traits = {}
    for name, value in traits.items():
        field = FIELDS.get(name)
        read = READERS[field](value, workspace) if field else None
        if read is not None:
            told[f"{FIELD}{field}"] = read
        else:
            told.update({f"{ATTRIBUTE}{n}": item for n, item in _attributes(name, value)})
    return told


def row_of(key: str, told: Mapping[str, Any]) -> AccountRow:
    fields = {n.removeprefix(FIELD): v for n, v in told.items() if n.startswith(FIELD)}
    attributes = {n.removeprefix(ATTRIBUTE): v for n, v in told.items() if n.startswith(ATTRIBUTE)}
    if attributes:
        fields["attributes"] = attributes
    return AccountRow(key=key, **fields)


def _attributes(name: str, value: object) -> Iterator[tuple[str, object]]:
    """Attributes are flat: what lies deeper is named `address.city`, lists become a text."""
    name = name.strip()
    if isinstance(value, Mapping):
        for inner, item in value.items():
            yield from _attributes(f"{name}.{inner}", item)
    elif name:
        yield name[:LONGEST_ATTRIBUTE], _flat(value)


def _flat(value: object) -> object:
    if isinstance(value, list):
        if all(isinstance(item, (str, int, float)) for item in value):
            value = ", ".join(map(str, value))
        else:
            value = json.dumps(value, ensure_ascii=False)
    if isinstance(value, str):
        return value[:LONGEST_TEXT]
    if isinstance(value, int) and abs(value) > LARGEST_NUMBER:
        return float(value)
    return value


def _name(value: object, workspace: Workspace) -> str | None:
    return _words(value, LONGEST_NAME)


def _word(value: object, workspace: Workspace) -> str | None:
    return _words(value, LONGEST_WORD)


def _words(value: object, limit: int) -> str | None:
    if not isinstance(value, str):
        return None
    printable = "".join(c if c.isprintable() else " " for c in value)
    return " ".join(printable.split())[:limit].strip() or None


def _day(value: object, workspace: Workspace) -> date | None:
    try:
        return date.fromisoformat(value) if isinstance(value, str) else _day_of(value, workspace)
    except ValueError:
        return _day_of(value, workspace)


def _day_of(value: object, workspace: Workspace) -> date | None:
    moment = moment_of(value)
    try:
        return workspace.day_of(moment) if moment else None
    except OverflowError:
        return None


def _amount(value: object, workspace: Workspace) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    try:
        amount = Decimal(str(value))
        to_minor(amount, workspace.currency)
    except (ValueError, InvalidOperation):
        return None
    return amount


def _number(value: object, workspace: Workspace) -> int | None:
    right = isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MOST_SEATS
    return value if right and isinstance(value, int) else None


READERS: dict[str, Callable[[object, Workspace], Any]] = {
    "name": _name,
    "created_on": _day,
    "contract_value": _amount,
    "renewal_on": _day,
    "seats": _number,
    "stage": _word,
    "status": _word,
}
