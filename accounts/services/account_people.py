"""Who counts at an account and who of us works for it; what is known of the company."""

from collections.abc import Mapping
from typing import TypedDict, Unpack

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.errors import InvalidInput, Problem
from accounts.models import (
    Account,
    Contact,
    ContactStatus,
    Influence,
    Membership,
    TeamMember,
    TouchpointContact,
    User,
)

LONGEST = {"name": 200, "title": 200, "phone": 60, "role": 60}
LONGEST_FACT = 5000
MOST_FACTS = 50


class ContactFields(TypedDict, total=False):
    email: str
    name: str
    title: str
    phone: str
    role: str
    influence: str
    status: str
    is_key: bool


def add_contact(*, account: Account, by: User | None, **fields: Unpack[ContactFields]) -> Contact:
    """Raises InvalidInput."""
    given = _checked({"email": "", "name": "", **fields})
    contact = Contact(account=account, **given)
    _save(contact)
    return contact


def change_contact(
    *, contact: Contact, by: User | None, **fields: Unpack[ContactFields]
) -> Contact:
    """Only what is given; raises InvalidInput."""
    for name, value in _checked(fields).items():
        setattr(contact, name, value)
    _save(contact)
    return contact


def remove_contact(*, contact: Contact, by: User | None) -> None:
    """One that was added by mistake. Raises InvalidInput where a touchpoint names it."""
    if TouchpointContact.objects.filter(contact_id=contact.pk).exists():
        told = _("Touchpoints name this person. Say that they left instead.")
        raise InvalidInput.at("name", told)
    contact.delete()


def _save(contact: Contact) -> None:
    try:
        with transaction.atomic():
            contact.save()
    except IntegrityError as error:
        taken = _("Another contact of the account has this address.")
        raise InvalidInput.at("email", taken) from error


def _checked(fields: ContactFields) -> ContactFields:
    given = fields.copy()
    problems = []
    if "email" in given:
        given["email"] = given["email"].strip().lower()
        try:
            validate_email(given["email"])
        except ValidationError:
            problems.append(Problem("email", _("This is no e-mail address.")))
    if "name" in given:
        given["name"] = " ".join(given["name"].split())
        if not given["name"]:
            problems.append(Problem("name", _("Say who it is.")))
    for name, longest in LONGEST.items():
        if len(str(given.get(name, ""))) > longest:
            problems.append(Problem(name, _("At most %(n)d characters.") % {"n": longest}))
    if given.get("influence", "") not in {"", *Influence.values}:
        problems.append(Problem("influence", _("Choose one of these.")))
    if given.get("status", ContactStatus.ACTIVE) not in ContactStatus.values:
        problems.append(Problem("status", _("Choose one of these.")))
    if problems:
        raise InvalidInput(problems)
    return given


def set_team_role(*, account: Account, user_id: int, role: str, by: User | None) -> None:
    """An empty role takes the person off the team. Raises InvalidInput."""
    role = " ".join(role.split())
    mine = TeamMember.objects.filter(account=account, user_id=user_id)
    if not role:
        mine.delete()
        return
    if len(role) > LONGEST["role"]:
        raise InvalidInput.at("role", _("At most %(n)d characters.") % {"n": LONGEST["role"]})
    if not Membership.objects.filter(user_id=user_id).exists():
        raise InvalidInput.at("user", _("Nobody of this workspace is called that."))
    TeamMember.objects.update_or_create(account=account, user_id=user_id, defaults={"role": role})


@transaction.atomic
def set_company(*, account: Account, facts: Mapping[str, str], by: User | None) -> Account:
    """Those that are given; an empty text takes one away. Raises InvalidInput."""
    found: Account = Account.objects.select_for_update(no_key=True).get(pk=account.pk)
    told = {name.strip(): " ".join(text.split()) for name, text in facts.items()}
    too_long = [name for name, text in told.items() if len(text) > LONGEST_FACT]
    if too_long:
        raise InvalidInput([Problem(name, _("This is too long.")) for name in too_long])
    company = {**found.company, **told}
    found.company = {name: value for name, value in company.items() if value not in ("", None)}
    if len(found.company) > MOST_FACTS:
        raise InvalidInput.at("company", _("At most %(n)d facts.") % {"n": MOST_FACTS})
    found.save(update_fields=["company"])
    account.company = found.company
    return account
