"""Cells of the portfolio's rows. The components are the shared ones; what repeats is rendered once."""

from collections.abc import Iterable, Mapping
from datetime import date
from functools import lru_cache
from typing import Any

from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from accounts.templatetags.ui import day as day_text
from accounts.templatetags.ui import relative_day, shape

KEPT = 4096


def renewal(day: date, state: str, today: date) -> SafeString:
    return _renewal(get_language() or "", day, state, today)


@lru_cache(maxsize=KEPT)
def _renewal(language: str, day: date, state: str, today: date) -> SafeString:
    when, on = relative_day(day, today), day_text(day, today)
    if state == "overdue":
        first = format_html(
            '<span class="soon tone-bad">{}{}</span>', shape("triangle"), _("overdue")
        )
        return format_html('{}<span class="sub">{} · {}</span>', first, when, on)
    first = format_html("<span>{}</span>", when)
    if state == "near":
        first = format_html('<span class="soon tone-warn">{}{}</span>', shape("hourglass"), when)
    return format_html('{}<span class="sub">{}</span>', first, on)


def sort_head(label: str, css: str, url: str, state: str, *, descends: bool) -> SafeString:
    """What components/sort_header.html makes."""
    down = state == "descending" or (state == "none" and descends)
    return format_html(
        '<th scope="col" aria-sort="{}" class="{}"><a class="sort" href="{}">{}'
        '<svg class="shape" aria-hidden="true"><use href="#s-triangle{}"/></svg></a></th>',
        *(state, css, url, label, "-down" if down else ""),
    )


def days(count: int) -> str:
    return ngettext("%(n)s day", "%(n)s days", count) % {"n": count}


def menu_items(options: Iterable[Mapping[str, Any]]) -> SafeString:
    """The options of a menu, as components/filters.html makes them."""
    return mark_safe("".join(_menu_item(option) for option in options))  # noqa: S308  escaped below


def _menu_item(option: Mapping[str, Any]) -> str:
    current = ' aria-current="true"' if option["current"] else ""
    band, mark = option["band"], ""
    if band:
        mark = f'<span class="band tone-{escape(band.tone)}">{shape(band.shape)}</span>'
    label = escape(str(option["label"]))
    return f'<a class="menu-item" href="{escape(option["url"])}"{current}>{mark}{label}</a>'
