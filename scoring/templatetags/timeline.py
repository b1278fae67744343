"""The entries of a timeline, and who can be chosen for one."""

from django import template
from django.forms import BoundField
from django.template import Context
from django.utils.html import conditional_escape as safe
from django.utils.safestring import SafeString

from accounts.models import Account
from scoring.markup import joined
from scoring.pages import entry_markup
from scoring.timeline.entries import Entry

register = template.Library()


@register.simple_tag(takes_context=True)
def timeline_entry(context: Context, entry: Entry, account: Account) -> SafeString:
    """Of the page: `today`, and whether it shows the `past` or an `answer` to a change in place."""
    around = entry_markup.Around(
        slug=context["workspace"].slug,
        key=account.key,
        today=context.get("today") or None,
        can_edit=bool(context["membership"].can_score and not context.get("past")),
        answer=bool(context.get("answer")),
    )
    return entry_markup.entry(entry, around)


@register.simple_tag
def chips(field: BoundField) -> SafeString:
    """A box for each choice: of the dozens of people at an account some took part."""
    chosen = {str(value) for value in field.value() or ()}
    name, own_id = safe(field.html_name), safe(field.auto_id)
    return joined(
        f'<label class="chip"><input type="checkbox" name="{name}" value="{safe(value)}"'
        f' id="{own_id}_{n}"{" checked" if str(value) in chosen else ""}>{safe(label)}</label>'
        for n, (value, label) in enumerate(field.field.choices)  # type: ignore[attr-defined]
    )
