"""What an admin called the parts of an account's page."""

from django import template
from django.template import Context

from accounts.models import Account
from scoring.layouts import document_for, names

register = template.Library()


@register.simple_tag(takes_context=True)
def widget_name(context: Context, account: Account, key: str, usual: str) -> str:
    """The page knows the names; a fragment that is answered alone asks for them."""
    known = context.get("names")
    if known is None:
        known = names(document_for(account.stage))
    found: str = known.get(key) or usual
    return found
