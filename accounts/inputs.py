"""What may be told about accounts, as the API and the importers decode it."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

Key = Annotated[str, Meta(min_length=1, max_length=200)]
Name = Annotated[str, Meta(min_length=1, max_length=200)]
Word = Annotated[str, Meta(max_length=60)]
Text = Annotated[str, Meta(max_length=5000)]
TagName = Annotated[str, Meta(min_length=1, max_length=60)]
Email = Annotated[str, Meta(max_length=254)]
Number = Annotated[int, Meta(ge=-(2**53), le=2**53)] | float
Seats = Annotated[int, Meta(ge=0, le=1_000_000_000)]
Amount = Annotated[Decimal, Meta(extra_json_schema={"type": ["number", "string", "null"]})]
AttributeName = Annotated[str, Meta(min_length=1, max_length=100)]
Attributes = Annotated[
    dict[AttributeName, Annotated[str, Meta(max_length=1000)] | bool | Number | None],
    Meta(max_length=200),
]
CompanyValue = Text | bool | Number | list[Text] | dict[AttributeName, Text | Number | None] | None
Company = Annotated[dict[AttributeName, CompanyValue], Meta(max_length=50)]


InfluenceKey = Literal["", "decision_maker", "champion", "influencer", "user"]


class ContactRow(msgspec.Struct, forbid_unknown_fields=True, kw_only=True, frozen=True):
    email: Email
    name: Name
    title: Annotated[str, Meta(max_length=200)] | UnsetType | None = UNSET
    phone: Word | UnsetType | None = UNSET
    role: Word | UnsetType | None = UNSET
    influence: InfluenceKey | UnsetType | None = UNSET
    status: Literal["active", "departed"] | UnsetType = UNSET
    is_key: bool | UnsetType = UNSET


class TeamRow(msgspec.Struct, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """Who of the workspace works for the account; null or an empty role takes them off the team."""

    user: Email
    role: Word | None


class AccountRow(msgspec.Struct, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """An account as far as it is told; what is left out stays as it is.

    Null empties a field. `attributes` and `company` are merged: given names replace, null removes,
    the others stay. `contacts` and the `team` are added or changed by e-mail, nobody is removed.
    `tags` are exactly those told.
    """

    key: Key
    name: Name | UnsetType = UNSET
    stage: Word | UnsetType | None = UNSET
    status: Annotated[str, Meta(min_length=1, max_length=60)] | UnsetType = UNSET
    owner: Email | UnsetType | None = UNSET
    contract_value: Amount | UnsetType | None = UNSET
    currency: Annotated[str, Meta(pattern="^[A-Z]{3}$")] | UnsetType = UNSET
    created_on: date | UnsetType | None = UNSET
    renewal_on: date | UnsetType | None = UNSET
    seats: Seats | UnsetType | None = UNSET
    parent: Key | UnsetType | None = UNSET
    attributes: Attributes | UnsetType = UNSET
    company: Company | UnsetType = UNSET
    contacts: Annotated[list[ContactRow], Meta(max_length=200)] | UnsetType = UNSET
    team: Annotated[list[TeamRow], Meta(max_length=50)] | UnsetType = UNSET
    tags: Annotated[list[TagName], Meta(max_length=50)] | UnsetType = UNSET


class SeatRow(msgspec.Struct, forbid_unknown_fields=True, kw_only=True, frozen=True):
    account: Key
    seats: Seats
    from_: date = msgspec.field(name="from")


Given = dict[str, Any]


def given(row: msgspec.Struct) -> Given:
    """The fields that were told."""
    values = msgspec.structs.asdict(row)
    return {name: value for name, value in values.items() if value is not UNSET}
