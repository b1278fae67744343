"""The people of an account's page as one sheet that is sent whole: contacts and our team."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from accounts.models import Account, Contact, ContactStatus, TeamMember
from accounts.services.account_people import ContactFields

TEXTS = ("name", "email", "title", "phone", "role", "influence", "status")
NEW = "new"
BLANK = dict.fromkeys(TEXTS, "") | {"status": ContactStatus.ACTIVE.value}
ADDED, MEMBER = re.compile(r"contact-(new\d{1,2})-name"), re.compile(r"team-(\d{1,18})-role")
Given = Mapping[str, str]
Fields = list[tuple[str, str]]
"""What takes a change back, as hidden fields."""


@dataclass(slots=True)
class ContactRow:
    """`id` begins with "new" for a row that adds one; `dropped` says that it was added by mistake; `error`
    what is wrong with what was typed."""

    id: str
    values: dict[str, str]
    is_key: bool
    dropped: bool = False
    error: str = ""

    @property
    def new(self) -> bool:
        return self.id.startswith(NEW)

    @property
    def fields(self) -> ContactFields:
        values = self.values
        return ContactFields(
            name=values["name"],
            email=values["email"],
            title=values["title"],
            phone=values["phone"],
            role=values["role"],
            influence=values["influence"],
            status=values["status"],
            is_key=self.is_key,
        )

    @property
    def empty(self) -> bool:
        return not self.values["name"].strip() and not self.values["email"].strip()


@dataclass(slots=True)
class TeamRow:
    user_id: str
    name: str
    role: str


@dataclass(slots=True)
class PeopleSheet:
    contacts: list[ContactRow]
    team: list[TeamRow]
    new_user: str = ""
    new_role: str = ""
    error: str = ""


def sheet_of(contacts: Iterable[Contact], team: Iterable[TeamMember]) -> PeopleSheet:
    rows = [
        ContactRow(str(c.pk), {name: getattr(c, name) for name in TEXTS}, c.is_key)
        for c in contacts
    ]
    mine = [TeamRow(str(m.user_id), str(m.user), m.role) for m in team]
    return PeopleSheet([*rows, ContactRow(NEW, dict(BLANK), is_key=False)], mine)


def posted(sheet: PeopleSheet, data: Given) -> PeopleSheet:
    """The same sheet with what was sent; what was not sent stays. Several can be added at once, and
    who was taken off the team comes back, when a change is undone."""
    _with_unknown(sheet, data)
    for row in sheet.contacts:
        before = f"contact-{row.id}-"
        if f"{before}name" in data:
            row.values = {name: data.get(before + name, row.values[name]) for name in TEXTS}
            row.is_key = f"{before}key" in data
        row.dropped = not row.new and f"{before}drop" in data
    for member in sheet.team:
        member.role = data.get(f"team-{member.user_id}-role", member.role)
    sheet.new_user, sheet.new_role = data.get("team-new-user", ""), data.get("team-new-role", "")
    return sheet


def _with_unknown(sheet: PeopleSheet, data: Given) -> None:
    rows = {row.id for row in sheet.contacts}
    members = {member.user_id for member in sheet.team}
    for name in data:
        if (found := ADDED.fullmatch(name)) and found[1] not in rows:
            sheet.contacts.append(ContactRow(found[1], dict(BLANK), is_key=False))
        elif (found := MEMBER.fullmatch(name)) and found[1] not in members and data[name]:
            sheet.team.append(TeamRow(found[1], "", ""))


def undoing(before: PeopleSheet, after: PeopleSheet, added: Iterable[Contact]) -> Fields:
    """What takes the change from one sheet to the other back, and who was added to it."""
    told: Fields = []
    dropped = [row.id for row in after.contacts if row.dropped]
    for row in before.contacts:
        if not row.new:
            id_ = f"{NEW}{dropped.index(row.id)}" if row.id in dropped else row.id
            name_of = f"contact-{id_}"
            told += [(f"{name_of}-{name}", value) for name, value in row.values.items()]
            told += [(f"{name_of}-key", "1")] if row.is_key else []
    told += [(f"contact-{contact.pk}-drop", "1") for contact in added]
    told += [(f"team-{member.user_id}-role", member.role) for member in before.team]
    known = {member.user_id for member in before.team}
    if after.new_user and after.new_user not in known:
        told.append((f"team-{after.new_user}-role", ""))
    return told


COMPANY = ("description", "industry", "employees", "funding", "location", "website", "linkedin")
LONG = ("description",)


@dataclass(frozen=True, slots=True)
class CompanyFact:
    """`url` where the value is an address."""

    key: str
    value: str
    long: bool

    @property
    def url(self) -> str:
        return self.value if self.value.startswith(("https://", "http://")) else ""

    @property
    def host(self) -> str:
        """The address as people say it."""
        return self.value.partition("://")[2].removeprefix("www.").rstrip("/")


def company_facts(account: Account, *, empty: bool = False) -> list[CompanyFact]:
    """The usual ones first; with those that are not known, to be filled in."""
    known: Mapping[str, object] = account.company
    keys: Sequence[str] = [*COMPANY, *sorted(key for key in known if key not in COMPANY)]
    return [
        CompanyFact(key, text_of(known.get(key)), key in LONG)
        for key in keys
        if empty or known.get(key) not in (None, "")
    ]


def text_of(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, list):
        return ", ".join(str(part) for part in value)
    if isinstance(value, dict):
        return ", ".join(f"{name}: {part}" for name, part in value.items())
    return str(value)


def company_changes(account: Account, data: Given) -> dict[str, str]:
    """Only what is another text than before: a list that nobody touched stays a list."""
    return {
        fact.key: data[f"company-{fact.key}"]
        for fact in company_facts(account, empty=True)
        if data.get(f"company-{fact.key}", fact.value) != fact.value
    }
