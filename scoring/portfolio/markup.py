"""Cells of the portfolio's rows. The components are the shared ones; what repeats is rendered once."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import Any

from django.template.loader import render_to_string
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from accounts.templatetags.ui import day as day_text
from accounts.templatetags.ui import relative_day, shape
from scoring.bands import BandLook
from scoring.engine.fixed import SCALE, divide_half_up, shown
from scoring.templatetags import health

KEPT = 4096


def band(look: BandLook, score: int | None, *, provisional: bool, word: bool = True) -> SafeString:
    whole = None if score is None else shown(score)
    language = get_language() or ""
    return _band(
        language, look.key, str(look.label), look.shape, look.tone, whole, provisional, word
    )


@lru_cache(maxsize=KEPT)
def _band(
    language: str,
    key: str,
    label: str,
    shape: str,
    tone: str,
    whole: int | None,
    provisional: bool,
    word: bool,
) -> SafeString:
    fixed = None if whole is None else whole * SCALE
    told = health.band(BandLook(key, label, shape, tone), fixed, provisional=provisional, word=word)
    return render_to_string("components/band.html", told)


def delta(change: int) -> SafeString:
    return _delta(get_language() or "", int(divide_half_up(change, SCALE)))


@lru_cache(maxsize=KEPT)
def _delta(language: str, whole: int) -> SafeString:
    return render_to_string("components/delta.html", health.delta(whole * SCALE))


def sparkline(values: Sequence[int | None], tone: str) -> SafeString:
    return _sparkline(get_language() or "", tuple(values), tone)


@lru_cache(maxsize=KEPT)
def _sparkline(_language: str, values: tuple[int | None, ...], tone: str) -> SafeString:
    """What components/sparkline.html draws, without its cost for each of the rows."""
    told = health.sparkline(values, tone=tone)
    drawn = told["spark"]
    parts = [f'<polyline points="{line}"/>' for line in drawn.lines]
    parts += [f'<circle cx="{p.x:g}" cy="{p.y:g}" r="1.5"/>' for p in drawn.lone]
    if drawn.end is not None:
        parts.append(f'<circle cx="{drawn.end.x:g}" cy="{drawn.end.y:g}" r="2.3"/>')
    width, height = drawn.width, drawn.height
    return mark_safe(  # noqa: S308  numbers, and the two that are escaped
        f'<svg class="spark tone-{escape(tone)}" viewBox="0 0 {width} {height}" width="{width}" '
        f'height="{height}" role="img" aria-label="{escape(told["label"])}">{"".join(parts)}</svg>'
    )


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
