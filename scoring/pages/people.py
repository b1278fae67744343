"""Who counts at an account, in the order in which they are shown."""

from collections.abc import Iterable

from accounts.models import Contact


def sorted_contacts(contacts: Iterable[Contact]) -> list[Contact]:
    """Key contacts first, those who are gone last; a champion who is gone is not to be missed."""
    return sorted(contacts, key=lambda c: (not c.missed, c.departed, not c.is_key, c.name.lower()))
