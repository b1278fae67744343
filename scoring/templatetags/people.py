"""The people of an account."""

from datetime import date

from django import template
from django.utils.safestring import SafeString

from scoring.pages import people_markup
from scoring.pages.people import ContactLine

register = template.Library()


@register.simple_tag
def contact_line(line: ContactLine, as_of: date | str) -> SafeString:
    return people_markup.line(line, as_of if isinstance(as_of, date) else None)
