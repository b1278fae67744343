"""Who counts at an account, in the order in which they are shown, and when we last met them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from accounts.models import Account, Contact, Touchpoint, TouchpointContact


@dataclass(frozen=True, slots=True)
class ContactLine:
    """`met_on` is the day of the last touchpoint that names the contact."""

    contact: Contact
    met_on: date | None


def sorted_contacts(contacts: Iterable[Contact]) -> list[Contact]:
    """Key contacts first, those who are gone last; a champion who is gone is not to be missed."""
    return sorted(contacts, key=lambda c: (not c.missed, c.departed, not c.is_key, c.name.lower()))


def contact_lines(
    contacts: Iterable[Contact],
    touchpoints: Iterable[Touchpoint],
    taken_part: Iterable[TouchpointContact],
) -> list[ContactLine]:
    days = {touchpoint.pk: touchpoint.happened_on for touchpoint in touchpoints}
    met: dict[int, date] = {}
    for link in taken_part:
        day = days.get(link.touchpoint_id)
        if day is not None:
            met[link.contact_id] = max(day, met.get(link.contact_id, day))
    return [ContactLine(contact, met.get(contact.pk)) for contact in sorted_contacts(contacts)]


def read_contacts(account: Account) -> list[ContactLine]:
    touchpoints = Touchpoint.objects.kept().filter(account=account)
    return contact_lines(
        Contact.objects.for_account(account),
        touchpoints.only("happened_on"),
        TouchpointContact.objects.filter(touchpoint_id__in=touchpoints.values("pk")),
    )
