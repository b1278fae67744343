"""The people of an account's page as one sheet that is sent whole: contacts and our team."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from accounts.models import Account, Contact, ContactStatus, TeamMember
from accounts.services.account_people import ContactFields

TEXTS = ("name", "email", "title", "role", "influence", "status")
NEW = "new"
BLANK = dict.fromkeys(TEXTS, "") | {"status": ContactStatus.ACTIVE.value}
Given = Mapping[str, str]
Fields = list[tuple[str, str]]
"""What takes a change back, as hidden fields."""


@dataclass(slots=True)
class ContactRow:
    """`id` is "new" for the row that adds one; `error` what is wrong with what was typed."""

    id: str
    values: dict[str, str]
    is_key: bool
    error: str = ""

    @property
    def fields(self) -> ContactFields:
        values = self.values
        return ContactFields(
            name=values["name"],
            email=values["email"],
            title=values["title"],
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
    """The same sheet with what was sent; what was not sent stays."""
    for row in sheet.contacts:
        before = f"contact-{row.id}-"
        if f"{before}name" in data:
            row.values = {name: data.get(before + name, row.values[name]) for name in TEXTS}
            row.is_key = f"{before}key" in data
    for member in sheet.team:
        member.role = data.get(f"team-{member.user_id}-role", member.role)
    sheet.new_user, sheet.new_role = data.get("team-new-user", ""), data.get("team-new-role", "")
    return sheet


def undoing(sheet: PeopleSheet) -> Fields:
    """Of the sheet as it was before a change."""
    told: Fields = []
    for row in sheet.contacts:
        if row.id != NEW:
            told += [(f"contact-{row.id}-{name}", value) for name, value in row.values.items()]
            told += [(f"contact-{row.id}-key", "1")] if row.is_key else []
    return [*told, *((f"team-{member.user_id}-role", member.role) for member in sheet.team)]


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
