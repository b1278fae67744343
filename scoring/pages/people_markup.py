"""The line of a contact as HTML: an account has dozens of them."""

from collections.abc import Iterator, Mapping
from datetime import date
from functools import lru_cache
from urllib.parse import quote

from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.models import Contact, Influence
from accounts.templatetags.ui import relative_day
from scoring.markup import joined, pill, safe
from scoring.pages.people import ContactLine

Words = Mapping[str, str]


def line(told: ContactLine, as_of: date | None) -> SafeString:
    contact, words = told.contact, _words(get_language() or "")
    return joined(
        (
            '<li class="departed"><div>' if contact.departed else "<li><div>",
            safe(contact.name),
            f" {pill(words['key'], 'accent', 'star')}" if contact.is_key else "",
            '</div><span class="contact-marks">',
            *_marks(contact, words),
            '</span>\n<div class="sub">',
            *_reached(contact),
            _met(told, words, as_of),
            "</div></li>",
        )
    )


@lru_cache(maxsize=16)
def _words(language: str) -> Words:
    """In a language; those of the influences by their keys."""
    return {
        "key": _("key contact"),
        "gone": _("%(who)s left"),
        "left": _("left"),
        "met": _("last in touch %(day)s"),
        "unmet": _("not in touch yet"),
        **{f"as {value}": str(label) for value, label in Influence.choices},
    }


def _marks(contact: Contact, words: Words) -> Iterator[str]:
    influence = words.get(f"as {contact.influence}", contact.influence)
    if contact.missed:
        yield pill(words["gone"] % {"who": influence}, "bad", "cross")
        return
    if influence:
        yield pill(influence)
    if contact.departed:
        yield f" {pill(words['left'], 'warn')}"


def _reached(contact: Contact) -> Iterator[str]:
    known = [safe(text) for text in (contact.title, contact.role) if text]
    if known:
        yield f"{' · '.join(known)}<br>"
    email = safe(contact.email)
    yield f'<a href="mailto:{email}">{email}</a>'
    if contact.phone:
        number = safe(quote(contact.phone, safe="+"))
        yield f' · <a class="nowrap" href="tel:{number}">{safe(contact.phone)}</a>'
    yield "<br>"


def _met(told: ContactLine, words: Words, as_of: date | None) -> str:
    if told.met_on:
        return safe(words["met"] % {"day": relative_day(told.met_on, as_of)})
    unmet = safe(words["unmet"])
    missed = told.contact.is_key and not told.contact.departed
    return f'<span class="missing">{unmet}</span>' if missed else unmet
