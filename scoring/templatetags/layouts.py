"""What an admin called the parts of an account's page."""

from django import template
from django.template import Context
from django.utils.translation import gettext_lazy as _lazy

from accounts.models import Account
from scoring.layouts import document_for, names
from scoring.pages.header import label

register = template.Library()

COMPANY = {
    "description": _lazy("What it does"),
    "industry": _lazy("Industry"),
    "employees": _lazy("Employees"),
    "funding": _lazy("Funding"),
    "location": _lazy("Location"),
    "website": _lazy("Website"),
    "linkedin": _lazy("LinkedIn"),
}


@register.simple_tag
def company_label(key: str) -> str:
    return str(COMPANY.get(key) or label(key))


@register.simple_tag(takes_context=True)
def widget_name(context: Context, account: Account, key: str, usual: str) -> str:
    """The page knows the names; a fragment that is answered alone asks for them."""
    known = context.get("names")
    if known is None:
        known = names(document_for(account.stage))
    found: str = known.get(key) or usual
    return found
